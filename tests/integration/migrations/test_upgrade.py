import multiprocessing
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text

from gateway.database import Database, DatabaseError
from gateway.events.sequencer import last_number
from gateway.migrations import draft as drafting
from gateway.migrations import upgrade as upgrading
from gateway.migrations.draft import VERSIONS, draft
from gateway.migrations.metadata import metadata
from gateway.migrations.upgrade import SchemaOutdated, current_revision, head_revision, prepare, upgrade
from gateway.review.tables import CaseSeriesRow
from tests.integration.database.cases import case, series
from tests.peers import LOOPBACK, free_port

PROCESSES = 3

REBUILD = """
from alembic import op
import sqlalchemy as sa

revision = "0099"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("cases", recreate="always") as table:
        table.add_column(sa.Column("note", sa.String(64), nullable=True))
"""
LEAVE_DANGLING = """
from alembic import op

revision = "0099"
down_revision = "{head}"


def upgrade():
    op.execute("DELETE FROM cases")
"""


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    made = Database(database_url)
    yield made
    made.close()


def test_an_empty_database_gets_the_newest_schema(empty: Database) -> None:
    assert current_revision(empty) is None
    upgrade(empty)
    assert current_revision(empty) == head_revision()
    assert set(metadata().tables) < set(inspect(empty.engine).get_table_names())
    with empty.read() as session:
        assert (last_number(session, "events"), last_number(session, "labels")) == (0, 0)


def test_the_migrations_make_what_the_tables_declare(database: Database) -> None:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata()) == []


def test_upgrading_again_changes_nothing(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
    upgrade(database)
    assert current_revision(database) == head_revision()


def test_every_row_that_design_names_belongs_to_a_hospital() -> None:
    models = {"shadow_agreements", "model_outcomes", "model_switches", "library_models"}
    own = {"sequences", "event_followers", "keys", "secrets", *models}
    without = {name for name, table in metadata().tables.items() if "hospital_id" not in table.columns}
    assert without == own


def test_the_embedded_database_is_upgraded_by_itself(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    prepare(database)
    assert current_revision(database) == head_revision()
    database.close()


def test_postgresql_is_left_alone_and_the_command_is_named(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(SchemaOutdated, match=f"schema none, this version needs {head_revision()}.*dermgate db upgrade"):
        prepare(database)
    assert inspect(database.engine).get_table_names() == []
    upgrade(database)
    prepare(database)
    database.close()


def test_a_database_of_a_newer_version_is_refused_as_such(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (prepare, upgrade):
        with pytest.raises(SchemaOutdated, match="9999: a newer version made it"):
            act(database)
    assert current_revision(database) == "9999"


def test_a_server_that_is_down_is_told_plainly() -> None:
    database = Database(f"postgresql+psycopg://dermgate@{LOOPBACK}:{free_port()}/dermgate")
    for act in (prepare, upgrade):
        with pytest.raises(DatabaseError, match="does not answer"):
            act(database)
    database.close()


def test_processes_that_upgrade_at_once_do_it_once(empty: Database) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", __name__])
    with context.Pool(PROCESSES) as pool:
        found = pool.map(_upgrade_alone, [empty.url] * PROCESSES, chunksize=1)
    assert found == [head_revision()] * PROCESSES
    with empty.read() as session:
        assert session.scalar(text("SELECT count(*) FROM sequences")) == 3


def test_a_table_that_is_rebuilt_keeps_the_rows_that_refer_to_it(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_case_with_series(sqlite)
    _add_migration(REBUILD, tmp_path, monkeypatch)
    upgrade(sqlite)
    assert current_revision(sqlite) == "0099"
    assert "note" in {column["name"] for column in inspect(sqlite.engine).get_columns("cases")}
    with sqlite.read() as session:
        assert session.scalar(select(func.count()).select_from(CaseSeriesRow)) == 1


def test_a_migration_that_leaves_rows_without_what_they_refer_to_is_undone(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_case_with_series(sqlite)
    head = head_revision()
    _add_migration(LEAVE_DANGLING, tmp_path, monkeypatch)
    with pytest.raises(DatabaseError, match="1 rows refer to none"):
        upgrade(sqlite)
    assert current_revision(sqlite) == head
    with sqlite.read() as session:
        assert session.scalar(text("SELECT count(*) FROM cases")) == 1
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_foreign_keys_are_guarded_again_after_an_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    upgrade(database)
    with database.read() as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()


def test_the_draft_of_a_migration_holds_what_the_tables_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "VERSIONS", tmp_path)
    monkeypatch.setattr(drafting, "head_revision", lambda: None)
    written = draft("First Schema!")
    assert written.name == "0001_first_schema_.py"
    source = written.read_text("utf-8")
    assert 'revision = "0001"' in source
    assert all(f'"{name}"' in source or f"'{name}'" in source for name in metadata().tables)
    compile(source, str(written), "exec")


def test_a_draft_without_changes_is_empty_and_follows_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "VERSIONS", tmp_path)
    source = draft("nothing").read_text("utf-8")
    assert f"down_revision = '{head_revision()}'" in source
    assert source.rstrip().endswith("pass")


def _write_case_with_series(database: Database) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.add(case("1"))
        unit_of_work.session.flush()
        unit_of_work.session.add(series("1"))


def _add_migration(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more migration behind the newest, in a copy of the migrations."""
    copy = folder / "migrations"
    shutil.copytree(VERSIONS.parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "0099_test.py").write_text(source.format(head=head_revision()), "utf-8")
    config = Config()
    config.set_main_option("script_location", str(copy))
    monkeypatch.setattr(upgrading, "_config", lambda: config)


def _upgrade_alone(url: str) -> str | None:
    database = Database(url)
    prepare(database) if database.is_sqlite else upgrade(database)
    found = current_revision(database)
    database.close()
    return found
