import pytest

from gateway.access.caller import Scope
from gateway.database import Database
from gateway.events.log import Event, EventType, read, record

EVERYWHERE = Scope(None)


@pytest.fixture
def log(database: Database) -> Database:
    """Six events of two hospitals: accepted and rejected photos by turns."""
    for number in range(1, 7):
        with database.write() as unit_of_work:
            event_type = EventType.PHOTO_ACCEPTED if number % 2 else EventType.PHOTO_REJECTED
            hospital = "south" if number % 3 == 0 else "north"
            record(unit_of_work, event_type, hospital=hospital, subject=f"photo/{number}", data={"number": number})
    return database


def numbers(
    database: Database,
    scope: Scope = EVERYWHERE,
    *,
    after: int = 0,
    limit: int = 100,
    types: tuple[EventType, ...] = (),
) -> list[int]:
    with database.read() as session:
        return [event.number for event in read(session, scope, after=after, limit=limit, types=types)]


def test_an_event_is_read_as_it_was_recorded(log: Database) -> None:
    with log.read() as session:
        (event,) = read(session, EVERYWHERE, after=2, limit=1)
    assert event == Event(3, EventType.PHOTO_ACCEPTED, event.at, "south", "photo/3", {"number": 3})
    assert event.at.utcoffset() is not None


@pytest.mark.parametrize(
    ("hospitals", "expected"),
    [
        (None, [1, 2, 3, 4, 5, 6]),
        (frozenset({"north"}), [1, 2, 4, 5]),
        (frozenset({"south"}), [3, 6]),
        (frozenset({"north", "south"}), [1, 2, 3, 4, 5, 6]),
        (frozenset({"west"}), []),
        (frozenset(), []),
    ],
)
def test_a_reader_sees_the_events_of_its_hospitals(
    log: Database, hospitals: frozenset[str] | None, expected: list[int]
) -> None:
    assert numbers(log, Scope(hospitals)) == expected


def test_pages_follow_each_other_without_a_gap(log: Database) -> None:
    assert numbers(log, limit=4) == [1, 2, 3, 4]
    assert numbers(log, after=4, limit=4) == [5, 6]
    assert numbers(log, after=6) == []
    assert numbers(log, after=2**63 - 1) == []


def test_only_the_kinds_asked_for_are_read(log: Database) -> None:
    assert numbers(log, types=(EventType.PHOTO_REJECTED,)) == [2, 4, 6]
    assert numbers(log, Scope(frozenset({"south"})), types=(EventType.PHOTO_REJECTED,)) == [6]
    assert numbers(log, types=(EventType.MODEL_PROMOTED,)) == []
