"""The feed of changes: the log of events as those see it who keep a copy of the archive."""

from sqlalchemy.orm import Session

from dicomweb.archive import Change, ChangeKind, Changes
from gateway.access.caller import Scope
from gateway.events.log import SEQUENCE, Event, EventType, read
from gateway.events.sequencer import last_number

_KINDS = {
    EventType.INSTANCE_STORED: ChangeKind.STORED,
    EventType.INSTANCE_CORRECTED: ChangeKind.CORRECTED,
    EventType.INSTANCE_DELETED: ChangeKind.DELETED,
}


def read_changes(session: Session, scope: Scope, *, after: int, limit: int) -> Changes:
    """At most `limit` changes within the scope numbered above `after`, in the order of their commits.

    Where there are no more, the reader goes on from the end of the whole log: what lies between is nothing to it,
    and need not be gone through again. The session sees one state of the database.
    """
    events = read(session, scope, after=after, limit=limit + 1, types=tuple(_KINDS))
    items = [_change(event) for event in events[:limit]]
    if len(events) > limit:
        return Changes(items, items[-1].number, more=True)
    return Changes(items, max(after, last_number(session, SEQUENCE)), more=False)


def _change(event: Event) -> Change:
    return Change(
        number=event.number,
        at=event.at,
        kind=_KINDS[event.type],
        study_instance_uid=event.data["study_instance_uid"],
        series_instance_uid=event.data["series_instance_uid"],
        sop_instance_uid=event.data["sop_instance_uid"],
        sha256=event.data["sha256"],
    )
