"""Gateways whose cases are corrected: with a worklist, and destinations that nobody listens at."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from tests.integration.intake.conftest import MakeSettings, fresh, model_store, settings_for
from tests.integration.intake.served import Served
from tests.integration.worklists.conftest import ris
from tests.peers import LOOPBACK, free_port
from tests.worklist_peer import WorklistServer

MakeGateway = Callable[..., Served]

__all__ = ["fresh", "model_store", "ris", "settings_for"]


@pytest.fixture
def fresh_settings(database_url: str, tmp_path: Path, settings_for: MakeSettings) -> Settings:
    """Settings over an empty database, once SQLite and once PostgreSQL."""
    return settings_for(tmp_path, _prepared(database_url), **_SECTIONS)


@pytest.fixture
def gateway(settings_for: MakeSettings, tmp_path: Path, ris: WorklistServer) -> Iterator[Served]:
    """A gateway on SQLite, with a worklist."""
    if not ris.running:
        ris.start()
    worklist = {"host": LOOPBACK, "port": ris.port, "ae_title": ris.ae_title}
    with Served(settings_for(tmp_path, worklist=worklist, **_SECTIONS)) as made:
        yield made


_SECTIONS: dict[str, object] = {
    "destinations": [
        {"name": "pacs", "port": free_port(), "ae_title": "PACS"},
        {"name": "second", "port": free_port(), "ae_title": "PACS2"},
        {"name": "pacs-north", "port": free_port(), "ae_title": "PACS", "hospital": "north"},
    ],
    "hospitals": [{"name": "north"}],
}


def _prepared(database_url: str) -> str:
    if not database_url.startswith("sqlite"):
        database = Database(database_url)
        upgrade(database)
        database.close()
    return database_url
