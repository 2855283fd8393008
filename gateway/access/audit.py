"""The audit trail: one call for each read, store, search, export and delete of patient data."""

from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.caller import Caller
from gateway.access.tables import AuditRow
from gateway.database import now
from gateway.inserting import insert_rows
from gateway.reading import Reader, statements_of


class Action(StrEnum):
    """What was done, after the event ids of PS3.15 A.5 (CID 400)."""

    ACCESSED = "instances-accessed"  # 110103
    TRANSFERRED = "instances-transferred"  # 110104
    DELETED = "study-deleted"  # 110105
    EXPORTED = "export"  # 110106
    IMPORTED = "import"  # 110107
    PATIENT_RECORD = "patient-record"  # 110110
    PROCEDURE_RECORD = "procedure-record"  # 110111
    QUERIED = "query"  # 110112
    SECURITY = "security-alert"  # 110113
    AUTHENTICATED = "user-authentication"  # 110114


class Outcome(IntEnum):
    """How it ended (RFC 3881 5.1.4)."""

    SUCCESS = 0
    MINOR_FAILURE = 4
    SERIOUS_FAILURE = 8


def audit(
    session: Session,
    caller: Caller,
    action: Action,
    *,
    subject: str,
    hospital: str | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one entry, in the transaction of the act itself where that writes.

    `subject` names what was acted on by our own ids or UIDs; `detail` may hold counts and, for a query, its keys.
    """
    audit_by(statements_of(session), caller, action, subject=subject, hospital=hospital, outcome=outcome, detail=detail)


def audit_by(
    statements: Reader,
    caller: Caller,
    action: Action,
    *,
    subject: str,
    hospital: str | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    detail: dict[str, Any] | None = None,
) -> None:
    """The same by statements of text, where there is no session."""
    entry = {
        "at": now(),
        "caller_id": caller.id,
        "hospital_id": hospital or caller.home,
        "action": action.value,
        "outcome": int(outcome),
        "subject": subject,
        "detail": detail or {},
    }
    insert_rows(statements, AuditRow.__tablename__, [entry])
