"""Writing down what was learnt of deliveries that were to be proved; each only as long as it stands as it stood."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from gateway.database import UnitOfWork
from gateway.delivery.bell import QUEUED
from gateway.delivery.outcomes import announce_death
from gateway.delivery.proving.due import Unproven
from gateway.delivery.proving.prover import ProofKind
from gateway.delivery.proving.rules import NOT_FOUND_YET, Step
from gateway.delivery.states import UNPROVEN, DeliveryState
from gateway.delivery.tables import MESSAGE_LENGTH, DeliveryRow
from gateway.events.log import EventType, record

_UNPROVEN = "sent, but not proven: "
_UNPROVEN_DUPLICATE = "the peer has this instance already, it says, but that is not proven: "
_NOT_YET = "not proven yet: "

LEFT_UNPROVEN = (_UNPROVEN, _UNPROVEN_DUPLICATE)
"""How the words on a delivery begin of which nothing more can be asked."""

_STATES = [state.value for state in UNPROVEN]


def confirm(
    unit_of_work: UnitOfWork, delivery_ids: Collection[int], kind: ProofKind, *, at: datetime, prove_at: datetime | None
) -> None:
    """The destination was seen to hold what was sent; `prove_at`: when better proof is asked for."""
    values = {
        "state": DeliveryState.CONFIRMED.value,
        "confirmed_at": at,
        "proof_kind": kind.value,
        "proof_transaction_uid": None,
        "looks": 0,
        "prove_at": prove_at,
        "last_message": "confirmed: the destination shows it",
    }
    _change(unit_of_work, delivery_ids, values)


def commit(
    unit_of_work: UnitOfWork, hospitals: Mapping[int, str], destination: str, transaction_uid: str, at: datetime
) -> None:
    """The destination has committed itself; `hospitals` by delivery id. What is committed already stays as it is."""
    values = {
        "state": DeliveryState.COMMITTED.value,
        "committed_at": at,
        "proof_kind": ProofKind.COMMITMENT.value,
        "proof_transaction_uid": transaction_uid,
        "prove_at": None,
        "last_message": "the destination has committed itself to keeping it",
    }
    for delivery_id in _change(unit_of_work, hospitals, values):
        record(
            unit_of_work,
            EventType.DELIVERY_COMMITTED,
            hospital=hospitals[delivery_id],
            subject=str(delivery_id),
            data={"destination": destination, "transaction_uid": transaction_uid},
        )


def take_step(unit_of_work: UnitOfWork, destination: str, one: Unproven, step: Step, at: datetime) -> None:
    """Do what the rules say of a delivery that was not found, or that is not committed."""
    values: dict[str, Any] = {"state": step.state.value, "last_message": step.message[:MESSAGE_LENGTH]}
    if step.state in UNPROVEN:
        values |= {"looks": one.looks + 1, "prove_at": at + step.wait}
    else:
        values |= {"prove_at": None, "confirmed_at": None, "proof_kind": None}
    if step.state is DeliveryState.FAILED:
        # Its age counts anew: what was sent a week ago must have its chance, and is no old load to worry about.
        values |= {"resends": one.resends + 1, "looks": 0, "queued_at": at, "next_attempt_at": at + step.wait}
        unit_of_work.after_commit(lambda: QUEUED.ring([destination]))
    changed = _change(unit_of_work, [one.delivery_id], values)
    if changed and step.state is DeliveryState.DEAD:
        announce_death(unit_of_work, one.delivery_id, one.hospital, destination, step.message)


def put_off(unit_of_work: UnitOfWork, taken: Iterable[Unproven], until: datetime, words: str) -> None:
    """Ask again at `until`, nothing counted; `words` say why."""
    values = {"prove_at": until, "last_message": _not_yet(words)}
    _change(unit_of_work, [one.delivery_id for one in taken], values)


def note(unit_of_work: UnitOfWork, taken: Iterable[Unproven], words: str) -> None:
    """Say why these are not proven yet."""
    _change(unit_of_work, [one.delivery_id for one in taken], {"last_message": _not_yet(words)})


def leave_unproven(unit_of_work: UnitOfWork, taken: Collection[Unproven], words: str) -> None:
    """Nothing more can be asked; what was sent stays sent, what was confirmed stays confirmed."""
    stays_sent = [one for one in taken if one.state is DeliveryState.SENT]
    for is_duplicate, beginning in ((False, _UNPROVEN), (True, _UNPROVEN_DUPLICATE)):
        ids = [one.delivery_id for one in stays_sent if one.is_duplicate is is_duplicate]
        _change(unit_of_work, ids, {"prove_at": None, "last_message": f"{beginning}{words}"[:MESSAGE_LENGTH]})
    _change(unit_of_work, [one.delivery_id for one in taken if one not in stays_sent], {"prove_at": None})


def tells_of_proof(message: str) -> bool:
    """Whether the words on a delivery say why it is not proven."""
    return message.startswith((_NOT_YET, NOT_FOUND_YET, *LEFT_UNPROVEN))


def _not_yet(words: str) -> str:
    return f"{_NOT_YET}{words}"[:MESSAGE_LENGTH]


def _change(unit_of_work: UnitOfWork, delivery_ids: Iterable[int], values: Mapping[str, Any]) -> frozenset[int]:
    """Change those that still wait for proof; return which did."""
    ids = list(delivery_ids)
    if not ids:
        return frozenset()
    changed = unit_of_work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), DeliveryRow.state.in_(_STATES))
        .values(dict(values))
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return frozenset(changed.scalars())
