"""What the gate says of a model: every check with its numbers, what to collect, and which file was chosen."""

from dataclasses import dataclass
from enum import StrEnum

from inference.manifest import Task

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Check:
    """One demand of the policy beside what was found.

    `wanted` reads as in "above 0.85"; `found` is a share 0..1, or a number in the unit that `name` tells; None where
    nothing could be measured. `interval` is its 95 % interval, `n` the photos it stands on. `passed` is None where
    the check was not come to. `note` says why, where the numbers do not.
    """

    name: str
    wanted: str
    found: float | None
    interval: Interval | None
    n: int | None
    passed: bool | None
    note: str = ""


class Lack(StrEnum):
    """Why photos of a label are wanted."""

    ACCURACY = "accuracy"
    RECALL = "recall"
    CONFUSED = "confused"
    FALSE_REJECTS = "false_rejects"
    FEW_PHOTOS = "few_photos"
    WIDE_INTERVAL = "wide_interval"
    SUBGROUP = "subgroup"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Photos to collect beyond those there are: `label` is one of the model's, "all", or a subgroup.

    `test_photos` and `train_photos` are rounded up to one figure, as rules of thumb deserve, and the least; None where
    that kind is not lacking. `reasons` say what for, the first above all; `why` is a sentence for people.
    """

    label: str
    reasons: tuple[Lack, ...]
    test_photos: int | None
    train_photos: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Parity:
    """How alike a file answers to the network it came from, on `photos` real photos of the test side.

    `largest_difference` is over all outputs; `same_first` is the share of photos named alike.
    """

    photos: int
    largest_difference: float
    same_first: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One precision of the model as a file: what it costs and how it does on the test side."""

    precision: str
    file_bytes: int
    milliseconds: float
    accuracy: float
    passed: bool


@dataclass(frozen=True, slots=True)
class PrecisionChoice:
    """Which file was handed over and why; `verdicts_agree` is the share of test photos on which both say the same."""

    chosen: str
    why: str
    candidates: tuple[Candidate, ...]
    verdicts_agree: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's word on one model. `policy` is the fingerprint of the policy that it was measured by.

    `warnings` are sentences, without a full stop, on what the checks do not ask for and a reader must know.
    `only_guesses` names the label that the model would have to be better than always naming, and is not; empty where
    it is.
    """

    task: Task
    passed: bool
    checks: tuple[Check, ...]
    collect: tuple[Wanted, ...]
    policy: str
    warnings: tuple[str, ...] = ()
    only_guesses: str = ""
    parity: Parity | None = None
    precision: PrecisionChoice | None = None

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if check.passed is False)
