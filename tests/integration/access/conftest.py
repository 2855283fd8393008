"""The HTTP faces over SQLite, with what stands in the database left to the test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.database import Database
from tests.integration.faces import app_over, served


@pytest.fixture
def client(sqlite: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a gateway on loopback that has no key yet."""
    with served(app_over(sqlite, tmp_path)) as made:
        yield made


@pytest.fixture(scope="module")
def keyless(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The same for a whole module, in whose tests no key is made."""
    folder = tmp_path_factory.mktemp("keyless")
    shutil.copy(migrated_file, folder / "dermgate.db")
    database = Database(f"sqlite:///{folder / 'dermgate.db'}")
    with served(app_over(database, folder)) as made:
        yield made
    database.close()
