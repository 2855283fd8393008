"""Writing down what an attempt led to, each in a short transaction of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from dimse.outgoing import SentCopy
from dimse.reactions import Reaction
from gateway.access.audit import Action, Outcome, audit
from gateway.access.caller import SYSTEM
from gateway.database import UnitOfWork
from gateway.delivery.claims import Claim
from gateway.delivery.rules import Decision, History, Limits, decide, given_up_for_age
from gateway.delivery.states import WAITING, DeliveryState
from gateway.delivery.tables import MESSAGE_LENGTH, DeliveryAttemptRow, DeliveryRow
from gateway.events.log import EventType, record

_BURIED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as it went: when, what to do about it, the DIMSE status (None: no answer), the reason in words.

    `copy` is what went in the instance's place, None where it went itself.
    """

    started_at: datetime
    ended_at: datetime
    reaction: Reaction
    status: int | None
    words: str
    copy: SentCopy | None = None

    @property
    def may_have_been_seen(self) -> bool:
        """Whether the destination may have seen the instance, which it did not take."""
        return self.status is not None or self.reaction is Reaction.UNKNOWN_OUTCOME


def record_attempt(
    unit_of_work: UnitOfWork,
    held: Claim,
    worker: str,
    attempt: Attempt,
    limits: Limits,
    *,
    chance: float,
    prove_after: timedelta | None = None,
) -> DeliveryState | None:
    """Add the attempt and move the delivery on; return its new state.

    Once sent it is to be proved `prove_after` that; None: not at all, as this destination is set.

    None, and nothing is written, when the delivery is no longer the worker's: its lease ended, or it is gone.
    """
    session = unit_of_work.session
    decision = decide(attempt.reaction, attempt.words, _history(session, held, attempt), limits, chance=chance)
    prove_at = None if prove_after is None else attempt.ended_at + prove_after
    values = _standing(held, attempt, decision) | _sent_values(attempt, decision, prove_at)
    if not _move_on(session, held, worker, values):
        return None
    session.execute(insert(DeliveryAttemptRow).values(_attempt_row(held, attempt)))
    if decision.state is DeliveryState.SENT or attempt.may_have_been_seen:
        _audit_transfer(session, held, attempt, decision)
    if decision.state is DeliveryState.DEAD:
        announce_death(unit_of_work, held.delivery_id, held.hospital, held.destination, decision.message)
    return decision.state


def cancel_missing(unit_of_work: UnitOfWork, held: Claim, worker: str) -> None:
    """End a delivery whose instance the archive no longer holds."""
    unit_of_work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == held.delivery_id, DeliveryRow.claimed_by == worker)
        .values(
            state=DeliveryState.CANCELLED.value,
            claimed_by=None,
            claimed_until=None,
            last_message="the archive no longer holds it, or holds it corrected",
        )
        .execution_options(synchronize_session=False)
    )


def bury_aged(unit_of_work: UnitOfWork, destination: str, limits: Limits, *, at: datetime, words: str) -> int:
    """Give up what waits for a destination that is down, `words` say how, and is too old; return how many.

    At most some hundreds at a time, the events' sequencer being held meanwhile: call again until it returns 0.
    """
    session = unit_of_work.session
    message = given_up_for_age(words, limits)[:MESSAGE_LENGTH]
    aged = session.execute(
        select(DeliveryRow.id, DeliveryRow.hospital_id)
        .where(
            DeliveryRow.destination == destination,
            DeliveryRow.state.in_([state.value for state in WAITING]),
            DeliveryRow.queued_at <= at - limits.give_up_after,
        )
        .limit(_BURIED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if aged:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id.in_([delivery_id for delivery_id, _hospital in aged]))
            .values(state=DeliveryState.DEAD.value, last_message=message)
            .execution_options(synchronize_session=False)
        )
    for delivery_id, hospital in aged:
        announce_death(unit_of_work, delivery_id, hospital, destination, message)
    return len(aged)


def announce_death(unit_of_work: UnitOfWork, delivery_id: int, hospital: str, destination: str, message: str) -> None:
    """Tell others that a delivery is given up, `message` says why."""
    record(
        unit_of_work,
        EventType.DELIVERY_DEAD,
        hospital=hospital,
        subject=str(delivery_id),
        data={"destination": destination, "reason": message},
    )


def _history(session: Session, held: Claim, attempt: Attempt) -> History:
    earlier: dict[str, int] = {}
    if not attempt.reaction.is_stored and held.attempts:
        rows = session.execute(
            select(DeliveryAttemptRow.outcome, func.count().label("failures"))
            .where(DeliveryAttemptRow.delivery_id == held.delivery_id, DeliveryAttemptRow.started_at >= held.queued_at)
            .group_by(DeliveryAttemptRow.outcome)
        )
        earlier = {row.outcome: row.failures for row in rows}
    return History(
        age=attempt.ended_at - held.queued_at,
        failures=sum(earlier.values()) + 1,
        same_answer=earlier.get(attempt.reaction.value, 0) + 1,
    )


def _standing(held: Claim, attempt: Attempt, decision: Decision) -> dict[str, Any]:
    return {
        "state": decision.state.value,
        "attempts": held.attempts + 1,
        "next_attempt_at": attempt.ended_at + decision.wait,
        "claimed_by": None,
        "claimed_until": None,
        "last_status": _hex(attempt.status),
        "last_message": decision.message[:MESSAGE_LENGTH],
    }


def _sent_values(attempt: Attempt, decision: Decision, prove_at: datetime | None) -> dict[str, Any]:
    if decision.state is not DeliveryState.SENT:
        in_doubt = attempt.copy is not None and attempt.reaction is Reaction.UNKNOWN_OUTCOME
        return _sent_as(attempt.copy) if in_doubt else {}
    return {"sent_at": attempt.ended_at, "prove_at": prove_at, "looks": 0, **_sent_as(attempt.copy)}


def _sent_as(copy: SentCopy | None) -> dict[str, str | None]:
    return {
        "sent_sop_class_uid": copy.sop_class_uid if copy else None,
        "sent_sop_instance_uid": copy.sop_instance_uid if copy else None,
        "sent_series_instance_uid": copy.series_instance_uid if copy else None,
        "sent_study_instance_uid": copy.study_instance_uid if copy else None,
    }


def _move_on(session: Session, held: Claim, worker: str, values: dict[str, Any]) -> bool:
    moved = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == held.delivery_id, DeliveryRow.claimed_by == worker)
        .values(values)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


def _attempt_row(held: Claim, attempt: Attempt) -> dict[str, Any]:
    return {
        "delivery_id": held.delivery_id,
        "hospital_id": held.hospital,
        "destination": held.destination,
        "number": held.attempts + 1,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "outcome": attempt.reaction.value,
        "status": _hex(attempt.status),
        "message": attempt.words[:MESSAGE_LENGTH],
    }


def _hex(status: int | None) -> str | None:
    return None if status is None else f"{status:04X}"


def _audit_transfer(session: Session, held: Claim, attempt: Attempt, decision: Decision) -> None:
    audit(
        session,
        SYSTEM,
        Action.TRANSFERRED,
        subject=held.sop_instance_uid,
        hospital=held.hospital,
        outcome=Outcome.SUCCESS if decision.state is DeliveryState.SENT else Outcome.MINOR_FAILURE,
        detail={
            "delivery": held.delivery_id,
            "destination": held.destination,
            "revision": held.revision,
            "outcome": attempt.reaction.value,
        },
    )
