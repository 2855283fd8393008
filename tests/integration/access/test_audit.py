import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from gateway.access.audit import Action, Outcome, audit
from gateway.access.caller import Caller, Role
from gateway.access.tables import AuditRow
from gateway.database import Database

CALLER = Caller("key:1", frozenset({Role.APP}), frozenset({"north"}))


def enter(database: Database) -> None:
    with database.write() as unit_of_work:
        audit(unit_of_work.session, CALLER, Action.IMPORTED, subject="photo/1", detail={"instances": 2})


def entries(database: Database) -> list[AuditRow]:
    with database.read() as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.number)))


def test_an_entry_says_who_did_what_where_and_how_it_ended(database: Database) -> None:
    enter(database)
    with database.write() as unit_of_work:
        audit(
            unit_of_work.session, CALLER, Action.QUERIED, subject="study", hospital="south",
            outcome=Outcome.SERIOUS_FAILURE,
        )  # fmt: skip
    first, second = entries(database)
    assert (first.caller_id, first.hospital_id, first.action) == ("key:1", "north", "import")
    assert (first.outcome, first.subject, first.detail) == (0, "photo/1", {"instances": 2})
    assert (second.hospital_id, second.outcome, second.detail) == ("south", 8, {})
    assert first.at <= second.at


def test_an_entry_goes_with_the_act_that_fails(database: Database) -> None:
    def attempt() -> None:
        with database.write() as unit_of_work:
            audit(unit_of_work.session, CALLER, Action.IMPORTED, subject="photo/1")
            raise RuntimeError("meant")

    with pytest.raises(RuntimeError, match="meant"):
        attempt()
    assert entries(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditRow).values(subject="nothing happened"),
        update(AuditRow).where(AuditRow.number == 1).values(outcome=0),
        delete(AuditRow),
        text("DELETE FROM audit WHERE number = 1"),
    ],
)
def test_an_entry_can_be_neither_changed_nor_removed(database: Database, statement: object) -> None:
    enter(database)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as unit_of_work:
        unit_of_work.session.execute(statement)  # type: ignore[call-overload]  # any of the kinds above
    assert [entry.subject for entry in entries(database)] == ["photo/1"]


def test_the_trail_cannot_be_emptied(postgresql: Database) -> None:
    enter(postgresql)
    with pytest.raises(DBAPIError, match="append-only"), postgresql.write() as unit_of_work:
        unit_of_work.session.execute(text("TRUNCATE audit"))
    assert len(entries(postgresql)) == 1


def test_an_entry_cannot_be_replaced(sqlite: Database) -> None:
    enter(sqlite)
    columns = "number, at, caller_id, hospital_id, action, outcome"
    replacing = text(f"INSERT OR REPLACE INTO audit SELECT {columns}, 'another', detail FROM audit")
    with pytest.raises(DBAPIError, match="append-only"), sqlite.write() as unit_of_work:
        unit_of_work.session.execute(replacing)
    assert [entry.subject for entry in entries(sqlite)] == ["photo/1"]
