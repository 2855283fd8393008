"""A gateway in this process whose disease model knows diseases of the library."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from tests.integration.intake.served import Served
from tests.integration.library.models import add_disease_model, fill_store
from tests.peers import free_port

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="session")
def library_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose models find every photo usable and rank diseases of the library by what they see."""
    folder = tmp_path_factory.mktemp("library-store")
    fill_store(folder / "models", folder / "made")
    return folder / "models"


@pytest.fixture
def own_models(tmp_path: Path) -> Path:
    """The same, of a test's own: it may promote another."""
    fill_store(tmp_path / "models", tmp_path / "made")
    return tmp_path / "models"


@pytest.fixture
def promote(own_models: Path, tmp_path: Path) -> Callable[[int], None]:
    """Let another disease model serve, by its version: a network of other weights."""
    return lambda version: add_disease_model(own_models, tmp_path / "made", version)


def settings_over(folder: Path, models: Path, database: str = "", **sections: object) -> Settings:
    """Settings for a folder and a database, with three hospitals."""
    tree: dict[str, object] = {
        "archive": {"database": database or f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"},
        "models": {"store": models},
        "http": {"port": free_port()},
        "dimse": {"port": free_port()},
        "hospitals": [{"name": "north"}, {"name": "south"}],
    }
    return Settings.model_validate(tree | sections)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, library_models: Path) -> Iterator[Served]:
    """One gateway for a module, on SQLite."""
    folder = tmp_path_factory.mktemp("gateway")
    with Served(settings_over(folder, library_models)) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path, library_models: Path) -> Iterator[Served]:
    """A gateway of the test's own that holds nothing, on SQLite."""
    with Served(settings_over(tmp_path, library_models)) as made:
        yield made


@pytest.fixture
def fresh(database_url: str, tmp_path: Path, library_models: Path) -> Iterator[Served]:
    """A gateway of the test's own that holds nothing, once on SQLite and once on PostgreSQL."""
    if not database_url.startswith("sqlite"):
        database = Database(database_url)
        upgrade(database)
        database.close()
    with Served(settings_over(tmp_path, library_models, database_url)) as made:
        yield made
