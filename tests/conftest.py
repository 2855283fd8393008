"""Fixtures that every test may use: the real peers, started once a run and emptied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
