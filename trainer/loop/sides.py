"""The sides of the split, fixed for ever: by the patient's key alone, so that no leak is possible. Pure.

Whether a patient is held out depends on a hash of the patient's key and on nothing else: not on the seed, on who else
there is, nor on when the photo came. A patient who is held out is never trained on, in no round.

Of the held-out photos the gate's test side keeps those that it has. It takes in further ones of a class only until
there are CLOSED_AT of it, so that a class that is new can be measured at all; what comes later, and everything of
classes that the base set tests already, stands on the second side: held out as well, measured beside the gate, growing.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trainer.photos.photo import Split

CLOSED_AT = 50
"""Photos of a class, after which the test side takes in no more of it."""

LoopSide = Literal["train", "val", "test", "second"]

_SALT = "dermgate: held out for ever"
_TUNE_SALT = "dermgate: to tune with"


@dataclass(frozen=True, slots=True)
class Placed:
    """A sample as it is put on a side: the hash of its picture, its label, whose it is, the side it was given."""

    sha256: str
    label: str
    patient: str
    given: Split | None = None


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Which shares of patients are held out, and which of the others are to tune with; both above 0 and below 1."""

    test: float = 0.2
    tune: float = 0.125


def sides_of(
    samples: Sequence[Placed], kept: Collection[str], hold_out: HoldOut, closed: Collection[str] = ()
) -> list[LoopSide]:
    """The side of each sample. `kept` are pictures on the test side by now; `closed` classes that take in no more.

    Sides that samples were given, those of the base set, stand. A picture in `kept` that is not given another side
    stays on the test side, whatever is said of it now.
    """
    counts = Counter(one.label for one in samples if _is_kept(one, kept))
    sides: list[LoopSide] = []
    for one in samples:
        side = _side(one, kept, hold_out)
        if side == "second" and one.label not in closed and counts[one.label] < CLOSED_AT:
            counts[one.label] += 1
            side = "test"
        sides.append(side)
    return sides


def is_held_out(patient: str, hold_out: HoldOut) -> bool:
    """Whether a patient's photos are never trained on."""
    return _draw(_SALT, patient) < hold_out.test


def in_whole_patients(samples: Sequence[Placed], sides: Sequence[LoopSide]) -> Mapping[str, set[LoopSide]]:
    """By patient the sides that any photo is on: whoever is on train or val must be on neither of the others."""
    found: dict[str, set[LoopSide]] = {}
    for one, side in zip(samples, sides, strict=True):
        found.setdefault(one.patient, set()).add(side)
    return found


def _side(one: Placed, kept: Collection[str], hold_out: HoldOut) -> LoopSide:
    if one.given is not None:
        return one.given
    if is_held_out(one.patient, hold_out):
        return "test" if one.sha256 in kept else "second"
    return "val" if _draw(_TUNE_SALT, one.patient) < hold_out.tune else "train"


def _is_kept(one: Placed, kept: Collection[str]) -> bool:
    return one.given == "test" or (one.given is None and one.sha256 in kept)


def _draw(salt: str, patient: str) -> float:
    """A number of 0 to 1, always the same for a patient."""
    digest = hashlib.sha256(f"{salt}\n{patient}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
