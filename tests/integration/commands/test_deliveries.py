"""`dermgate deliveries` on a database beside which no gateway runs: what is listed, changed, asked for, refused."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.cli import main
from gateway.database import Database
from gateway.delivery.tables import DeliveryRow
from gateway.migrations.upgrade import upgrade
from tests.integration.delivery.hospital import archived_and_queued, destination, states

Run = Callable[..., tuple[int, str, str]]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/var/dermgate.db")
    upgrade(made)
    yield made
    made.close()


@pytest.fixture
def run(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "dermgate.toml").touch()
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(["deliveries", *arguments, "--config", str(tmp_path / "dermgate.toml")])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_it


@pytest.fixture
def dead(database: Database) -> None:
    """Three dead deliveries to each of two destinations."""
    archived_and_queued(database, 3, destination("a"), destination("b"))
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(state="dead"))


def test_many_are_not_changed_without_a_word_where_nobody_can_be_asked(
    run: Run, database: Database, dead: None
) -> None:
    code, _, told = run("retry", "--state", "dead", "--destination", "a")
    assert (code, told) == (2, "dermgate: retry 3 dead deliveries to a? Nobody is there to ask: say --yes\n")
    assert states(database) == {"dead": 6}


def test_somebody_who_is_asked_decides(
    run: Run, database: Database, dead: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal("n\n"))
    assert run("retry", "--state", "dead")[0] == 2
    assert states(database) == {"dead": 6}
    monkeypatch.setattr(sys, "stdin", _Terminal("y\n"))
    code, told, _ = run("retry", "--state", "dead")
    assert (code, told) == (0, "6 deliveries queued again\n")
    assert states(database) == {"queued": 6}


def test_those_of_one_destination_are_sent_again_or_cancelled(run: Run, database: Database, dead: None) -> None:
    assert run("retry", "--state", "dead", "--destination", "a", "--yes")[1] == "3 deliveries queued again\n"
    assert run("cancel", "--state", "dead", "--yes", "--json")[1] == '{"act":"cancel","deliveries":3}\n'
    assert states(database) == {"queued": 3, "cancelled": 3}


def test_age_narrows_a_change_and_a_listing(run: Run, database: Database, dead: None) -> None:
    assert run("retry", "--state", "dead", "--older-than", "1h", "--yes")[1] == "0 deliveries queued again\n"
    assert run("list", "--older-than", "1h", "--json")[1] == ""
    assert len(run("list", "--older-than", "0s", "--json")[1].splitlines()) == 6


@pytest.mark.parametrize(
    "arguments",
    [("retry",), ("cancel",), ("retry", "1", "--state", "dead"), ("retry", "--destination", "a", "--yes")],
)
def test_a_vague_change_is_refused(run: Run, database: Database, dead: None, arguments: tuple[str, ...]) -> None:
    code, _, told = run(*arguments)
    assert code == 2
    assert "--state" in told
    assert states(database) == {"dead": 6}


@pytest.mark.parametrize("state", ["sent", "sending", "committed", "nonsense"])
def test_what_has_arrived_cannot_be_meant(run: Run, state: str) -> None:
    with pytest.raises(SystemExit):
        run("retry", "--state", state, "--yes")


def test_the_queues_are_shown_for_people_and_for_programs(run: Run, dead: None) -> None:
    table = run("status")[1]
    assert "given up" in table
    queues = [json.loads(line) for line in run("status", "--json")[1].splitlines()]
    assert [(queue["destination"], queue["dead"]) for queue in queues] == [("a", 3), ("b", 3)]
