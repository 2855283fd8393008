"""Parts that follow the log: each event once, whoever takes it; a place moves along where nothing is for them."""

from collections.abc import Callable

import pytest

from gateway.database import Database, UnitOfWork
from gateway.events import following
from gateway.events.following import Following, Overtaken
from gateway.events.log import EventType, record
from gateway.events.tables import FollowerRow

NAME = "library"
TYPES = (EventType.OPINION_READY,)


def _record(database: Database, *types: EventType) -> None:
    for event_type in types:
        with database.write() as unit_of_work:
            record(unit_of_work, event_type, hospital="north", subject="test")


def _fail_after(database: Database, act: Callable[[UnitOfWork], None]) -> None:
    with database.write() as unit_of_work:
        act(unit_of_work)
        raise ZeroDivisionError


def _place(database: Database) -> int:
    with database.read() as session:
        return session.get_one(FollowerRow, NAME).last_number


def test_an_event_is_taken_once_and_in_the_transaction_of_what_it_brings_about(database: Database) -> None:
    _record(database, EventType.PHOTO_ACCEPTED, EventType.OPINION_READY, EventType.OPINION_READY)
    first, second = Following(database, NAME, TYPES), Following(database, NAME, TYPES)
    assert [event.number for event in first.next_events()] == [2, 3]
    event = second.next_events()[0]
    with pytest.raises(ZeroDivisionError):
        _fail_after(database, lambda unit_of_work: first.take(unit_of_work, event))
    assert _place(database) == 0
    with database.write() as unit_of_work:
        first.take(unit_of_work, event)
    with pytest.raises(Overtaken), database.write() as unit_of_work:
        second.take(unit_of_work, event)
    assert [each.number for each in second.next_events()] == [3]


def test_a_place_moves_along_now_and_then_where_nothing_is_for_the_follower(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_QUIET", 3)
    follower = Following(sqlite, NAME, TYPES)
    _record(sqlite, EventType.PHOTO_ACCEPTED, EventType.PHOTO_ACCEPTED)
    assert not follower.next_events()
    assert _place(sqlite) == 0
    _record(sqlite, EventType.PHOTO_ACCEPTED)
    assert not follower.next_events()
    assert _place(sqlite) == 3
    _record(sqlite, EventType.OPINION_READY)
    assert [event.number for event in follower.next_events()] == [4]


def test_who_has_no_place_in_the_log_follows_nothing(sqlite: Database) -> None:
    _record(sqlite, EventType.OPINION_READY)
    with sqlite.write() as unit_of_work:
        unit_of_work.session.delete(unit_of_work.session.get_one(FollowerRow, NAME))
    assert not Following(sqlite, NAME, TYPES).next_events()
