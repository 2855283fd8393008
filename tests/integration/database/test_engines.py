import multiprocessing
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from gateway.database import Database, DatabaseError
from tests.integration.database.cases import case, count_cases
from tests.peers import LOOPBACK, free_port

WRITERS = 8
EACH = 10


def test_sqlite_keeps_a_log_syncs_each_commit_and_guards_references(sqlite: Database) -> None:
    def pragma(name: str) -> object:
        with sqlite.engine.connect() as connection:
            return connection.execute(text(f"PRAGMA {name}")).scalar_one()

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2, "FULL"
    assert pragma("foreign_keys") == 1


def test_threads_that_write_to_sqlite_at_once_all_get_through(sqlite: Database) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(_write, sqlite, number) for number in range(WRITERS)]:
            done.result(timeout=60)
    assert count_cases(sqlite) == WRITERS * EACH


def test_processes_that_write_to_sqlite_at_once_all_get_through(sqlite: Database) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", __name__])
    with context.Pool(4) as pool:
        pool.starmap(_write_alone, [(sqlite.url, number) for number in range(4)], chunksize=1)
    assert count_cases(sqlite) == 4 * EACH


def test_a_file_that_others_may_not_read_is_made_with_its_folder(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'var' / 'dermgate.db'}")
    database.ping()
    database.close()
    assert not stat.S_IMODE((tmp_path / "var" / "dermgate.db").stat().st_mode) & stat.S_IRWXO


def test_what_is_there_and_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "dermgate.db").mkdir()
    with pytest.raises(DatabaseError, match="something else"):
        Database(f"sqlite:///{tmp_path / 'dermgate.db'}")


def test_a_database_opened_twice_in_a_process_keeps_its_locks(sqlite: Database) -> None:
    """Another process that opens and closes it must not take itself for the last, and remove the log."""
    with sqlite.engine.connect() as held:
        held.execute(text("SELECT count(*) FROM cases"))
        Database(sqlite.url).close()
        other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM cases'); c.close()"
        path = str(sqlite.engine.url.database)
        subprocess.run([sys.executable, "-c", other, path], check=True, timeout=60)
        assert Path(f"{path}-wal").exists()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_sqlite_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="needs a file"):
        Database(url)


def test_sqlite_that_cannot_keep_a_log_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def create_in_memory(url: str, *, connect_args: object, **options: Any) -> Engine:
        return create_engine(url, creator=lambda: sqlite3.connect(":memory:"), **options)

    monkeypatch.setattr("gateway.database.create_engine", create_in_memory)
    database = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    with pytest.raises(DatabaseError, match="write-ahead log"):
        database.ping()
    database.close()


def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "dermgate.db").write_bytes(b"not a database at all" * 100)
    database = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    with pytest.raises(DatabaseError, match="does not answer"):
        database.ping()
    database.close()


def test_a_server_that_does_not_answer_is_told_without_its_address() -> None:
    database = Database(f"postgresql+psycopg://somebody:secret@{LOOPBACK}:{free_port()}/dermgate")
    with pytest.raises(DatabaseError, match="does not answer") as raised:
        database.ping()
    database.close()
    assert "secret" not in str(raised.value)


def _write(database: Database, writer: int) -> None:
    for number in range(EACH):
        with database.write() as unit_of_work:
            unit_of_work.session.add(case(f"{writer}.{number}"))


def _write_alone(url: str, writer: int) -> None:
    database = Database(url)
    _write(database, writer)
    database.close()
