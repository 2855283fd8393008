"""The gateway as an app meets it: started as a process of its own, spoken to over HTTP."""

import http.client
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo import processes
from deploy.demo.hospital import GATEWAY_AE_TITLE, Hospital

_ANSWER_SECONDS = 60

_CONFIGURATION = """\
[http]
port = {gateway.port}
[dimse]
port = {gateway.dicom_port}
ae_title = "{gateway_ae_title}"
[archive]
database = "sqlite:///{folder}/dermgate.db"
storage = "{folder}/objects"
[models]
store = "{folder}/models"
[site]
institution = "Demonstration Clinic"
timezone = "Asia/Seoul"
[[destinations]]
name = "hospital"
kind = "dimse"
port = {hospital.dicom_port}
ae_title = "{hospital.ae_title}"
"""


class Refused(Exception):
    """The gateway answered with a problem, or not at all; says the status and its words."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway, on loopback alone: its HTTP interface, and the port of its DICOM one."""

    port: int
    dicom_port: int

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return f"http://{processes.LOOPBACK}:{self.port}"

    def ready(self) -> bool:
        """Whether it says that it can do its work."""
        try:
            self._call("GET", "/readyz")
        except Refused:
            return False
        return True

    def post_photo(self, photo: Path, facts: Mapping[str, str]) -> dict[str, Any]:
        """Post a photo with what is said about it; return the submission. Raises Refused."""
        boundary = secrets.token_hex(16)
        media_type = f"multipart/form-data; boundary={boundary}"
        submission = self._call("POST", "/api/v1/photos", _multipart(boundary, photo, facts), media_type)
        return dict(json.loads(submission))

    def photo(self, submission_id: str) -> dict[str, Any]:
        """The submission as it stands. Raises Refused."""
        return dict(json.loads(self._call("GET", f"/api/v1/photos/{submission_id}")))

    def _call(self, method: str, path: str, body: bytes | None = None, media_type: str | None = None) -> bytes:
        headers = {"Accept-Language": "en"} | ({"Content-Type": media_type} if media_type else {})
        connection = http.client.HTTPConnection(processes.LOOPBACK, self.port, timeout=_ANSWER_SECONDS)
        try:
            with closing(connection):
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(f"{method} {path}: no answer ({error})") from error
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {content.decode(errors='replace')}")
        return content


@contextmanager
def running_gateway(folder: Path, hospital: Hospital, http_port: int) -> Iterator[Gateway]:
    """Run `dermgate serve` on the embedded default, delivering to this hospital, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration, log = folder / "dermgate.toml", folder / "dermgate.log"
    gateway = Gateway(http_port, dicom_port=processes.free_port())
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, hospital=hospital, gateway=gateway, gateway_ae_title=GATEWAY_AE_TITLE)
    )
    process = _serve(configuration, log)
    try:
        processes.wait_until(gateway.ready, process, log)
        yield gateway
    except Refused as error:
        raise processes.ProgramFailed(f"{error}\n{processes.last_words(process, log)}") from error
    finally:
        processes.end(process)


def _serve(configuration: Path, log: Path) -> subprocess.Popen[bytes]:
    command = Path(sys.executable).with_name("dermgate")
    return processes.start([command, "serve", "--config", configuration], log, folder=configuration.parent)


def _multipart(boundary: str, photo: Path, facts: Mapping[str, str]) -> bytes:
    """The body of a form with one file (RFC 7578)."""
    media_type = "image/png" if photo.suffix.lower() == ".png" else "image/jpeg"
    file_head = f'name="photo"; filename="{photo.name}"\r\nContent-Type: {media_type}'
    parts = [(f'name="{name}"', value.encode()) for name, value in facts.items()]
    parts.append((file_head, photo.read_bytes()))
    lines = [
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    ]
    return b"".join(lines) + f"--{boundary}--\r\n".encode()
