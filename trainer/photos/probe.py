"""The shortcut probe: how far labels can be guessed from what is no picture of skin at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.metrics import Estimate, Indices
from trainer.photos.allotment import allot
from trainer.photos.drawing import patient_draws
from trainer.photos.gaps import MARGIN, Gap, gaps_of
from trainer.photos.photo import LabelledPhoto, Wanted
from trainer.photos.softmax_regression import fit_softmax
from trainer.photos.traits import GROUPS, MISSING, Traits, indicators, traits_of

FOLDS = 5
_LEAST_OF_LABEL = 10


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one group of measures gives away.

    `balanced_accuracy` is that of a guess from the group alone, cross-validated by patient, with its 95 % interval
    over patients; `chance` is what guessing without it reaches. `suspicious`: the interval lies above chance by more
    than MARGIN.
    """

    group: str
    balanced_accuracy: Estimate
    chance: float

    @property
    def suspicious(self) -> bool:
        """Whether a model could profit from it."""
        return self.balanced_accuracy.low > self.chance + MARGIN


@dataclass(frozen=True, slots=True)
class Probe:
    """All groups probed; `unvarying` are those in which all photos are the same, `labels` the labels told apart.

    `gaps` say for each fact that is missing for some photos how it is for each label.
    """

    results: tuple[ProbeResult, ...]
    unvarying: tuple[str, ...]
    labels: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def telling(self) -> tuple[Gap, ...]:
        """The gaps that alone tell a label from the rest."""
        return tuple(gap for gap in self.gaps if gap.telling)

    @property
    def suspicious(self) -> tuple[str, ...]:
        """The groups that a model could profit from."""
        return tuple(result.group for result in self.results if result.suspicious)


def probe(photos: Sequence[LabelledPhoto], wanted: Wanted, *, seed: int = 0) -> Probe:
    """Guess the label of every photo from each group of trainer.photos.traits.GROUPS.

    Labels with fewer than ten photos are passed over. With fewer than two labels or five patients there is nothing to
    guess, and no results. The same photos and seed give the same numbers. Raises BadLabels for an unreadable file.
    """
    counts = Counter(photo.label(wanted) for photo in photos)
    labels = sorted(label for label, count in counts.items() if label is not None and count >= _LEAST_OF_LABEL)
    used = sorted((photo for photo in photos if photo.label(wanted) in labels), key=lambda photo: photo.sha256)
    patients = [photo.patient_id for photo in used]
    if len(labels) < 2 or len(set(patients)) < FOLDS:
        return Probe((), (), tuple(labels))
    traits = [traits_of(photo) for photo in used]
    truth = np.array([labels.index(photo.label(wanted) or "") for photo in used], dtype=np.int64)
    folds = _folds(patients, truth, seed)
    results, unvarying = [], []
    for group, measures in GROUPS.items():
        inputs = indicators(traits, measures)
        if inputs.shape[1] == len(measures):  # one value for each measure
            unvarying.append(group)
            continue
        right = _guessed(inputs, truth, folds, len(labels)) == truth
        estimate = balanced_accuracy_over_patients(truth, right, patients, seed)
        results.append(ProbeResult(group, estimate, 1 / len(labels)))
    gaps = tuple(gap for fact in MISSING for gap in _gaps(fact, traits, truth, labels, seed))
    return Probe(tuple(results), tuple(unvarying), tuple(labels), gaps)


def probe_table(found: Probe) -> str:
    """The probe as a table of text."""
    if not found.results:
        return "too few labels, photos or patients to probe for shortcuts"
    lines = [f"{'guessed from':<20} {'balanced accuracy':>24} {'chance':>7}"]
    for result in found.results:
        value = result.balanced_accuracy
        shown = f"{value.value:.3f} ({value.low:.3f}-{value.high:.3f})"
        mark = "  gives labels away" if result.suspicious else ""
        lines.append(f"{result.group:<20} {shown:>24} {result.chance:>7.3f}{mark}")
    if found.unvarying:
        lines.append(f"the same for all photos: {', '.join(found.unvarying)}")
    lines += [_gap_line(gap) for gap in found.telling]
    return "\n".join(lines)


def balanced_accuracy_over_patients(
    truth: Indices, right: NDArray[np.bool_], patients: Sequence[str], seed: int
) -> Estimate:
    """Mean recall of the labels, with a 95 % interval by drawing patients, not photos, with replacement."""
    labels = int(truth.max()) + 1
    names, patient = np.unique(np.array(patients), return_inverse=True)
    cells = patient * labels + truth
    shape = (len(names), labels)
    totals = np.bincount(cells, minlength=len(names) * labels).reshape(shape).astype(np.float64)
    hits = np.bincount(cells, weights=right.astype(np.float64), minlength=len(names) * labels).reshape(shape)
    drawn = [_mean_recall(times @ hits, times @ totals) for times in patient_draws(len(names), seed)]
    low, high = np.quantile(np.concatenate(drawn), (0.025, 0.975))
    value = _mean_recall(hits.sum(0, keepdims=True), totals.sum(0, keepdims=True))[0]
    return Estimate(float(value), float(low), float(high), len(truth))


def _gaps(fact: str, traits: Sequence[Traits], truth: Indices, labels: Sequence[str], seed: int) -> tuple[Gap, ...]:
    unsaid = np.array([MISSING[fact](each) > 0 for each in traits])
    return gaps_of(fact, unsaid, truth, labels, [each.photo.patient_id for each in traits], seed=seed)


def _gap_line(gap: Gap) -> str:
    own, other, auc = gap.missing, gap.elsewhere, gap.auc
    return (
        f"{gap.fact} is not said of {own.value:.0%} ({own.low:.0%}-{own.high:.0%}) of {gap.label} and of "
        f"{other.value:.0%} ({other.low:.0%}-{other.high:.0%}) of the others: that alone tells {gap.label} apart, "
        f"AUC {auc.value:.3f} ({auc.low:.3f}-{auc.high:.3f})"
    )


def _mean_recall(hits: NDArray[np.float64], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the labels [D, C] that occur, for each draw."""
    seen = totals > 0
    recalls = np.divide(hits, totals, out=np.zeros_like(hits), where=seen)
    return np.asarray(recalls.sum(1) / seen.sum(1))


def _folds(patients: Sequence[str], truth: Indices, seed: int) -> Indices:
    groups: dict[str, Counter[str]] = {}
    for patient, label in zip(patients, truth, strict=True):
        groups.setdefault(patient, Counter())[str(label)] += 1
    fold_of = allot(groups, [1 / FOLDS] * FOLDS, seed)
    return np.array([fold_of[patient] for patient in patients], dtype=np.int64)


def _guessed(inputs: NDArray[np.float32], truth: Indices, folds: Indices, labels: int) -> Indices:
    """The label guessed for each photo by a regression fitted to the other folds."""
    guessed = np.empty_like(truth)
    for fold in range(FOLDS):
        held_out = folds == fold
        weights = fit_softmax(inputs[~held_out], truth[~held_out], labels)
        guessed[held_out] = (inputs[held_out] @ weights).argmax(1)
    return guessed
