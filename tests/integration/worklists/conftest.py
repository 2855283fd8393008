"""A gateway whose hospital has a modality worklist, wlmscpfs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.intake.conftest import MakeSettings, model_store, settings_for
from tests.integration.intake.served import Served
from tests.peers import LOOPBACK
from tests.worklist_peer import WorklistServer, order

MakeGateway = Callable[..., Served]

__all__ = ["model_store", "settings_for"]


@pytest.fixture(scope="module")
def ris() -> Iterator[WorklistServer]:
    """The worklist; each test says what is scheduled."""
    with WorklistServer("--disable-file-reject") as server:
        yield server


@pytest.fixture(scope="module")
def make_gateway(settings_for: MakeSettings, ris: WorklistServer) -> MakeGateway:
    """Make a gateway in a folder; sections of its settings are added."""

    def make(folder: Path, **sections: object) -> Served:
        worklist = {"host": LOOPBACK, "port": ris.port, "ae_title": ris.ae_title, "seconds": 5, "limit": 5}
        tree = {"worklist": worklist, "hospitals": [{"name": "north"}]}
        ris.schedule(order())
        return Served(settings_for(folder, **tree | sections))

    return make


@pytest.fixture(scope="module")
def module_gateway(tmp_path_factory: pytest.TempPathFactory, make_gateway: MakeGateway) -> Iterator[Served]:
    """One gateway for a module."""
    with make_gateway(tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture
def gateway(module_gateway: Served, ris: WorklistServer) -> Served:
    """The gateway, the worklist up and with one order on it, nothing remembered of others."""
    if not ris.running:
        ris.start()
    ris.schedule(order())
    module_gateway.gateway.worklist.forget()
    return module_gateway
