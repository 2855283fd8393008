"""Transactions that write: a session and statements of text in one, and the connection that SQLite is written by."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, OperationalError, PendingRollbackError

from gateway.database import Database, UnitOfWork
from tests.integration.database.cases import case, count_cases

_COPY = """
INSERT INTO cases (id, hospital_id, issuer_of_patient_id, patient_id, study_instance_uid, accession_number, opened_at,
started_at)
SELECT '2', hospital_id, issuer_of_patient_id, patient_id, '2.25.2', accession_number, opened_at, started_at
FROM cases"""
_ONE_INVALID = "INSERT INTO cases (id) VALUES (NULL)"


def test_a_session_that_is_used_after_its_unit_of_work_is_refused_on_sqlite(sqlite: Database) -> None:
    with sqlite.write() as unit_of_work:
        session = unit_of_work.session
    with pytest.raises(InvalidRequestError, match="closed"):
        session.add(case("late"))
    assert count_cases(sqlite) == 0


def test_a_connection_that_cannot_be_rolled_back_is_not_used_again(sqlite: Database) -> None:
    with sqlite.write() as unit_of_work:
        unit_of_work.session.add(case("1"))

    def break_off(unit_of_work: UnitOfWork) -> None:
        unit_of_work.session.add(case("2"))
        unit_of_work.session.flush()
        unit_of_work.session.connection().connection.driver_connection.close()  # type: ignore[union-attr]
        raise RuntimeError

    with pytest.raises((RuntimeError, DBAPIError, sqlite3.Error)), sqlite.write() as broken:
        break_off(broken)
    with sqlite.write() as unit_of_work:
        unit_of_work.session.add(case("3"))
    assert count_cases(sqlite) == 2


def test_a_database_that_another_holds_too_long_is_an_error_and_the_next_write_gets_through(
    sqlite: Database, tmp_path: Path
) -> None:
    with sqlite.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
        unit_of_work.reader.all("PRAGMA busy_timeout=50")
    other = sqlite3.connect(tmp_path / "dermgate.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="locked"), sqlite.write():
        pass

    other.execute("ROLLBACK")
    other.close()
    with sqlite.write() as unit_of_work:
        unit_of_work.session.add(case("2"))
    assert count_cases(sqlite) == 2


def test_statements_of_text_are_undone_with_their_block(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))

    def attempt() -> None:
        with database.write() as unit_of_work:
            unit_of_work.reader.all(_COPY)
            unit_of_work.reader.all(_ONE_INVALID)

    with pytest.raises(DBAPIError):
        attempt()
    assert count_cases(database) == 1


def test_nothing_is_written_after_a_flush_that_failed(database: Database) -> None:
    """It took the transaction back: statements of text would stand for themselves."""
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))

    def attempt() -> None:
        with database.write() as unit_of_work:
            unit_of_work.session.add(case("1"))
            with pytest.raises(IntegrityError):
                unit_of_work.session.flush()
            unit_of_work.reader.all(_COPY)

    with pytest.raises(PendingRollbackError):
        attempt()
    assert count_cases(database) == 1
    with database.write() as unit_of_work:
        unit_of_work.reader.all(_COPY)
    assert count_cases(database) == 2


def test_what_waits_in_the_session_goes_before_a_statement_of_text(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
        unit_of_work.reader.all(_COPY)
    assert count_cases(database) == 2


def test_a_session_made_late_is_in_the_same_transaction(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))

    def attempt() -> None:
        with database.write() as unit_of_work:
            unit_of_work.reader.all(_COPY)
            unit_of_work.session.add(case("3"))
            unit_of_work.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attempt()
    assert count_cases(database) == 1


def test_a_unit_of_work_is_open_until_it_ends_well_or_not(database: Database) -> None:
    with database.write() as good:
        assert good.is_open
        good.session.add(case("1"))
    with pytest.raises(ZeroDivisionError), database.write() as bad:
        1 / 0  # noqa: B018 - it raises
    assert (good.is_open, bad.is_open) == (False, False)


def test_a_database_that_was_closed_can_be_written_again(sqlite: Database) -> None:
    with sqlite.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
    sqlite.close()
    with sqlite.write() as unit_of_work:
        unit_of_work.session.add(case("2"))
    assert count_cases(sqlite) == 2
