"""`dermgate-train cross-validate`: what a disease model made of these photos would reach, before one is handed over."""

import argparse
import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from trainer.arguments import positive
from trainer.errors import BadData, TrainingError
from trainer.evaluation.display import in_words
from trainer.fitting.durable import write_text
from trainer.metrics import Estimate
from trainer.photos.dataset import Plan
from trainer.photos.reading import read_photos
from trainer.tasks import DECIDED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("photos", type=Path, metavar="DIR", help="a folder per class, or the CSV's photos")
    parser.add_argument("--labels", type=Path, metavar="CSV", help="labels; without it a folder per class is expected")
    parser.add_argument("--backbone", required=True, metavar="WEIGHTS", help="pretrained, as `fit` takes it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number for programs")
    add_choices(parser)


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Declare how is fitted, for every command that cross-validates."""
    parser.add_argument(
        "--blocks", type=positive, default=5, metavar="N", help="of the backbone that learn (default 5)"
    )
    parser.add_argument("--epochs", type=positive, default=16, metavar="N", help="of each fit (default 16)")
    parser.add_argument("--passes", type=positive, default=16, metavar="N", help="drawn over all photos (default 16)")
    parser.add_argument("--image-size", type=positive, default=224, metavar="PIXELS", help="default 224")
    parser.add_argument("--folds", type=positive, default=5, metavar="K", help="default 5")
    parser.add_argument("--seeds", type=_numbers, default=(0, 1, 2), metavar="A,B", help="default 0,1,2")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="fits at a time, one thread each")
    parser.add_argument("--minutes", type=float, default=60.0, metavar="M", help="give up after (default 60)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit every fold of every seed and print what they say of photos of patients they never saw.

    Raises TrainingError.
    """
    # Fitting needs torch, which comes with the extra `train`; the rest of the command does without.
    try:
        from trainer.crossvalidation import numbers  # noqa: PLC0415
        from trainer.crossvalidation import run as crossing  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise TrainingError(f"{error.name} is missing: install dermgate with the extra 'train' to fit") from error
    if options.folds < 2:
        raise BadData("cross-validation needs two folds or more")
    dataset = read_photos(options.photos, options.labels, Plan(wanted="diagnosis"))
    photos = dataset.photos
    for one in dataset.left_out:
        console.print(f"left out: {one.name}: {one.why}", markup=False, highlight=False, soft_wrap=True)
    choices = crossing.choices_of(options)
    ends = time.monotonic() + 60 * options.minutes
    material = crossing.material_of(photos, choices)
    done = crossing.fitted(material, crossing.fits_of(photos, choices), choices, crossing.Bound(ends, console))
    seeds = [crossing.answered(material, done, seed) for seed in choices.seeds]
    wanted = numbers.measures(material.labels, material.malignant, DECIDED)
    alone = numbers.over_seeds([one.alone for one in seeds], wanted)
    told = numbers.over_seeds([one.told for one in seeds], wanted)
    console.print(table(alone, told, f"{len(photos)} photos, {options.folds} folds, seeds {_said(choices.seeds)}"))
    if options.json is not None:
        write_text(options.json, json.dumps(_record(alone, told), indent=2) + "\n")
    return 0


def table(alone: Mapping[str, Estimate], told: Mapping[str, Estimate], title: str) -> Table:
    """Every number from the picture alone and with what is known of the patient."""
    shown = Table(title=title)
    for heading in ("number", "picture alone", "with sex, age, site", "photos"):
        shown.add_column(heading, overflow="fold")
    for name, estimate in alone.items():
        shown.add_row(name, in_words(estimate), in_words(told[name]), str(estimate.n))
    return shown


def _record(alone: Mapping[str, Estimate], told: Mapping[str, Estimate]) -> dict[str, Any]:
    return {
        way: {name: _finite(asdict(one)) for name, one in found.items()}
        for way, found in (("picture_alone", alone), ("with_context", told))
    }


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    numbers = tuple(int(part) for part in parts if part.isascii() and part.isdigit())
    if len(numbers) < len(parts) or len(set(numbers)) < len(numbers):
        raise argparse.ArgumentTypeError("must be whole numbers of at least 0, each once, parted by commas")
    return numbers


def _said(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))
