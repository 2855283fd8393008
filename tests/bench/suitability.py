"""The suitability rows of "what to reach", on faults and scenes of families that the models never saw.

    python -m tests.bench.suitability --data DIR [--weights FILE.pth] [--negatives DIR] [--cache DIR] [--seeds 0,1,2]

DIR holds skin-train and skin-real. One model for each seed is fitted on the train side of skin-train, with faults of
the families a and b and scenes of field and relief; the seeds see the same examples. Each is then asked about patients
it never saw, with faults of family c and scenes of anatomy, and about the photos of skin-real as they are. Intervals:
95 % bootstrap over patients of the seeds' mean; each seed's own number stands beside it. Both exposures count as one.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from inference.rules import REASON_CODES, SUITABILITY_LABELS, USABLE
from trainer.evaluation.scored import Probabilities
from trainer.fitting.display import Display
from trainer.fitting.loop import fit
from trainer.fitting.machine import prepare, seed_for
from trainer.fitting.predict import predict
from trainer.fitting.recipe import Recipe, from_scratch, pretrained
from trainer.fitting.task import FittingTask
from trainer.metrics import softmax
from trainer.networks.opening import open_backbone
from trainer.networks.staged import StagedNetwork
from trainer.photos.dataset import Plan
from trainer.photos.photo import Dataset, of_split
from trainer.photos.reading import read_photos
from trainer.reading import read_picture
from trainer.suitability.assignment import PATCH_PLAN, SuitabilityAssignment, negative_sources
from trainer.suitability.cache import Made
from trainer.suitability.examples import SuitabilityExamples
from trainer.suitability.making import made
from trainer.suitability.plan import Families, Making, Mix, Planned, Source, plan
from trainer.suitability.render import View, seen

LEARNT = Families(scenes=("field", "relief"), faults=("a", "b"))
UNSEEN = Families(scenes=("anatomy",), faults=("c",))
IMAGE_SIZE = 224
FALSE_REJECTS = 0.05
DRAWS = 2000
_FIRST_SCENE = 9_000_000

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the models are asked about: examples, whose they are, and which are drawn."""

    planned: tuple[Planned, ...]
    examples: SuitabilityExamples

    @property
    def truth(self) -> NDArray[np.int64]:
        """Index of each example's label, the two exposures as one."""
        return _merged(self.examples.targets.numpy())

    @property
    def origins(self) -> list[str]:
        """Patient or scene of each example."""
        return [one.origin for one in self.planned]

    @property
    def drawn(self) -> Mask:
        """Examples of drawn scenes."""
        return np.array([one.photo is None for one in self.planned])


def main() -> None:
    """Fit a model for each seed, ask, print."""
    options = _options()
    console = Console()
    dataset = read_photos(options.data / "skin-train", options.data / "skin-train" / "labels.csv", Plan())
    asked = _asked(dataset, options)
    real = _RealPhotos(options.data / "skin-real")
    making = Making(Mix(options.synthetic), LEARNT, options.negatives)
    assignment = SuitabilityAssignment(dataset, IMAGE_SIZE, making, options.workers, options.cache)
    answers, of_real = [], []
    for seed in options.seeds:
        network = _fitted(assignment, _recipe(options, seed), options.weights, console)
        answers.append(_answers(network, asked.examples))
        of_real.append(_answers(network, real.examples))
        _print_table(asked, answers, f"after seed {seed}")
    real.print_table(of_real)


def _fitted(assignment: SuitabilityAssignment, recipe: Recipe, weights: str | None, console: Console) -> StagedNetwork:
    started = time.perf_counter()
    prepare(recipe)
    seed_for(recipe, 0)
    network = assignment.network(open_backbone(weights))
    sides = assignment.sides
    fit(FittingTask(network, sides.train.examples, sides.tune.examples, recipe), Display(console))
    console.print(f"seed {recipe.seed}: fitted in {time.perf_counter() - started:.0f} s", highlight=False)
    return network


def _recipe(options: argparse.Namespace, seed: int) -> Recipe:
    if options.weights is None:
        return from_scratch(options.epochs or 8, seed=seed)
    return pretrained(options.epochs or 10, options.tail_epochs, 0, variants=2, seed=seed)


def _asked(dataset: Dataset, options: argparse.Namespace) -> Asked:
    photos = of_split(dataset.photos, "test")
    sources = [Source(photo.path, USABLE, photo.patient_id) for photo in photos]
    negatives = negative_sources(options.negatives, "test") if options.negatives else []
    mix = Mix(synthetic=100, usable=3, spoilt=len(REASON_CODES), cuts=6, seed=77)
    planned = plan(sources, negatives, UNSEEN, mix, _FIRST_SCENE)
    examples = made(planned, View(IMAGE_SIZE, PATCH_PLAN), options.workers, options.cache)
    return Asked(planned, SuitabilityExamples(planned, examples))


def _answers(network: StagedNetwork, examples: SuitabilityExamples) -> Probabilities:
    return np.asarray(softmax(predict(network, examples.in_order(64)).numpy(), 1.0), dtype=np.float64)


