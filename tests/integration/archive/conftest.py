"""An archive over SQLite and over PostgreSQL, empty for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.access.tables import AuditRow
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.database import Base, Database
from gateway.events.tables import EventRow, SequenceRow
from gateway.migrations.upgrade import upgrade
from tests.peers import Postgres

_KEPT = {AuditRow.__tablename__, EventRow.__tablename__, SequenceRow.__tablename__}


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema."""
    path = tmp_path_factory.mktemp("archive") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Postgres) -> Iterator[Database]:
    """A PostgreSQL database with the schema."""
    name = postgres_server.create_database()
    database = Database(postgres_server.url(name))
    upgrade(database)
    yield database
    database.close()
    postgres_server.drop_database(name)


@pytest.fixture
def sqlite(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database with the schema."""
    shutil.copy(migrated_file, tmp_path / "dermgate.db")
    made = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database with the schema, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    shared: Database = request.getfixturevalue("migrated_postgres")
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables if table.name not in _KEPT)
    with shared.write() as unit_of_work:
        unit_of_work.session.execute(text(f"TRUNCATE {tables}"))
    yield shared


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[FolderStorage]:
    """An empty object storage."""
    made = FolderStorage(tmp_path / "objects")
    yield made
    made.close()


@pytest.fixture
def archive(database: Database, storage: FolderStorage) -> ArchiveService:
    """An archive that holds nothing."""
    return ArchiveService(database, storage)


@pytest.fixture
def reopened(database: Database, tmp_path: Path) -> Iterator[Callable[[], ArchiveService]]:
    """The archive as another process opens it."""
    storages: list[FolderStorage] = []

    def reopen() -> ArchiveService:
        storages.append(FolderStorage(tmp_path / "objects"))
        return ArchiveService(database, storages[-1])

    yield reopen
    for one in storages:
        one.close()
