"""How a destination is asked whether it holds what was sent to it; each kind of destination has provers of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dimse.commitment_data import CommitmentReport, CommitmentRequest

MOST_LOOKED_FOR = 100
"""Objects asked for in one go."""


class ProofKind(StrEnum):
    """How a destination was seen to hold an object, as `deliveries.proof_kind` has it."""

    QUERY = "query"
    """A C-FIND found it."""
    QIDO = "qido"
    """A QIDO-RS search found it."""
    COMMITMENT = "commitment"
    """The destination committed itself to keeping it."""


@dataclass(frozen=True, slots=True)
class SentObject:
    """An object as it was sent: its class and where it belongs.

    `patient_id` is given of a corrected object that went under the UIDs that it always had: under these the destination
    may still hold what it was, and only the patient tells.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    patient_id: str | None = None


class CannotAsk(Exception):
    """The destination did not answer, for now: why, in words without identity. It says nothing of any object."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class TooSlow(CannotAsk):
    """The destination answers, but not about so many objects in the time there is."""


class NotOffered(CannotAsk):
    """The destination does not take this kind of question at all, until somebody changes that."""


class Prover(Protocol):
    """Looks for objects at one destination. Called from one thread at a time, `abort` from any."""

    kind: ProofKind

    def held(self, objects: Sequence[SentObject]) -> frozenset[str]:
        """SOP Instance UIDs of those among at most MOST_LOOKED_FOR objects that the destination shows.

        One that it shows in another study or series, as another SOP class, or in a study of another patient than is
        given, is not what was sent, and not among them. Raises CannotAsk, TooSlow, NotOffered. Bounded in time.
        """

    def abort(self) -> None:
        """Break off, for good."""


class Committer(Protocol):
    """Asks one destination for storage commitment. Called from one thread at a time, `abort` from any."""

    def ask(
        self, request: CommitmentRequest, taken: Callable[[], None], hear: Callable[[CommitmentReport], int]
    ) -> None:
        """Ask; `taken` is called when the destination has taken the request, `hear` with each report it gives at once.

        `hear` returns the status to answer a report with; it is called in other threads, perhaps before `taken`.
        Raises CannotAsk (whether the destination took the request may be unknown), NotOffered.
        """

    def abort(self) -> None:
        """Break off, for good."""
