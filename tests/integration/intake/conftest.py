"""A gateway in this process, with HTTP on a real socket."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from tests.e2e.photos import fill_store
from tests.integration.intake.served import Served
from tests.peers import free_port

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="session")
def model_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose models find every photo usable, and a nevus."""
    folder = tmp_path_factory.mktemp("store")
    fill_store(folder / "models", folder / "made")
    return folder / "models"


@pytest.fixture(scope="session")
def settings_for(model_store: Path) -> MakeSettings:
    """Settings for a folder and a database; `sections` are added."""

    def make(folder: Path, database: str = "", **sections: object) -> Settings:
        tree: dict[str, object] = {
            "archive": {"database": database or f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"},
            "models": {"store": model_store},
            "http": {"port": free_port()},
            "dimse": {"port": free_port()},
        }
        return Settings.model_validate(tree | sections)

    return make


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings_for: MakeSettings) -> Iterator[Served]:
    """One gateway for a module, on SQLite, that takes photos of 100 KB at most."""
    folder = tmp_path_factory.mktemp("gateway")
    with Served(settings_for(folder, intake={"max_bytes": 100 * 1024})) as made:
        yield made


@pytest.fixture
def fresh_settings(database_url: str, tmp_path: Path, settings_for: MakeSettings) -> Settings:
    """Settings over an empty database with the schema, once SQLite and once PostgreSQL; two hospitals."""
    if not database_url.startswith("sqlite"):
        database = Database(database_url)
        upgrade(database)
        database.close()
    destinations = [
        {"name": "pacs", "port": free_port(), "ae_title": "PACS"},
        {"name": "pacs-north", "port": free_port(), "ae_title": "PACS", "hospital": "north"},
    ]
    hospitals = [{"name": "north"}, {"name": "south"}]
    return settings_for(tmp_path, database_url, destinations=destinations, hospitals=hospitals)


@pytest.fixture
def fresh(fresh_settings: Settings) -> Iterator[Served]:
    """A gateway of the test's own that holds nothing."""
    with Served(fresh_settings) as made:
        yield made
