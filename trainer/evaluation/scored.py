"""What a model said of photos whose label is known: everything an evaluation starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from inference.rules import USABLE
from trainer.evaluation.answers import Answers
from trainer.metrics import Confusion, Indices, confusion

Probabilities = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SUM_TOLERANCE = 1e-3  # float32 softmax over 10 000 labels stays well within


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The answers to N photos.

    `labels` name the C columns. `probabilities` float64 [N, C], 0..1, rows sum to 1. `truth` int64 [N], indices within
    `labels`. `patients` [N]: whose photo it is, "" unknown: then the photo counts as a patient of its own. `names` [N]:
    what to call the photo in a report. `subgroups`: field (sex, age_band, body_site, fitzpatrick, source) -> [N]
    values, "" unknown. `unlikeness` float64 [N], 0..1: how unlike the photos trained on the model finds each; None
    where it does not tell. Raises ValueError where these do not fit together.
    """

    labels: tuple[str, ...]
    probabilities: Probabilities
    truth: Indices
    patients: tuple[str, ...]
    names: tuple[str, ...]
    subgroups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unlikeness: Probabilities | None = None

    def __post_init__(self) -> None:
        _check_lengths(self)
        _check_values(self)

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def answers(self) -> Answers:
        """What the model answered, without what is true."""
        return Answers(self.probabilities, self.unlikeness)

    @property
    def named(self) -> Indices:
        """The likeliest label of each photo, int64 [N]."""
        return np.asarray(self.probabilities.argmax(1), dtype=np.int64)

    @property
    def confidence(self) -> Probabilities:
        """Probability of the likeliest label, [N]."""
        return np.asarray(self.probabilities.max(1))

    @property
    def right(self) -> Mask:
        """Whether the likeliest label is the true one, [N]."""
        return np.asarray(self.named == self.truth)

    @property
    def table(self) -> Confusion:
        """How often each label was taken for each."""
        return confusion(self.labels, self.truth, self.named)

    def probability_of(self, label: str) -> Probabilities:
        """Column of one label, [N]. Raises ValueError for a label that is none."""
        return np.asarray(self.probabilities[:, self.labels.index(label)])

    def is_truly(self, label: str) -> Mask:
        """Which photos bear this label, [N]; none where it is no label of the model."""
        if label not in self.labels:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(self.truth == self.labels.index(label))

    def clusters(self) -> Indices:
        """Number each photo's patient from 0, int64 [N]; photos of unknown patients get a number each."""
        return numbered(self.patients)

    def part(self, which: Mask) -> "Scored":
        """The photos where `which` [N] holds, in the same order."""
        kept = np.flatnonzero(which).tolist()
        return Scored(
            self.labels,
            self.probabilities[kept],
            self.truth[kept],
            tuple(self.patients[place] for place in kept),
            tuple(self.names[place] for place in kept),
            {name: tuple(values[place] for place in kept) for name, values in self.subgroups.items()},
            None if self.unlikeness is None else self.unlikeness[kept],
        )

    def with_probabilities(self, probabilities: Probabilities) -> "Scored":
        """The same photos with other probabilities [N, C]."""
        return replace(self, probabilities=probabilities)

    def with_answers(self, answers: Answers) -> "Scored":
        """The same photos with a model's answers to them."""
        return replace(self, probabilities=answers.probabilities, unlikeness=answers.unlikeness)


def numbered(patients: Sequence[str]) -> Indices:
    """Number whose each photo is from 0, int64 [N]; those of nobody known ("") get a number each."""
    known = dict.fromkeys(patient for patient in patients if patient)
    number_of = {patient: number for number, patient in enumerate(known)}
    unknown = iter(range(len(number_of), len(number_of) + len(patients)))
    return np.asarray([number_of[patient] if patient else next(unknown) for patient in patients], dtype=np.int64)


def verdicts(scored: Scored, threshold: float) -> Indices:
    """What the gateway calls each photo of a suitability model, int64 [N].

    `usable` where P(usable) reaches `threshold`, else the likeliest fault, whatever the likeliest label is.
    """
    usable = scored.labels.index(USABLE)
    faults = scored.probabilities.copy()
    faults[:, usable] = -1
    passed = reaches(scored.probability_of(USABLE), threshold)
    return np.asarray(np.where(passed, usable, faults.argmax(1)), dtype=np.int64)


def reaches(probabilities: Probabilities, threshold: float) -> Mask:
    """Which probabilities reach the threshold, rounded to six places first as serving does (`inference.rules`)."""
    return np.asarray(np.round(probabilities, 6) >= threshold)


def _check_lengths(scored: Scored) -> None:
    number = len(scored.truth)
    if scored.probabilities.shape != (number, len(scored.labels)):
        raise ValueError(f"probabilities must be [{number}, {len(scored.labels)}], not {scored.probabilities.shape}")
    if scored.truth.ndim != 1 or not np.issubdtype(scored.truth.dtype, np.integer):
        raise ValueError("truth must be whole numbers [N]")
    if scored.unlikeness is not None and scored.unlikeness.shape != (number,):
        raise ValueError(f"unlikeness must be [{number}], not {scored.unlikeness.shape}")
    columns = {"patients": scored.patients, "names": scored.names, **scored.subgroups}
    for name, values in columns.items():
        if len(values) != number:
            raise ValueError(f"{name} has {len(values)} entries for {number} photos")


def _check_values(scored: Scored) -> None:
    if len(scored.labels) < 2 or len(set(scored.labels)) != len(scored.labels):
        raise ValueError("labels must be at least two, each once")
    if not len(scored):
        return
    values = scored.probabilities
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1 + _SUM_TOLERANCE:
        raise ValueError("probabilities must be 0 to 1")
    if abs(values.sum(1) - 1).max() > _SUM_TOLERANCE:
        raise ValueError("probabilities of a photo must sum to 1")
    if scored.truth.min() < 0 or scored.truth.max() >= len(scored.labels):
        raise ValueError("truth names a label that is not there")
    # Written so that NaN is refused as well.
    if scored.unlikeness is not None and not ((scored.unlikeness >= 0) & (scored.unlikeness <= 1)).all():
        raise ValueError("unlikeness must be 0 to 1")
