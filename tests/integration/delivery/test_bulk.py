"""Sending again or cancelling many at once: exactly those that are meant, within the caller's scope, audited."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, NotPermitted, Role
from gateway.access.tables import AuditRow
from gateway.database import Database, now
from gateway.delivery import bulk
from gateway.delivery.bulk import Act, Which, change_many, count_deliveries, states_for
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow
from tests.integration.delivery.hospital import archived_and_queued, destination, rows, states

DEAD = DeliveryState.DEAD


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)


def put(database: Database, state: DeliveryState, **values: object) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(state=state.value, **values))


def test_only_what_is_in_the_state_and_of_the_destination_is_sent_again(database: Database) -> None:
    archived_and_queued(database, 7, destination("a"), destination("b"))
    put(database, DEAD)
    archived_and_queued(database, 2, destination("a"))
    which = Which(DEAD, "a")
    with database.read() as session:
        assert count_deliveries(session, LOCAL_ADMINISTRATOR, which) == 7
    assert list(change_many(database, LOCAL_ADMINISTRATOR, which, Act.RETRY)) == [3, 3, 1]
    assert states(database) == {"queued": 9, "dead": 7}
    with database.read() as session:
        assert count_deliveries(session, LOCAL_ADMINISTRATOR, which) == 0


def test_age_counts_from_when_it_was_queued(sqlite: Database) -> None:
    archived_and_queued(sqlite, 2, destination())
    put(sqlite, DEAD, queued_at=now() - timedelta(hours=3))
    archived_and_queued(sqlite, 2, destination())
    with sqlite.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(state=DEAD.value))
    which = Which(DEAD, queued_before=now() - timedelta(hours=2))
    assert sum(change_many(sqlite, LOCAL_ADMINISTRATOR, which, Act.CANCEL)) == 2
    assert [row.state for row in rows(sqlite)] == ["cancelled", "cancelled", "dead", "dead"]


def test_a_failed_one_that_is_sent_again_is_not_met_twice(sqlite: Database) -> None:
    archived_and_queued(sqlite, 7, destination())
    put(sqlite, DeliveryState.QUEUED)
    which = Which(DeliveryState.QUEUED)
    assert sum(change_many(sqlite, LOCAL_ADMINISTRATOR, which, Act.CANCEL)) == 7


def test_each_one_is_entered_in_the_audit_trail(sqlite: Database) -> None:
    archived_and_queued(sqlite, 4, destination())
    put(sqlite, DEAD)
    list(change_many(sqlite, LOCAL_ADMINISTRATOR, Which(DEAD), Act.RETRY))
    with sqlite.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 4


def test_another_hospitals_deliveries_are_left_alone(sqlite: Database) -> None:
    archived_and_queued(sqlite, 2, destination())
    put(sqlite, DEAD)
    stranger = Caller("key:1", frozenset({Role.ADMINISTRATOR}), frozenset({"elsewhere"}))
    assert sum(change_many(sqlite, stranger, Which(DEAD), Act.RETRY)) == 0
    assert states(sqlite) == {"dead": 2}


def test_whoever_may_only_look_changes_nothing(sqlite: Database) -> None:
    monitor = Caller("key:2", frozenset({Role.MONITOR}), None)
    with pytest.raises(NotPermitted):
        list(change_many(sqlite, monitor, Which(DEAD), Act.RETRY))


def test_what_is_being_sent_or_has_arrived_is_never_meant() -> None:
    for act in Act:
        assert not {"sending", "sent", "confirmed", "committed"} & {state.value for state in states_for(act)}
    assert set(states_for(Act.RETRY)) == {
        DeliveryState.FAILED, DEAD, DeliveryState.NOT_ACCEPTED, DeliveryState.CANCELLED,
    }  # fmt: skip
