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
from tests.integration.delivery.hospital import archived_and_queued, destination, rows, states

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
    assert run("cancel", "--state", "dead", "--yes", "--json")[1] == '{"act":"cancel","deliveries":3,"in_hand":0}\n'
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


def test_what_is_in_hand_while_all_else_is_cancelled_is_told(run: Run, database: Database) -> None:
    """While a destination is down one delivery at a time is tried: it is not `queued` just then."""
    archived_and_queued(database, 4, destination("a"), destination("b"))
    with database.write() as unit_of_work:
        first = update(DeliveryRow).where(DeliveryRow.id == rows(database)[0].id)
        unit_of_work.session.execute(first.values(state="sending"))
    told = run("cancel", "--state", "queued", "--destination", "a", "--yes")[1]
    assert told.startswith("3 deliveries cancelled\n1 delivery being sent or tried at this moment")
    assert run("cancel", "--state", "queued", "--destination", "b", "--yes")[1] == "4 deliveries cancelled\n"
    assert json.loads(run("cancel", "--state", "failed", "--yes", "--json")[1])["in_hand"] == 1
    assert json.loads(run("cancel", "--state", "dead", "--yes", "--json")[1])["in_hand"] == 0


def test_where_a_copy_went_its_uid_is_listed(run: Run, database: Database, dead: None) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(sent_sop_instance_uid="1.2.999"))
    source = json.loads(run("list", "--json", "--limit", "1")[1])["sop_instance_uid"]
    table = run("list", "--limit", "1")[1]
    assert "1.2.999" in table
    assert source not in table


@pytest.mark.parametrize("act", [("list",), ("retry", "--state", "dead"), ("cancel", "--state", "dead")])
def test_a_destination_that_there_is_not_is_refused(run: Run, dead: None, act: tuple[str, ...]) -> None:
    code, told, words = run(*act, "--destination", "nosuch")
    assert (code, told) == (2, "")
    assert "nosuch" in words


def test_a_destination_is_known_by_its_deliveries_or_by_the_settings(run: Run, tmp_path: Path, dead: None) -> None:
    with (tmp_path / "dermgate.toml").open("a") as settings:
        settings.write(
            '[[destinations]]\nname = "new"\nkind = "dimse"\nhost = "127.0.0.1"\nport = 104\nae_title = "PACS"\n'
        )
    assert run("list", "--destination", "a")[0] == 0
    assert run("list", "--destination", "new")[0] == 0
