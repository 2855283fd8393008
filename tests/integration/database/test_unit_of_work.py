import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NoReturn

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from gateway.database import Database
from gateway.review.tables import CaseRow, CaseSeriesRow
from tests.integration.database.cases import case, count_cases, series


def fail() -> NoReturn:
    raise RuntimeError("meant")


def test_a_block_that_raises_leaves_nothing_of_itself(database: Database) -> None:
    steps: list[str] = []

    def attempt() -> None:
        with database.write() as unit_of_work:
            unit_of_work.session.add(case("1"))
            unit_of_work.session.flush()
            unit_of_work.session.add(series("1"))
            unit_of_work.before_commit("step", lambda: steps.append("before"))
            unit_of_work.after_commit(lambda: steps.append("after"))
            fail()

    with pytest.raises(RuntimeError, match="meant"):
        attempt()
    assert (count_cases(database), steps) == (0, [])


def test_a_last_step_that_fails_takes_everything_with_it(database: Database) -> None:
    after: list[str] = []

    def attempt() -> None:
        with database.write() as unit_of_work:
            unit_of_work.session.add(case("1"))
            unit_of_work.before_commit("step", fail)
            unit_of_work.after_commit(lambda: after.append("after"))

    with pytest.raises(RuntimeError, match="meant"):
        attempt()
    assert (count_cases(database), after) == (0, [])


def test_last_steps_run_once_in_their_order_and_may_ask_for_more(database: Database) -> None:
    steps: list[str] = []
    with database.write() as unit_of_work:
        unit_of_work.before_commit("a", lambda: unit_of_work.before_commit("c", lambda: steps.append("c")))
        unit_of_work.before_commit("b", lambda: steps.append("b"))
        unit_of_work.before_commit("b", lambda: steps.append("b again"))
    assert steps == ["b", "c"]


def test_steps_after_the_commit_find_it_durable_and_may_write_themselves(database: Database) -> None:
    found: list[int] = []

    def count_and_write() -> None:
        found.append(count_cases(database))
        with database.write() as another:
            another.session.add(case("2"))

    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
        unit_of_work.after_commit(count_and_write)
        unit_of_work.after_commit(lambda: found.append(count_cases(database)))
    assert found == [1, 2]


def test_a_step_that_fails_after_the_commit_is_logged_and_undoes_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    after: list[str] = []
    with caplog.at_level(logging.ERROR), database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
        unit_of_work.after_commit(fail)
        unit_of_work.after_commit(lambda: after.append("the next one"))
    assert (count_cases(database), after) == (1, ["the next one"])
    assert "a step after a commit failed" in caplog.text


def test_a_second_unit_of_work_in_the_same_thread_is_refused_instead_of_waiting_for_ever(database: Database) -> None:
    with database.write() as unit_of_work:
        with pytest.raises(RuntimeError, match="hand that one on"), database.write():
            pass
        unit_of_work.session.add(case("1"))
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("2"))
    assert count_cases(database) == 2


def test_a_row_that_refers_to_none_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as unit_of_work:
        unit_of_work.session.add(series("nobody"))


@pytest.mark.parametrize("patient_id", ["홍길동-19700101", None])
def test_an_error_of_the_database_repeats_no_value(database: Database, patient_id: str) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1", patient_id="홍길동-19700101"))
    again = case("1", patient_id=patient_id)
    again.study_instance_uid = "홍길동-19700101"
    with pytest.raises(IntegrityError) as raised, database.write() as unit_of_work:
        unit_of_work.session.add(again)
    assert "홍길동" not in str(raised.value)
    assert "홍길동" not in str(raised.value.orig)


def test_rows_can_be_used_after_the_read_that_loaded_them(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
    with database.read() as session:
        row = session.get_one(CaseRow, "1")
    assert row.study_instance_uid == "2.25.1"


def test_a_read_sees_one_state_whatever_is_committed_meanwhile(database: Database) -> None:
    with database.read() as session:
        assert session.get(CaseRow, "1") is None
        with ThreadPoolExecutor(1) as other:
            other.submit(_add, database, "1").result(timeout=10)
        assert session.get(CaseRow, "1") is None
    assert count_cases(database) == 1


def test_what_a_read_adds_is_not_kept(database: Database) -> None:
    with database.read() as session:
        session.add(case("1"))
    assert count_cases(database) == 0


def test_a_write_within_a_read_is_refused_on_postgresql(postgresql: Database) -> None:
    def attempt(session: Session) -> None:
        session.add(case("1"))
        session.flush()

    with postgresql.read() as session, pytest.raises(DBAPIError, match="read-only"):
        attempt(session)


class _NoOffset(tzinfo):
    def utcoffset(self, _moment: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize("zone", [None, _NoOffset()])
def test_a_moment_without_a_zone_is_refused(database: Database, zone: tzinfo | None) -> None:
    row = case("1")
    row.opened_at = datetime(2026, 5, 1, 12, tzinfo=zone)
    with pytest.raises(StatementError, match="without a time zone"), database.write() as unit_of_work:
        unit_of_work.session.add(row)


def test_moments_come_back_in_utc_to_the_microsecond(database: Database) -> None:
    row = case("1")
    row.opened_at = datetime(2026, 5, 1, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=9)))
    with database.write() as unit_of_work:
        unit_of_work.session.add(row)
    with database.read() as session:
        kept = session.get_one(CaseRow, "1").opened_at
    assert kept == datetime(2026, 4, 30, 18, 4, 5, 678901, tzinfo=UTC)
    assert kept.tzinfo is UTC


def test_rows_that_belong_to_a_case_go_with_it(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
        unit_of_work.session.flush()
        unit_of_work.session.add(series("1"))
    with database.write() as unit_of_work:
        unit_of_work.session.delete(unit_of_work.session.get_one(CaseRow, "1"))
    with database.read() as session:
        assert session.get(CaseSeriesRow, ("1", "arm")) is None


def _add(database: Database, name: str) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case(name))
