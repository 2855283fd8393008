"""Who may not be listened to before somebody could show a credential."""

from pathlib import Path

import pytest

from gateway.access.caller import Role
from gateway.config import ConfigurationError, Settings
from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from gateway.runtime import Gateway
from tests.integration.faces import key_for


def settings(folder: Path, **sections: object) -> Settings:
    archive = {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"}
    return Settings.model_validate({"archive": archive, "models": {"store": f"{folder}/models"}, **sections})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "dermgate.example"])
def test_http_beyond_loopback_needs_a_key(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigurationError, match="dermgate keys create"):
        Gateway(settings(tmp_path, http={"host": host}), frozenset({"http"}))


def test_a_key_that_was_made_does_not_help_dimse(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/dermgate.db")
    upgrade(database)
    key_for(database, Role.VIEWER)
    database.close()
    with pytest.raises(ConfigurationError) as raised:
        Gateway(settings(tmp_path, http={"host": "0.0.0.0"}, dimse={"host": "0.0.0.0"}))
    assert [fault.partition(" ")[0] for fault in raised.value.faults] == ["dimse.host"]
