"""Looking at deliveries, sending again, cancelling: within the caller's scope, audited."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, NotPermitted, Role, Scope
from gateway.access.tables import AuditRow
from gateway.database import Database, now
from gateway.delivery.errors import NotCancellable, NotRetriable, UnknownDelivery
from gateway.delivery.figures import queue_figures
from gateway.delivery.service import cancel, deliveries_of, list_deliveries, retry
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow
from tests.integration.delivery.hospital import archived_and_queued, destination, queue, rows

HERE = destination()
THERE = destination("there", hospital="elsewhere")
STRANGER = Caller("key:1", frozenset({Role.ADMINISTRATOR}), frozenset({"elsewhere"}))


def _put(database: Database, state: DeliveryState, *ids: int) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(state=state.value))


def test_listing_needs_the_permission(sqlite: Database) -> None:
    with sqlite.read() as session, pytest.raises(NotPermitted):
        list_deliveries(session, Caller("key:2", frozenset({Role.APP}), None))


def test_a_patient_does_not_see_the_queue(sqlite: Database) -> None:
    with sqlite.read() as session, pytest.raises(NotPermitted):
        list_deliveries(session, Caller("key:3", frozenset({Role.CLINICIAN}), None, patient="p"))


def test_pages_hold_every_delivery_once_the_newest_first(database: Database) -> None:
    archived_and_queued(database, 7, HERE)
    seen: list[int] = []
    cursor = None
    while True:
        with database.read() as session:
            page = list_deliveries(session, LOCAL_ADMINISTRATOR, limit=3, cursor=cursor)
        seen += [delivery.id for delivery in page.deliveries]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        archived_and_queued(database, 1, HERE)
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 7


def test_a_listing_can_be_narrowed(database: Database) -> None:
    instance_ids = archived_and_queued(database, 3, HERE)
    queue(database, instance_ids, destination("second"))
    _put(database, DeliveryState.DEAD, rows(database)[0].id)
    with database.read() as session:
        dead = list_deliveries(session, LOCAL_ADMINISTRATOR, state=DeliveryState.DEAD)
        second = list_deliveries(session, LOCAL_ADMINISTRATOR, destination="second")
    assert [delivery.id for delivery in dead.deliveries] == [rows(database)[0].id]
    assert {delivery.destination for delivery in second.deliveries} == {"second"}


def test_other_hospitals_deliveries_do_not_exist_for_a_caller(database: Database) -> None:
    mine = archived_and_queued(database, 1, HERE)
    theirs = archived_and_queued(database, 1, THERE)
    with database.read() as session:
        listed = list_deliveries(session, STRANGER)
        found = deliveries_of(session, Scope(frozenset({"elsewhere"})), mine + theirs)
    assert [delivery.hospital for delivery in listed.deliveries] == ["elsewhere"]
    assert list(found) == theirs
    with pytest.raises(UnknownDelivery), database.write() as unit_of_work:
        retry(unit_of_work, STRANGER, rows(database)[0].id)


def test_the_deliveries_of_an_instance_come_in_order(database: Database) -> None:
    [instance_id] = archived_and_queued(database, 1, HERE, destination("second"))
    with database.read() as session:
        found = deliveries_of(session, Scope(None), [instance_id, 99999])
    assert [(delivery.destination, delivery.state) for delivery in found[instance_id]] == [
        ("pacs", "queued"),
        ("second", "queued"),
    ]


@pytest.mark.parametrize(
    "state", [DeliveryState.DEAD, DeliveryState.FAILED, DeliveryState.NOT_ACCEPTED, DeliveryState.CANCELLED]
)
def test_what_ended_short_is_queued_again_with_a_new_age(sqlite: Database, state: DeliveryState) -> None:
    archived_and_queued(sqlite, 1, HERE)
    [row] = rows(sqlite)
    _put(sqlite, state, row.id)
    with sqlite.write() as unit_of_work:
        assert retry(unit_of_work, LOCAL_ADMINISTRATOR, row.id).state is DeliveryState.QUEUED
    [after] = rows(sqlite)
    assert after.queued_at > row.queued_at
    assert after.created_at == row.created_at


@pytest.mark.parametrize(
    "state", [DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.COMMITTED]
)
def test_what_waits_is_sent_or_arrived_is_not_retried(sqlite: Database, state: DeliveryState) -> None:
    archived_and_queued(sqlite, 1, HERE)
    [row] = rows(sqlite)
    _put(sqlite, state, row.id)
    with pytest.raises(NotRetriable, match=state.value), sqlite.write() as unit_of_work:
        retry(unit_of_work, LOCAL_ADMINISTRATOR, row.id)


def test_cancelling_ends_what_waits_and_is_audited(database: Database) -> None:
    archived_and_queued(database, 1, HERE)
    [row] = rows(database)
    with database.write() as unit_of_work:
        cancelled = cancel(unit_of_work, LOCAL_ADMINISTRATOR, row.id)
    assert cancelled.state is DeliveryState.CANCELLED
    with database.read() as session:
        [entry] = session.execute(select(AuditRow.subject, AuditRow.detail)).all()
    assert entry.subject == cancelled.sop_instance_uid
    assert entry.detail == {"act": "cancel", "delivery": row.id, "destination": "pacs"}


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.CANCELLED])
def test_what_is_sent_or_arrived_is_not_cancelled(sqlite: Database, state: DeliveryState) -> None:
    archived_and_queued(sqlite, 1, HERE)
    [row] = rows(sqlite)
    _put(sqlite, state, row.id)
    with pytest.raises(NotCancellable), sqlite.write() as unit_of_work:
        cancel(unit_of_work, LOCAL_ADMINISTRATOR, row.id)


def test_an_unknown_delivery_is_unknown(sqlite: Database) -> None:
    with pytest.raises(UnknownDelivery), sqlite.write() as unit_of_work:
        retry(unit_of_work, LOCAL_ADMINISTRATOR, 7)


def test_figures_count_each_destination(database: Database) -> None:
    archived_and_queued(database, 3, HERE)
    archived_and_queued(database, 2, THERE)
    _put(database, DeliveryState.SENT, rows(database)[0].id)
    _put(database, DeliveryState.DEAD, rows(database)[3].id, rows(database)[4].id)
    with database.read() as session:
        here, there = queue_figures(session, now() + timedelta(seconds=100))
    assert (here.destination, here.waiting, here.sent, here.dead) == ("pacs", 2, 1, 0)
    assert 100 <= here.oldest_waiting_seconds < 130
    assert (there.destination, there.waiting, there.oldest_waiting_seconds, there.dead) == ("there", 0, 0.0, 2)


def test_an_empty_outbox_has_no_figures(sqlite: Database) -> None:
    with sqlite.read() as session:
        assert queue_figures(session, now()) == []
