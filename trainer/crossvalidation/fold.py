"""One fold: a disease network fitted behind the cut to some patients, asked about others that it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainer.crossvalidation.frozen import Frozen, FrozenExamples
from trainer.disease.assignment import dearer
from trainer.disease.context import vocabulary_of
from trainer.evaluation.answers import Answers
from trainer.evaluation.temperature import likeliest_temperature
from trainer.fitting.examples import Batch
from trainer.fitting.loop import fit
from trainer.fitting.machine import prepare, seed_for
from trainer.fitting.predict import answers, predict
from trainer.fitting.recipe import Recipe
from trainer.fitting.task import FittingTask
from trainer.fitting.watching import Silent
from trainer.metrics import softmax
from trainer.networks.backbone import Backbone
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.tail import Tail
from trainer.networks.unlikeness import Unlikeness
from trainer.photos.photo import LabelledPhoto, Split

_BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What all folds and seeds share: the photos, what the frozen part says of them, and the stages behind the cut."""

    photos: tuple[LabelledPhoto, ...]
    labels: tuple[str, ...]
    malignant: tuple[str, ...]
    features: Frozen
    backbone: Backbone
    cut: int


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """What a fold answers: to its own test photos (`rows` within the material) and to strangers, where there are any.

    `alone` from the picture alone, `told` with what is known of the patient.
    """

    rows: tuple[int, ...]
    alone: Answers
    told: Answers
    strangers: Answers | None


def fit_fold(
    material: Material, sides: Sequence[Split | None], recipe: Recipe, strangers: Tensor | None = None
) -> Fold:
    """Fit on the train side, calibrate on the val side, answer the test side; `sides` [N] are the material's photos'.

    Photos of no side have no part in it.
    `strangers` [M, C, h, w] are maps at the cut of pictures of other things.
    """
    trained = [photo for photo, side in zip(material.photos, sides, strict=True) if side == "train"]
    vocabulary = vocabulary_of(trained)

    def of_side(wanted: Split) -> FrozenExamples:
        rows = _rows(sides, wanted)
        photos = [material.photos[row] for row in rows]
        return FrozenExamples(material.features, rows, photos, material.labels, vocabulary)

    train, tune, test = of_side("train"), of_side("val"), of_side("test")
    prepare(recipe)
    seed_for(recipe, 0)
    tail = Tail(material.backbone, material.cut)
    evidence = torch.from_numpy(train.evidence())
    network = DiseaseNetwork(tail, len(material.labels), vocabulary.width, evidence=evidence)
    fit(FittingTask(network, train, tune, recipe, is_part=True), Silent())
    asked = _Asked(network, train, tune, _priors(material, train))
    return Fold(
        rows=tuple(_rows(sides, "test")),
        alone=asked.of(list(test.in_order(_BATCH))),
        told=asked.of(list(test.with_context(_BATCH))),
        strangers=None if strangers is None else asked.of(_without_context(strangers, vocabulary.width)),
    )


class _Asked:
    """A fitted network as it would be served: calibrated, rare malignant labels dearer, unlikeness told."""

    def __init__(
        self, network: DiseaseNetwork, train: FrozenExamples, tune: FrozenExamples, priors: tuple[float, ...]
    ) -> None:
        self._network, self._log_priors = network, np.log(priors)
        self._temperature = likeliest_temperature(predict(network, tune.in_order(_BATCH)).numpy(), tune.targets.numpy())
        known, others = (self._pooled(list(side.in_order(_BATCH))) for side in (train, tune))
        self._unlikeness = Unlikeness(known, others)

    def of(self, batches: list[Batch]) -> Answers:
        logits = predict(self._network, batches).numpy()
        probabilities = softmax(logits / self._temperature + self._log_priors, 1.0)
        with torch.no_grad():
            unlikeness = self._unlikeness(self._pooled(batches)).numpy()
        return Answers(probabilities.astype(np.float64), unlikeness.astype(np.float64))

    def _pooled(self, batches: list[Batch]) -> Tensor:
        return answers(self._network, lambda maps, _: self._network.pooled(maps), batches)


def _priors(material: Material, train: FrozenExamples) -> tuple[float, ...]:
    counts = np.bincount(train.targets.numpy(), minlength=len(material.labels)).tolist()
    return dearer(material.labels, material.malignant, dict(zip(material.labels, counts, strict=True)))


def _without_context(maps: Tensor, width: int) -> list[Batch]:
    return [
        ((part.float(), torch.zeros((len(part), width))), torch.zeros(len(part))) for part in torch.split(maps, _BATCH)
    ]


def _rows(sides: Sequence[Split | None], wanted: Split) -> list[int]:
    return [row for row, side in enumerate(sides) if side == wanted]
