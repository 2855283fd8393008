"""What happens to a workitem in each transaction (PS3.18 11.4 to 11.8, PS3.4 CC.2), pure: a workitem in, one out."""

from dataclasses import dataclass, replace
from datetime import datetime

from dicomweb.archive import JsonObject
from dicomweb.services.data_sets import DataSetError
from dicomweb.services.workitems.attributes import (
    AFFECTED_SOP_INSTANCE_UID,
    CANCELED_AT,
    COMMUNICATIONS,
    CONTACT_NAME,
    CONTACT_URI,
    DISCONTINUATION_REASON,
    MODIFIED,
    PROGRESS,
    REASON_FOR_CANCELLATION,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    START,
    STATE,
    TRANSACTION_UID,
    UPS_PUSH,
    WORKLIST_LABEL,
    check_creation,
    check_update,
    missing_for_completion,
    ordered,
    single,
)
from dicomweb.services.workitems.states import (
    WORDS,
    State,
    Status,
    WorkitemRefused,
    cancellation,
    changed_state,
    may_update,
)
from dicomweb.storing.members import uid_of, values_of

_DEFAULT_WORKLIST = "WORKLIST"
_TAKEN_FROM_REQUEST = (REASON_FOR_CANCELLATION, DISCONTINUATION_REASON)


@dataclass(frozen=True, slots=True)
class Workitem:
    """One Unified Procedure Step.

    Attributes:
        uid: its SOP Instance UID.
        attributes: everything it says but the Transaction UID, which is shown to nobody (PS3.4 CC.2.7.3).
        transaction_uid: held by whoever performs it, from the claim on.
    """

    uid: str
    attributes: JsonObject
    transaction_uid: str | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.attributes[STATE]["Value"][0])

    @property
    def start(self) -> str:
        """Its ScheduledProcedureStepStartDateTime."""
        return str(self.attributes[START]["Value"][0])

    def order(self) -> tuple[str, str]:
        """Where it stands in a worklist: the next to begin first."""
        return self.start, self.uid


def created(uid: str, members: JsonObject, now: datetime) -> Workitem:
    """A new workitem of what the request says; `now` is aware.

    Raises:
        DataSetError: something is missing, or is said too early.
        WorkitemRefused: it is not to begin as SCHEDULED.
    """
    check_creation(members)
    if values_of(members, STATE) != [State.SCHEDULED.value]:
        raise WorkitemRefused(Status.NOT_CREATED_AS_SCHEDULED)
    kept = {tag: element for tag, element in members.items() if tag not in (TRANSACTION_UID, AFFECTED_SOP_INSTANCE_UID)}
    if not values_of(kept, WORKLIST_LABEL):
        kept[WORKLIST_LABEL] = single("LO", _DEFAULT_WORKLIST)
    kept |= {SOP_CLASS_UID: single("UI", UPS_PUSH), SOP_INSTANCE_UID: single("UI", uid)}
    return Workitem(uid, _modified(kept, now))


def updated(workitem: Workitem, changes: JsonObject, given: str | None, now: datetime) -> Workitem:
    """The workitem with the changed attributes in the place of its own.

    Args:
        workitem: as it is.
        changes: each attribute whole; its Transaction UID counts where `given` is None.
        given: the Transaction UID of the request.
        now: aware.

    Raises:
        DataSetError: something is changed that an update may not.
        WorkitemRefused: its state or its holder forbids it.
    """
    refused = may_update(
        workitem.state, held_by=workitem.transaction_uid, given=given or uid_of(changes, TRANSACTION_UID)
    )
    if refused is not None:
        raise WorkitemRefused(refused)
    check_update(workitem.attributes, changes)
    taken = {tag: element for tag, element in changes.items() if tag != TRANSACTION_UID}
    return replace(workitem, attributes=_modified(workitem.attributes | taken, now))


def moved(workitem: Workitem, request: JsonObject, now: datetime) -> Workitem:
    """The workitem in the state that the request asks for.

    Raises:
        DataSetError: the request names no state.
        WorkitemRefused: the change is not legal, not by this requester, or not yet; or has happened already.
    """
    given = uid_of(request, TRANSACTION_UID)
    outcome = changed_state(workitem.state, requested_state(request), held_by=workitem.transaction_uid, given=given)
    if isinstance(outcome, Status):
        raise WorkitemRefused(outcome)
    if outcome is State.COMPLETED and (missing := missing_for_completion(workitem.attributes)):
        words = f"{WORDS[Status.FINAL_STATE_NOT_MET]} Missing: {', '.join(missing)}."
        raise WorkitemRefused(Status.FINAL_STATE_NOT_MET, words)
    attributes = workitem.attributes
    if outcome is State.CANCELED:
        attributes = _with_progress(attributes, {CANCELED_AT: single("DT", _moment(now))})
    return Workitem(workitem.uid, _modified(attributes | {STATE: single("CS", outcome.value)}, now), given)


def requested_state(request: JsonObject) -> State:
    """The state that a request names; raises DataSetError where it names none."""
    try:
        (state,) = values_of(request, STATE)
        return State(state)
    except ValueError:
        raise DataSetError("ProcedureStepState is none of IN PROGRESS, COMPLETED, CANCELED") from None


def canceled(workitem: Workitem, request: JsonObject, transaction_uid: str, now: datetime) -> Workitem:
    """The workitem, canceled because somebody asked who does not perform it.

    Nobody has begun it, so that it is claimed with `transaction_uid` and canceled at once (PS3.4 CC.2.2.3).

    Raises:
        WorkitemRefused: it is under way, or over; or canceled already.
    """
    outcome = cancellation(workitem.state)
    if isinstance(outcome, Status):
        raise WorkitemRefused(outcome)
    facts = {tag: request[tag] for tag in _TAKEN_FROM_REQUEST if values_of(request, tag)}
    contact = {tag: request[tag] for tag in (CONTACT_URI, CONTACT_NAME) if values_of(request, tag)}
    if contact:
        facts[COMMUNICATIONS] = {"vr": "SQ", "Value": [contact]}
    attributes = _with_progress(workitem.attributes, facts | {CANCELED_AT: single("DT", _moment(now))})
    attributes[STATE] = single("CS", State.CANCELED.value)
    return Workitem(workitem.uid, _modified(attributes, now), transaction_uid)


def _with_progress(attributes: JsonObject, facts: JsonObject) -> JsonObject:
    """Facts added to the only item of the progress information; what it says already stays."""
    known = values_of(attributes, PROGRESS)
    item = ordered(facts | (known[0] if known else {}))
    return attributes | {PROGRESS: {"vr": "SQ", "Value": [item, *known[1:]]}}


def _modified(attributes: JsonObject, now: datetime) -> JsonObject:
    return ordered(attributes | {MODIFIED: single("DT", _moment(now))})


def _moment(now: datetime) -> str:
    return now.strftime("%Y%m%d%H%M%S%z")
