"""The HTTP faces of the foundations, served on a real socket: events, review, library, and photos to look at."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from gateway.access.caller import NotPermitted, Role
from gateway.access.http import Authenticator
from gateway.access.keys import create_key
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.config import Settings
from gateway.database import Database
from gateway.events import routes as event_routes
from gateway.intake import refusals
from gateway.intake import routes as intake_routes
from gateway.intake.looking import Looking
from gateway.intake.sample_facts import SampleFactsReader, photos_of_case
from gateway.library import routes as library_routes
from gateway.problems import install
from gateway.review import routes as review_routes
from gateway.review.answering import Answering
from gateway.review.opinion_reports import OpinionReports
from tests.peers import LOOPBACK

_START_SECONDS = 10


def app_over(
    database: Database, folder: Path, *, trust_local: bool = True, settings: Settings | None = None
) -> FastAPI:
    """An application with the routes that need no model."""
    app = FastAPI()
    storage = FolderStorage(folder / "objects")
    app.state.settings = settings or Settings()
    app.state.database = database
    app.state.authenticator = Authenticator(database, trust_local=trust_local)
    archive = ArchiveService(database, storage)
    app.state.looking = Looking(database, archive, storage)
    app.state.answering = Answering(OpinionReports(database, archive, settings or Settings(), "1.2.3"), photos_of_case)
    app.state.sample_facts = SampleFactsReader(b"secret").read
    app.state.stopping = asyncio.Event()
    install(app, {NotPermitted: 403, **review_routes.STATUSES})
    refusals.install(app)
    for routes in (event_routes, review_routes, library_routes, intake_routes):
        app.include_router(routes.router, prefix="/api/v1")
    return app


@contextmanager
def served(app: FastAPI, host: str = LOOPBACK) -> Iterator[httpx.Client]:
    """A client of the application, which listens on a port of its own until the block ends."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((host, 0))
        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            _wait_for(server)
            port = listener.getsockname()[1]
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def key_for(database: Database, *roles: Role, hospitals: Sequence[str] | None = None) -> dict[str, str]:
    """The header of a new key with these roles."""
    with database.write() as unit_of_work:
        secret = create_key(unit_of_work, name="test", roles=roles, hospitals=hospitals)
    return {"Authorization": f"Bearer {secret}"}


def _wait_for(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.005)
