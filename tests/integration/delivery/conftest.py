"""Fixtures of the delivery tests."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from tests.integration.delivery.hospital import Pacs
from tests.integration.delivery.leaving import House, Receiver
from tests.integration.delivery.sabotage import Saboteur
from tests.peers import Postgres

_TEMPLATE = "delivery_template"
_COPY = "delivery_copy"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema; copying it is faster than migrating for each test."""
    path = tmp_path_factory.mktemp("delivery") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database with the schema."""
    shutil.copy(sqlite_template, tmp_path / "dermgate.db")
    made = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgresql_template(postgres_server: Postgres) -> str:
    """The name of a PostgreSQL database with the schema."""
    _administer(postgres_server, f"CREATE DATABASE {_TEMPLATE}")
    _migrate(postgres_server.url(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def postgresql(postgres_server: Postgres, postgresql_template: str) -> Iterator[Database]:
    """An empty PostgreSQL database with the schema."""
    _administer(postgres_server, f"CREATE DATABASE {_COPY} TEMPLATE {postgresql_template}")
    made = Database(postgres_server.url(_COPY))
    yield made
    made.close()
    _administer(postgres_server, f"DROP DATABASE {_COPY} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database with the schema, once on SQLite and once on PostgreSQL."""
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Database)
    return made


@pytest.fixture(scope="session")
def pacs_server() -> Iterator[Pacs]:
    """A PACS in this process, with whatever earlier tests left in it; stopping one takes half a second."""
    made = Pacs().start()
    yield made
    made.stop()


@pytest.fixture
def pacs(pacs_server: Pacs) -> Pacs:
    """A PACS that listens, holds nothing and takes everything."""
    pacs_server.forget()
    return pacs_server


@pytest.fixture
def saboteur(pacs: Pacs) -> Iterator[Saboteur]:
    """What stands between us and that PACS, and passes everything on until it is given a plot."""
    made = Saboteur(pacs.port)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> Iterator[House]:
    """An archive and its database, to deliver from."""
    storage = FolderStorage(tmp_path / "objects")
    yield House(ArchiveService(sqlite, storage), sqlite)
    storage.close()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """DCMTK's storescp, not started yet."""
    made = Receiver(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def storescp(receiver: Receiver) -> Callable[..., Receiver]:
    """Start DCMTK's storescp with options."""
    return receiver.start


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


def _administer(server: Postgres, statement: str) -> None:
    engine = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