def _print_table(asked: Asked, answers: Sequence[Probabilities], when: str) -> None:
    print(f"{when}: {len(asked.planned)} examples of {len(set(asked.origins))} patients, scenes and pictures")
    print(f"  {'':<44} mean (95 % over patients)  by seed              aim")
    for name, which, aim in _rows(asked):
        hits = np.stack([which.hits(one) for one in answers]).mean(0)
        low, high = _interval(hits, np.array(asked.origins)[which.among])
        seeds = " ".join(f"{which.hits(one).mean():.3f}" for one in answers)
        print(f"  {name:<44} {hits.mean():.3f} ({low:.3f}-{high:.3f})       {seeds:<20} {aim:.2f}")


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One share: which examples it is of, and how a hit is told: the right name, or a score of refusal."""

    among: Mask
    truth: NDArray[np.int64]
    refusal: Callable[[Probabilities], NDArray[np.float64]] | None = None

    def hits(self, answers: Probabilities) -> NDArray[np.float64]:
        """1 for each hit among its examples; a score refuses from where it refuses 5 % of the usable ones."""
        if self.refusal is None:
            return np.asarray(_merged(answers.argmax(1))[self.among] == self.truth[self.among], dtype=np.float64)
        score = self.refusal(answers)
        threshold = np.quantile(score[self.truth == 0], 1 - FALSE_REJECTS)
        return np.asarray(score[self.among] > threshold, dtype=np.float64)


def _rows(asked: Asked) -> list[tuple[str, _Row, float]]:
    truth, everything = asked.truth, np.ones(len(asked.planned), dtype=bool)
    rows = [
        ("accuracy, seven classes", _Row(everything, truth), 0.97),
        ("  of photos of skin", _Row(~asked.drawn, truth), 0.97),
        ("  of an unseen generator's scenes", _Row(asked.drawn, truth), 0.93),
    ]
    for index, label in enumerate(SUITABILITY_LABELS):
        if label in {USABLE, "overexposed"}:
            continue
        name = "under- or overexposed" if label == "underexposed" else label
        aim, among = 0.99 if label == "not_skin" else 0.93, truth == index
        rows.append((f"caught at 5 % false rejects: {name}", _Row(among, truth, _unusable), aim))
        rows.append(("  by this reason's own probability", _Row(among, truth, partial(_of_reason, index)), aim))
    return rows


def _unusable(answers: Probabilities) -> Probabilities:
    return np.asarray(1 - answers[:, 0], dtype=np.float64)


def _of_reason(index: int, answers: Probabilities) -> Probabilities:
    """The probability of a reason, of both exposures together."""
    both = np.flatnonzero(_merged(np.arange(answers.shape[1])) == index)
    return np.asarray(answers[:, both].sum(1), dtype=np.float64)


def _merged(named: NDArray[np.int64]) -> NDArray[np.int64]:
    over, under = SUITABILITY_LABELS.index("overexposed"), SUITABILITY_LABELS.index("underexposed")
    return np.where(named == over, under, named)


def _interval(hits: NDArray[np.float64], origins: NDArray[np.str_]) -> tuple[float, float]:
    """95 % of the mean over drawn patients."""
    _, groups = np.unique(origins, return_inverse=True)
    sums, counts = np.bincount(groups, hits), np.bincount(groups)
    draws = np.random.default_rng(0).integers(len(counts), size=(DRAWS, len(counts)))
    means = sums[draws].sum(1) / counts[draws].sum(1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


class _RealPhotos:
    """The photos of skin-real as they are: usable ones, soft ones, pictures of other things."""

    def __init__(self, folder: Path) -> None:
        dataset = read_photos(folder, folder / "labels.csv", Plan(duplicates="together"))
        self._photos = dataset.photos
        planned = [_as_it_is(photo.suitability or USABLE, photo.path) for photo in self._photos]
        view = View(IMAGE_SIZE, PATCH_PLAN)
        arrays = [seen(read_picture(photo.path.read_bytes(), photo.name), view) for photo in self._photos]
        made_of = Made(np.stack([whole for whole, _ in arrays]), np.stack([patches for _, patches in arrays]))
        self.examples = SuitabilityExamples(planned, made_of)

    def print_table(self, answers: Sequence[Probabilities]) -> None:
        """What is caught when 5 % of the usable ones are refused, and each soft photo by itself."""
        labels = np.array([photo.suitability or USABLE for photo in self._photos])
        print("skin-real as it is; the threshold refuses 5 % of its usable photos")
        for label in ("out_of_focus", "not_skin"):
            shares = [_caught(one[:, 0], labels == USABLE, labels == label) for one in answers]
            total = int((labels == label).sum())
            print(f"  {label:<14} caught, by seed: {' '.join(f'{share}/{total}' for share in shares)}")
        passed = [float((one[labels == USABLE, 0] >= 0.5).mean()) for one in answers]
        print(f"  usable         passed at 0.5, by seed: {' '.join(f'{share:.3f}' for share in passed)}")
        for place in np.flatnonzero(labels == "out_of_focus"):
            ranks = [f"{(one[labels == USABLE, 0] < one[place, 0]).mean():.3f}" for one in answers]
            print(f"    soft {place}: share of usable photos that look worse, by seed: {' '.join(ranks)}")


def _caught(usable_probability: Probabilities, usable: Mask, wanted: Mask) -> int:
    threshold = np.quantile(usable_probability[usable], FALSE_REJECTS)
    return int((usable_probability[wanted] < threshold).sum())


def _as_it_is(label: str, photo: Path) -> Planned:
    return Planned(label, "as_it_is", photo, photo.name, scene="", scene_seed=0, fault="", severity=0.0, seed=0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with skin-train and skin-real")
    parser.add_argument("--weights", help="pretrained weights; without them, from scratch")
    parser.add_argument("--negatives", type=Path, help="of `python -m trainer.negatives`")
    parser.add_argument("--cache", type=Path, help="keep made examples here")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, help="default 8 from scratch, 10 of the head on pretrained weights")
    parser.add_argument("--tail-epochs", type=int, default=0, help="then of the backbone's tail (pretrained weights)")
    parser.add_argument("--synthetic", type=int, default=250, help="drawn scenes to learn from")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
