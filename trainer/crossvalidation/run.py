"""All folds of all seeds, each photo answered once a seed by a network that never saw its patient."""

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor
from torch.multiprocessing import get_context

from inference.manifest import ContextVocabulary
from inference.preprocess import whole_image
from trainer.crossvalidation.fold import Fold, Material, fit_fold
from trainer.crossvalidation.frozen import frozen, maps_of
from trainer.disease.examples import DiseaseExamples
from trainer.errors import BadData, TrainingError
from trainer.evaluation.answers import Answers
from trainer.evaluation.scored import Scored
from trainer.evaluation.subgroups import subgroups_of
from trainer.fitting.machine import prepare
from trainer.fitting.recipe import Recipe, pretrained_tail
from trainer.networks.opening import open_backbone
from trainer.photos.photo import LabelledPhoto, Split
from trainer.photos.split import folds
from trainer.reading import read_picture
from trainer.tasks import MALIGNANT

TUNE_SHARE = 0.1
_NO_CONTEXT = ContextVocabulary(sex=("F", "M"), age_bands=(), body_sites=())


class OverTime(TrainingError):
    """The fits took longer than they were given."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How to fit: the backbone's last `blocks` stages and the head for `epochs`, on `passes` drawn passes of the rest.

    `image_size` in pixels; `folds` at least 2; `workers` processes of one thread each.
    """

    backbone: str
    blocks: int = 5
    epochs: int = 16
    passes: int = 16
    image_size: int = 224
    folds: int = 5
    seeds: tuple[int, ...] = (0, 1, 2)
    workers: int = 1

    def recipe(self, seed: int) -> Recipe:
        """The recipe of one fit: what `fit` does with a pretrained backbone, but that the passes are drawn already."""
        return pretrained_tail(self.epochs, self.blocks, passes=0, threads=1, seed=seed)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One fit: its seed, its number within it, and the side of each photo of the material.

    Photos with the diagnosis `left_out` are on none: the network is asked about them as about strangers.
    """

    seed: int
    number: int
    sides: tuple[Split | None, ...]
    left_out: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """One seed's answers to all photos, in the material's order."""

    alone: Scored
    told: Scored


def choices_of(options: argparse.Namespace) -> Choices:
    """From options to values."""
    names = [field.name for field in fields(Choices)]
    return Choices(**{name: getattr(options, name) for name in names})


def material_of(photos: Sequence[LabelledPhoto], choices: Choices) -> Material:
    """Read the photos and run the frozen part over them. Raises BadWeights, BadData."""
    labels = tuple(sorted({photo.diagnosis for photo in photos if photo.diagnosis}))
    if len(labels) < 2:
        raise BadData("photos of at least two diagnoses are needed")
    backbone = open_backbone(choices.backbone)
    cut = max(0, len(backbone.stages) - choices.blocks)
    machine = prepare(choices.recipe(0))
    machine.settle(backbone)
    examples = DiseaseExamples(photos, labels, _NO_CONTEXT, choices.image_size)
    features = frozen(backbone, cut, examples, choices.passes, machine)
    malignant = tuple(label for label in labels if label in MALIGNANT)
    return Material(tuple(photos), labels, malignant, features, backbone, cut)


def strangers_of(pictures: Sequence[Path], material: Material, choices: Choices) -> Tensor:
    """Maps at the cut of pictures of other things, [M, C, h, w]."""
    arrays = [whole_image(read_picture(path.read_bytes(), path.name), choices.image_size) for path in pictures]
    machine = prepare(choices.recipe(0))
    return maps_of(material.backbone, material.cut, torch.from_numpy(np.stack(arrays)), machine)


def fits_of(photos: Sequence[LabelledPhoto], choices: Choices) -> list[Fit]:
    """Every fold of every seed; patients are dealt anew for each seed."""
    return [
        Fit(seed, number, tuple(photo.split for photo in fold))
        for seed in choices.seeds
        for number, fold in enumerate(folds(photos, choices.folds, seed, wanted="diagnosis", tune_share=TUNE_SHARE))
    ]


def without(fit: Fit, label: str, material: Material) -> Fit:
    """The same fit, with the photos of one label as strangers."""
    sides = (None if photo.diagnosis == label else side for photo, side in zip(material.photos, fit.sides, strict=True))
    return replace(fit, sides=tuple(sides), left_out=label)


@dataclass(frozen=True, slots=True)
class Bound:
    """Until when (of `time.monotonic`) fits may begin, and who is told of each that is done."""

    ends: float
    console: Console


def fitted(
    material: Material, fits: Sequence[Fit], choices: Choices, bound: Bound, strangers: Tensor | None = None
) -> list[tuple[Fit, Fold]]:
    """Do the fits, several at a time where there are workers; they are given in order.

    Strangers are the pictures given, of a fit that leaves a label out the photos of that label. Raises OverTime where
    the time is used up before the last one is done; those that have not begun are not begun then.
    """
    done: list[tuple[Fit, Fold]] = []
    pool = ProcessPoolExecutor(choices.workers, get_context("spawn"), _take, (material, choices, strangers))
    try:
        for fit, fold in zip(fits, pool.map(_fit, fits), strict=True):
            done.append((fit, fold))
            what = f", without {fit.left_out}" if fit.left_out else ""
            bound.console.print(f"seed {fit.seed}, fold {fit.number}{what}: fitted", highlight=False)
            if time.monotonic() > bound.ends and len(done) < len(fits):
                raise OverTime(f"the time was used up after {len(done)} fits; give more --minutes, or fewer --seeds")
    finally:
        pool.shutdown(cancel_futures=True)
    return done


def answered(material: Material, done: Sequence[tuple[Fit, Fold]], seed: int) -> Answered:
    """What the folds of one seed said, put together."""
    of_seed = [fold for fit, fold in done if fit.seed == seed]
    return Answered(
        scored(material, of_seed, [fold.alone for fold in of_seed]),
        scored(material, of_seed, [fold.told for fold in of_seed]),
    )


def scored(material: Material, of_seed: Sequence[Fold], parts: Sequence[Answers]) -> Scored:
    """Answers of folds to their own photos, put together in the material's order."""
    rows = np.concatenate([fold.rows for fold in of_seed])
    back = np.argsort(rows)
    photos = [material.photos[row] for row in rows[back]]
    unlikeness = [part.unlikeness for part in parts if part.unlikeness is not None]
    return Scored(
        material.labels,
        np.concatenate([part.probabilities for part in parts])[back],
        np.array([material.labels.index(photo.diagnosis or "") for photo in photos]),
        tuple(photo.patient_id for photo in photos),
        tuple(photo.name for photo in photos),
        subgroups_of(photos),
        np.concatenate(unlikeness)[back],
    )


_shared: dict[str, tuple[Material, Choices, Tensor | None]] = {}


def _take(material: Material, choices: Choices, strangers: Tensor | None) -> None:
    torch.set_num_threads(1)
    _shared["given"] = material, choices, strangers


def _fit(fit: Fit) -> Fold:
    material, choices, strangers = _shared["given"]
    if fit.left_out is not None:
        rows = [row for row, photo in enumerate(material.photos) if photo.diagnosis == fit.left_out]
        strangers = material.features.plain[rows]
    return fit_fold(material, fit.sides, choices.recipe(fit.seed * choices.folds + fit.number), strangers)
