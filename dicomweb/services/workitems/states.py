"""States of a workitem and who may move it where (PS3.4 Tables CC.1.1-1 and CC.1.1-2), pure."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class State(StrEnum):
    """Procedure Step State (0074,1000)."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class Status(IntEnum):
    """Why something is refused or needless, by the codes of PS3.4 Tables CC.2.1-2, CC.2.2-2, CC.2.5-5, CC.2.6-3."""

    ALREADY_CANCELED = 0xB304
    ALREADY_COMPLETED = 0xB306
    DUPLICATE = 0x0111
    MAY_NO_LONGER_BE_UPDATED = 0xC300
    TRANSACTION_UID_NOT_CORRECT = 0xC301
    ALREADY_IN_PROGRESS = 0xC302
    SCHEDULED_BY_CREATION_ONLY = 0xC303
    FINAL_STATE_NOT_MET = 0xC304
    NOT_CREATED_AS_SCHEDULED = 0xC309
    NOT_IN_PROGRESS = 0xC310
    CANCELLATION_OF_COMPLETED = 0xC311
    PERFORMER_CANNOT_BE_CONTACTED = 0xC312


WORDS: Mapping[Status, str] = {
    Status.ALREADY_CANCELED: "The workitem is already in the requested state of CANCELED.",
    Status.ALREADY_COMPLETED: "The workitem is already in the requested state of COMPLETED.",
    Status.DUPLICATE: "There is a workitem with this UID.",
    Status.MAY_NO_LONGER_BE_UPDATED: "The workitem is completed or canceled and may no longer be changed.",
    Status.TRANSACTION_UID_NOT_CORRECT: "The Transaction UID is missing or not the one that holds the workitem.",
    Status.ALREADY_IN_PROGRESS: "The workitem is already in progress.",
    Status.SCHEDULED_BY_CREATION_ONLY: "A workitem becomes SCHEDULED by its creation only.",
    Status.FINAL_STATE_NOT_MET: "The workitem does not say yet what its final state requires.",
    Status.NOT_CREATED_AS_SCHEDULED: "A workitem is created in the state SCHEDULED.",
    Status.NOT_IN_PROGRESS: "The workitem is not in progress: whoever performs it claims it first.",
    Status.CANCELLATION_OF_COMPLETED: "The workitem is completed already.",
    Status.PERFORMER_CANNOT_BE_CONTACTED: "Whoever performs the workitem cannot be told: no events are sent.",
}


class WorkitemRefused(Exception):
    """A workitem is not made or changed; `status` is the code that says why."""

    def __init__(self, status: Status, detail: str = "") -> None:
        super().__init__(detail or WORDS[status])
        self.status = status


_CHANGES: Mapping[State, Mapping[State, State | Status]] = {
    # requested: {present: outcome}, with a Transaction UID that is right
    State.SCHEDULED: dict.fromkeys(State, Status.SCHEDULED_BY_CREATION_ONLY),
    State.IN_PROGRESS: {
        State.SCHEDULED: State.IN_PROGRESS,
        State.IN_PROGRESS: Status.ALREADY_IN_PROGRESS,
        State.COMPLETED: Status.MAY_NO_LONGER_BE_UPDATED,
        State.CANCELED: Status.MAY_NO_LONGER_BE_UPDATED,
    },
    State.COMPLETED: {
        State.SCHEDULED: Status.NOT_IN_PROGRESS,
        State.IN_PROGRESS: State.COMPLETED,
        State.COMPLETED: Status.ALREADY_COMPLETED,
        State.CANCELED: Status.MAY_NO_LONGER_BE_UPDATED,
    },
    State.CANCELED: {
        State.SCHEDULED: Status.NOT_IN_PROGRESS,
        State.IN_PROGRESS: State.CANCELED,
        State.COMPLETED: Status.MAY_NO_LONGER_BE_UPDATED,
        State.CANCELED: Status.ALREADY_CANCELED,
    },
}

_CANCELLATIONS: Mapping[State, State | Status] = {
    State.SCHEDULED: State.CANCELED,
    State.IN_PROGRESS: Status.PERFORMER_CANNOT_BE_CONTACTED,
    State.COMPLETED: Status.CANCELLATION_OF_COMPLETED,
    State.CANCELED: Status.ALREADY_CANCELED,
}


def changed_state(present: State, requested: State, *, held_by: str | None, given: str | None) -> State | Status:
    """What becomes of a request to change the state.

    Args:
        present: the workitem's state.
        requested: the state asked for.
        held_by: the Transaction UID that the workitem was claimed with, None before that.
        given: the Transaction UID of the request; whoever claims a workitem makes it up, all others must know it.
    """
    if requested is State.SCHEDULED:
        return Status.SCHEDULED_BY_CREATION_ONLY
    claims = requested is State.IN_PROGRESS
    if given is None or (held_by is not None and not claims and given != held_by):
        return Status.TRANSACTION_UID_NOT_CORRECT
    return _CHANGES[requested][present]


def cancellation(present: State) -> State | Status:
    """What becomes of a request for cancellation by somebody who does not perform the workitem."""
    return _CANCELLATIONS[present]


def may_update(present: State, *, held_by: str | None, given: str | None) -> Status | None:
    """Why a workitem in this state may not be updated with this Transaction UID, None where it may (CC.2.6.3)."""
    if present in (State.COMPLETED, State.CANCELED):
        return Status.MAY_NO_LONGER_BE_UPDATED
    if present is State.IN_PROGRESS and given != held_by:
        return Status.TRANSACTION_UID_NOT_CORRECT
    return None
