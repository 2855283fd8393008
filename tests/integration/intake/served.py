"""A gateway in this process whose HTTP side is served on a real socket by the shipped server."""

import asyncio
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from sqlalchemy import func, select

from gateway.app import create_app
from gateway.archive.tables import InstanceRow
from gateway.config import Settings
from gateway.database import Base
from gateway.events.tables import EventRow
from gateway.intake.tables import SubmissionRow
from gateway.operations.http_server import BoundedProtocol, Server
from gateway.review.tables import CaseRow
from gateway.runtime import Gateway
from tests.peers import LOOPBACK


class Served:
    """A gateway with only its HTTP side started; the background intake waits for `work`."""

    def __init__(self, settings: Settings) -> None:
        self.gateway = Gateway(settings)
        assert self.gateway.photos is not None
        self.photos = self.gateway.photos
        self.port = settings.http.port
        self.http = httpx.Client(base_url=f"http://{LOOPBACK}:{self.port}", trust_env=False, timeout=30)
        self._app = create_app(self.gateway)
        config = uvicorn.Config(
            self._app, host=LOOPBACK, port=self.port, http=BoundedProtocol, ws="none", lifespan="off", log_config=None,
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        self._server = Server(config, asyncio.Event())
        self._thread = threading.Thread(target=self._server.run)

    def post(
        self,
        picture: bytes | None,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Post a photo, or a form without one."""
        files: dict[str, Any] = {name: (None, value) for name, value in (fields or {}).items()}
        if picture is not None:
            files["photo"] = ("photo.jpg", picture, "image/jpeg")
        return self.http.post("/api/v1/photos", files=files or {"": (None, "")}, headers=dict(headers or {}))

    def accepted(self, picture: bytes, fields: Mapping[str, str] | None = None, **headers: str) -> dict[str, Any]:
        """Post a photo that is taken; the submission."""
        response = self.post(picture, fields, headers)
        assert response.status_code == 201, response.text
        document: dict[str, Any] = response.json()
        return document

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of an answer."""
        return self.http.get(path, headers=headers).raise_for_status().json()

    def count(self, row_class: type[Base]) -> int:
        """Rows of a table."""
        with self.gateway.database.read() as session:
            return session.scalar(select(func.count()).select_from(row_class)) or 0

    def holdings(self) -> tuple[int, ...]:
        """How much of everything a photo leaves behind there is: rows, events, objects, pending objects."""
        storage = self.gateway.storage
        rows = [self.count(table) for table in (SubmissionRow, CaseRow, InstanceRow, EventRow)]
        return (*rows, len(list(storage.keys())), len(list(storage.pending_keys())))

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join()
        self.gateway.stop()
