"""The shipped gateway as a process of its own: `dermgate serve`, its ports and its folder the same over restarts."""

import io
import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest

from deploy.demo import processes
from gateway.cli import main
from tests.e2e.photos import fill_store
from tests.peers import LOOPBACK, Orthanc, free_port

DERMGATE = Path(sys.executable).with_name("dermgate")

_SETTINGS = """\
[http]
port = {gateway.http_port}
[dimse]
port = {gateway.dimse_port}
[archive]
database = "{gateway.database}"
storage = "{gateway.folder}/objects"
[models]
store = "{gateway.models}"
[delivery]
retry_seconds = 0.2
retry_max_seconds = 0.5
proof_seconds = 0.2
"""


def destination(orthanc: Orthanc, **values: Any) -> str:
    """A [[destinations]] entry for an Orthanc."""
    entry = {"name": "pacs", "port": orthanc.dicom_port, "ae_title": orthanc.ae_title} | values
    return "[[destinations]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in entry.items())


_WITH_ACTS = {"models", "deliveries", "keys", "db"}


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class GatewayProcess:
    """`dermgate serve` in a folder; `more` is added to its settings, the last of which are those of [delivery]."""

    def __init__(
        self,
        folder: Path,
        more: str = "",
        *,
        database: str = "",
        models: Path | None = None,
        dimse_port: int | None = None,
    ) -> None:
        self.folder = folder
        self.http_port, self.dimse_port = free_port(), dimse_port or free_port()
        self.database = database or f"sqlite:///{folder}/dermgate.db"
        self.models = models or folder / "models"
        self.config, self.log = folder / "dermgate.toml", folder / "dermgate.log"
        folder.mkdir(parents=True, exist_ok=True)
        if not self.models.exists():
            fill_store(self.models, folder / "made")
        self.config.write_text(_SETTINGS.format(gateway=self) + more)
        self.process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=60)

    @property
    def url(self) -> str:
        """The address of its HTTP side."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self.process is not None
        return self.process.pid

    def launch(self, *options: str) -> None:
        """Start it, without waiting."""
        command: list[str | Path] = [DERMGATE, "serve", "--config", self.config, *options]
        self.process = processes.start(command, self.log, folder=self.folder)

    def start(self, *options: str) -> Self:
        """Start it and wait until it is ready."""
        self.launch(*options)
        assert self.process is not None
        processes.wait_until(self.is_ready, self.process, self.log)
        return self

    def is_ready(self) -> bool:
        """Whether it says that it can do its work."""
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, and wait; the exit code."""
        assert self.process is not None
        processes.end(self.process, signal.SIGTERM)
        return int(self.process.returncode)

    def close(self) -> None:
        """End it, if it still runs, and the connections to it."""
        self.http.close()
        processes.end(self.process)

    def run(self, *arguments: str) -> Done:
        """Run another command with the same settings: what the program does, without its start-up time."""
        if arguments[0] == "serve":  # takes over the logging of its process
            return self.run_program(*arguments)
        place = 2 if arguments[0] in _WITH_ACTS else 1
        given = [*arguments[:place], "--config", str(self.config), *arguments[place:]]
        output, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(output), redirect_stderr(errors), pytest.MonkeyPatch.context() as patch:
            patch.setenv("COLUMNS", "400")
            try:
                code = main(given)
            except SystemExit as ended:  # argparse's way to refuse arguments
                code = int(ended.code or 0)
        return Done(code, output.getvalue(), errors.getvalue())

    def run_program(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Run another command as a process of its own."""
        place = 2 if arguments[0] in _WITH_ACTS else 1
        command: list[str | Path] = [DERMGATE, *arguments[:place], "--config", self.config, *arguments[place:]]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
            env={"PATH": "/usr/bin:/bin", "COLUMNS": "400", "LC_ALL": "C.UTF-8", **(environment or {})},
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def post(
        self, picture: bytes, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post a photo."""
        files = {"photo": ("photo", picture, "application/octet-stream")}
        return self.http.post("/api/v1/photos", files=files, data=dict(fields or {}), headers=dict(headers or {}))

    def accepted(self, picture: bytes, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Post a photo that is taken; the submission."""
        response = self.post(picture, fields)
        assert response.status_code == 201, response.text
        document: dict[str, Any] = response.json()
        assert document["state"] == "accepted"
        return document

    def photo(self, submission_id: str) -> dict[str, Any]:
        """A submission as it stands."""
        document: dict[str, Any] = self.http.get(f"/api/v1/photos/{submission_id}").raise_for_status().json()
        return document

    def deliveries(self, submission_id: str) -> list[str]:
        """The states of a submission's deliveries."""
        return [delivery["state"] for delivery in self.photo(submission_id)["deliveries"]]

    def dicom(self, submission: Mapping[str, Any]) -> bytes:
        """The Part 10 file that WADO-RS gives for a submission's object."""
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        response = self.http.get(submission["dicom"]["url"], headers={"Accept": accept}).raise_for_status()
        boundary = response.headers["content-type"].partition("boundary=")[2].split(";")[0].strip('"')
        part = response.content.split(f"--{boundary}".encode())[1]
        return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")

    def log_lines(self) -> Sequence[dict[str, Any]]:
        """Every line it has logged; each must be JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
