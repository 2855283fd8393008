"""Which classes a disease model may learn: those it knows, and new ones once there are enough photos of them. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from trainer.loop.votes import Held, Why

FEWEST_PATIENTS = 3
"""Of whom a new class has photos: on the train side, to tune with, and to test with."""


def hold_few(
    names: Sequence[str], labels: Sequence[str], patients: Sequence[str], known: Collection[str], floor: int
) -> tuple[Held, ...]:
    """Samples of classes that are not `known` and have fewer than `floor` photos, or are of too few patients.

    The three sequences tell of the samples in one order: name, label, patient. Nothing is held of a class that
    reaches the floor: the next model knows one disease more.
    """
    counts = Counter(labels)
    few = {
        label: _words(counts[label], floor, len(whose))
        for label, whose in _patients_of(labels, patients).items()
        if label not in known and (counts[label] < floor or len(whose) < FEWEST_PATIENTS)
    }
    return tuple(
        Held(name, label, Why.FEW_OF_CLASS, few[label])
        for name, label in zip(names, labels, strict=True)
        if label in few
    )


def _patients_of(labels: Sequence[str], patients: Sequence[str]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for label, patient in zip(labels, patients, strict=True):
        found.setdefault(label, set()).add(patient)
    return found


def _words(photos: int, floor: int, patients: int) -> str:
    return f"{photos} photos of {patients} patients; a new class needs {floor} of {FEWEST_PATIENTS}"
