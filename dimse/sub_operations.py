"""The count of a retrieval's sub-operations, and what it comes to in the end (PS3.4 C.4.2.1, C.4.3.1). No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dimse.reactions import Reaction
from dimse.retrieving import RetrieveStatus

LONGEST_LIST_BYTES = 65_534
"""Of Failed SOP Instance UID List: what a UI element can hold in Explicit VR (PS3.5 7.1.2)."""


class SubOutcome(StrEnum):
    """How one C-STORE of a retrieval ended."""

    COMPLETED = "completed"
    WARNING = "warning"
    FAILED = "failed"


def outcome_of(reaction: Reaction) -> SubOutcome:
    """What the reaction to a store amounts to; a peer that has the instance already is no failure of ours."""
    if reaction is Reaction.STORED:
        return SubOutcome.COMPLETED
    if reaction in (Reaction.STORED_WITH_WARNING, Reaction.CONFIRM_DUPLICATE):
        return SubOutcome.WARNING
    return SubOutcome.FAILED


@dataclass(slots=True)
class SubOperations:
    """How many there are in all, and how those that ended did."""

    total: int
    completed: int = 0
    warnings: int = 0
    failed: list[str] = field(default_factory=list)
    """SOP Instance UIDs, in the order they failed."""

    @property
    def remaining(self) -> int:
        """Those that have not ended."""
        return self.total - self.completed - self.warnings - len(self.failed)

    def note(self, sop_instance_uid: str, outcome: SubOutcome) -> None:
        """Count one that ended."""
        if outcome is SubOutcome.FAILED:
            self.failed.append(sop_instance_uid)
        elif outcome is SubOutcome.WARNING:
            self.warnings += 1
        else:
            self.completed += 1

    def final_status(self) -> RetrieveStatus:
        """The status when all have ended: nothing but failures is a refusal, not a warning."""
        if self.failed and not self.completed and not self.warnings:
            return RetrieveStatus.CANNOT_PERFORM_SUB_OPERATIONS
        return RetrieveStatus.SOME_FAILED if self.failed or self.warnings else RetrieveStatus.SUCCESS


def failed_list(sop_instance_uids: Sequence[str]) -> str:
    """The value of Failed SOP Instance UID List (0008,0058): the UIDs, as many as the element holds."""
    value = "\\".join(sop_instance_uids)
    return value if len(value) <= LONGEST_LIST_BYTES else value[: LONGEST_LIST_BYTES + 1].rpartition("\\")[0]
