"""A shipped gateway as a process of its own, and a client that costs next to nothing."""

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.peers import free_port

START_SECONDS = 60
_BOUNDARY = "bench-7d1c2f0a"


class GatewayProcess:
    """`dermgate serve` on free ports over a new folder, with the bundled models; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._folder = folder
        settings = {
            "HTTP__PORT": str(self._port),
            "DIMSE__PORT": str(free_port()),
            "ARCHIVE__DATABASE": f"sqlite:///{folder / 'dermgate.db'}",
            "ARCHIVE__STORAGE": str(folder / "objects"),
            "MODELS__STORE": str(folder / "models"),
        }
        self._environment = os.environ | {f"DERMGATE_{name}": value for name, value in settings.items()}
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "gateway.cli", "serve"]
        with (self._folder / "gateway.log").open("wb") as log:
            self._process = subprocess.Popen(command, env=self._environment, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError((self._folder / "gateway.log").read_text("utf-8"))
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait(START_SECONDS)

    def post(self, photo: bytes) -> dict[str, Any]:
        """Post one photo and give the submission; raises RuntimeError for any answer but 201."""
        body = b"".join((_head("patient_id"), b"BENCH\r\n", _head("photo", "photo.jpg"), photo, _TAIL))
        headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        self._connection.request("POST", "/api/v1/photos", body, headers)
        response = self._connection.getresponse()
        document: dict[str, Any] = json.loads(response.read())
        if response.status != 201:
            raise RuntimeError(f"{response.status}: {document}")
        return document

    def _is_ready(self) -> bool:
        try:
            self._connection.request("GET", "/readyz")
            response = self._connection.getresponse()
            response.read()
        except OSError:
            self._connection.close()
            return False
        return response.status == 200


_TAIL = f"\r\n--{_BOUNDARY}--\r\n".encode()


def _head(name: str, filename: str = "") -> bytes:
    file = f'; filename="{filename}"\r\nContent-Type: image/jpeg' if filename else ""
    return f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
