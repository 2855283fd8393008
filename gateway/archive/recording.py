"""What the archive says about its acts: events for those who wait, entries of the audit trail."""

from dataclasses import dataclass, field

from dicomweb.part10 import Identity
from gateway.access.audit import Action, audit_by
from gateway.access.caller import Caller
from gateway.database import UnitOfWork
from gateway.events.log import EventType, record

_TALLIES = "gateway.archive.tallies"


@dataclass(slots=True)
class _Tally:
    caller: Caller
    action: Action
    hospital: str
    study_instance_uid: str
    counts: dict[str, int] = field(default_factory=dict)


def record_change(
    unit_of_work: UnitOfWork, event_type: EventType, hospital: str, identity: Identity, sha256: str
) -> None:
    """Add the event of a stored, corrected or deleted instance."""
    record(
        unit_of_work,
        event_type,
        hospital=hospital,
        subject=identity.sop_instance_uid,
        data={
            "study_instance_uid": identity.study_instance_uid,
            "series_instance_uid": identity.series_instance_uid,
            "sop_instance_uid": identity.sop_instance_uid,
            "sha256": sha256,
        },
    )


def audit_change(
    unit_of_work: UnitOfWork, caller: Caller, action: Action, *, hospital: str, study_instance_uid: str, what: str
) -> None:
    """Count one instance for the audit trail: one entry a study and act is written as the unit of work ends."""
    tallies: dict[tuple[str, ...], _Tally] = unit_of_work.notes.setdefault(_TALLIES, {})
    key = (caller.id, action.value, hospital, study_instance_uid)
    tally = tallies.setdefault(key, _Tally(caller, action, hospital, study_instance_uid))
    tally.counts[what] = tally.counts.get(what, 0) + 1
    unit_of_work.before_commit(_TALLIES, lambda: _write(unit_of_work))


def _write(unit_of_work: UnitOfWork) -> None:
    tallies: dict[tuple[str, ...], _Tally] = unit_of_work.notes.pop(_TALLIES)
    for tally in tallies.values():
        audit_by(
            unit_of_work.reader,
            tally.caller,
            tally.action,
            subject=tally.study_instance_uid,
            hospital=tally.hospital,
            detail={"instances": tally.counts},
        )
