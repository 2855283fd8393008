"""Fixtures of the delivery tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from tests.integration.delivery.hospital import Pacs


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with the schema, once on SQLite and once on PostgreSQL."""
    made = Database(database_url)
    upgrade(made)
    yield made
    made.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database with the schema."""
    made = Database(f"sqlite:///{tmp_path / 'dermgate.db'}")
    upgrade(made)
    yield made
    made.close()


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database with the schema."""
    made = Database(postgres_url)
    upgrade(made)
    yield made
    made.close()


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
