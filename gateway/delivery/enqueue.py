"""Putting deliveries into the outbox, in the transaction that archives what they deliver."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gateway.config import Destination, DimseDestination
from gateway.database import UnitOfWork, now
from gateway.delivery.bell import QUEUED
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow


def enqueue(
    unit_of_work: UnitOfWork,
    hospital: str,
    instance_id: int,
    revision: int,
    destinations: Iterable[Destination],
    *,
    not_back_to: str | None = None,
) -> tuple[str, ...]:
    """Queue one revision of an instance for the destinations; return the names of those it is meant for.

    Left out are destinations of another hospital, and those with the AE title `not_back_to`: nothing is sent back
    to where it came from. What is queued already, in whatever state, stays as it is. The couriers of this process
    are woken when the transaction is durable.
    """
    names = tuple(
        destination.name
        for destination in destinations
        if destination.hospital == hospital and not _is_at(destination, not_back_to)
    )
    if names:
        _insert_missing(unit_of_work.session, [_row(hospital, instance_id, revision, name) for name in names])
        unit_of_work.after_commit(lambda: QUEUED.ring(names))
    return names


def _is_at(destination: Destination, ae_title: str | None) -> bool:
    return isinstance(destination, DimseDestination) and destination.ae_title == ae_title


def _row(hospital: str, instance_id: int, revision: int, destination: str) -> dict[str, Any]:
    moment = now()
    return {
        "hospital_id": hospital,
        "instance_id": instance_id,
        "revision": revision,
        "destination": destination,
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
        "created_at": moment,
        "queued_at": moment,
        "next_attempt_at": moment,
    }


def _insert_missing(session: Session, rows: list[dict[str, Any]]) -> None:
    table = DeliveryRow.__table__
    assert isinstance(table, Table)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(table).values(rows).on_conflict_do_nothing())
