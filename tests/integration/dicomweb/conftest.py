"""The DICOMweb application over the archive in memory, served by uvicorn on loopback."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from dicomweb_client.api import DICOMwebClient
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Mount

from dicomweb.app import create_app
from dicomweb.archive import Archive
from dicomweb.memory import MemoryArchive
from dicomweb.services.commitment.memory import MemoryCommitments
from dicomweb.services.routes import Services
from dicomweb.services.scheduled_steps import NoScheduledSteps
from dicomweb.services.workitems.keeping import MemoryWorkitems
from dicomweb.settings import DicomWebSettings

MAX_BODY_BYTES = 8 * 1024 * 1024
IDLE_SECONDS = 2.0
MOST_WORKITEMS = 5


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its DICOMweb base URL, and clients of it."""

    base_url: str
    http: httpx.Client
    client: DICOMwebClient


class _Doorkeeper:
    """Hands out a fresh archive, and what is served beside it, for each test; refuses the credential `bad`."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.archive = MemoryArchive()
        self.workitems = MemoryWorkitems(MOST_WORKITEMS)
        self.commitments = MemoryCommitments(self.archive)

    def __call__(self, request: Request) -> Archive:
        if request.headers.get("authorization") == "Bearer bad":
            raise HTTPException(401, "the key is not valid", {"WWW-Authenticate": "Bearer"})
        return self.archive


@pytest.fixture(scope="session")
def running() -> Iterator[tuple[str, _Doorkeeper]]:
    doorkeeper = _Doorkeeper()
    settings = DicomWebSettings(
        max_store_bytes=MAX_BODY_BYTES, max_store_parts=50, chunk_bytes=64 * 1024, idle_seconds=IDLE_SECONDS
    )
    services = Services(
        workitems_for=lambda _request: doorkeeper.workitems,
        commitments_for=lambda _request: doorkeeper.commitments,
        scheduled_steps_for=lambda _request: NoScheduledSteps(),
    )
    app = Starlette(routes=[Mount("/dicom-web", create_app(doorkeeper, settings, services))])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _wait(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/dicom-web", doorkeeper
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def server(running: tuple[str, _Doorkeeper]) -> Iterator[Server]:
    """The server with an empty archive behind it."""
    base_url, doorkeeper = running
    doorkeeper.renew()
    client = DICOMwebClient(base_url)
    with httpx.Client(base_url=base_url, timeout=60) as http:
        yield Server(base_url, http, client)
    client._session.close()


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
