"""Fixtures that every test may use: the real peers, started once a run and emptied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from tests.peers import Orthanc, Postgres

_PEER_FIXTURES = {"orthanc_server", "postgres_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `peer` what asks for a peer's fixture."""
    for item in items:
        if _PEER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("peer")


@pytest.fixture(scope="session")
def orthanc_server() -> Iterator[Orthanc]:
    """One Orthanc for the run, with whatever earlier tests left in it."""
    with Orthanc() as server:
        yield server


@pytest.fixture
def orthanc(orthanc_server: Orthanc) -> Orthanc:
    """A running Orthanc that holds nothing; a test may stop and start it."""
    if not orthanc_server.running:
        orthanc_server.start()
    orthanc_server.clear()
    return orthanc_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL cluster for the run."""
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """SQLAlchemy's address of an empty PostgreSQL database."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy's address of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dermgate.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema; copying it is faster than migrating for each test."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres) -> str:
    """The name of a PostgreSQL database with the schema, to be copied."""
    name = postgres_server.create_database()
    _migrate(postgres_server.url(name))
    return name


@pytest.fixture
def sqlite(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with the schema and no rows."""
    shutil.copy(migrated_file, tmp_path / "dermgate.db")
    made = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    yield made
    made.close()


@pytest.fixture
def postgresql(postgres_server: Postgres, migrated_template: str) -> Iterator[Database]:
    """A PostgreSQL database with the schema and no rows."""
    name = postgres_server.create_database(migrated_template)
    made = Database(postgres_server.url(name))
    yield made
    made.close()
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def database(request: pytest.FixtureRequest) -> Database:
    """A database with the schema and no rows; the test runs once on SQLite and once on PostgreSQL."""
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Database)
    return made


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()
