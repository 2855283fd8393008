"""`dermgate submit`: post photos to a running gateway."""

import argparse
import http.client
import json
import mimetypes
import os
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import track

from gateway.commands.errors import CommandError
from gateway.commands.options import Commands, settings_of
from gateway.commands.output import add_json, print_json, print_table
from gateway.commands.photo_options import add_photo_fields, photo_fields

TIMEOUT_SECONDS = 120
KEY_VARIABLE = "DERMGATE_KEY"


@dataclass(frozen=True, slots=True)
class _Posted:
    photo: Path
    status: int
    document: dict[str, Any]


def register(commands: Commands, configured: argparse.ArgumentParser) -> None:
    """Add the command; every field of a posted photo is an option."""
    parser = commands.add_parser(
        "submit",
        parents=[configured],
        help="post photos to a running gateway",
        epilog=f"A key is taken from the environment variable {KEY_VARIABLE}.",
    )
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--url", help="the gateway (default: as the settings say)")
    add_photo_fields(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Post each photo; 0 when each one was taken, whichever way its verdict went."""
    fields = photo_fields(options)
    base, console = base_of(options), Console(stderr=True)
    photos = track(options.photos, "posting", console=console) if len(options.photos) > 1 else options.photos
    posted = [_post(base, photo, fields) for photo in photos]
    if options.json:
        print_json(_record(each) for each in posted)
    else:
        headers = ("photo", "verdict", "probability", "reasons or first disease", "SOP Instance UID", "case")
        print_table(headers, map(_cells, posted), caption="demonstration models; not a diagnosis")
    return 0 if all(each.status in {201, 202} for each in posted) else 1


def base_of(options: argparse.Namespace) -> str:
    """The address of the gateway that the options name, or else the settings."""
    if options.url:
        return str(options.url).rstrip("/")
    settings = settings_of(options).http
    return f"http://{settings.host}:{settings.port}"


def _post(base: str, photo: Path, fields: dict[str, str]) -> _Posted:
    try:
        data = photo.read_bytes()
    except OSError as error:
        return _Posted(photo, 0, {"detail": error.strerror})
    boundary = secrets.token_hex(16)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Accept": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    if key := os.environ.get(KEY_VARIABLE):
        headers["Authorization"] = f"Bearer {key}"
    connection = _connection(base)
    try:
        connection.request("POST", "/api/v1/photos", b"".join(_form(boundary, photo, data, fields)), headers)
        response = connection.getresponse()
        return _Posted(photo, response.status, json.loads(response.read()))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _Posted(photo, 0, {"detail": f"no answer from {base}: {error}"})
    finally:
        connection.close()


def post_json(base: str, path: str, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Post a document to the gateway; the HTTP status (0: no answer) and what it says. Raises CommandError."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key := os.environ.get(KEY_VARIABLE):
        headers["Authorization"] = f"Bearer {key}"
    connection = _connection(base)
    try:
        connection.request("POST", path, json.dumps(document).encode(), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, {"detail": f"no answer from {base}: {error}"}
    finally:
        connection.close()


def _connection(base: str) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError as error:  # a port beyond 65535, a bracket without its other
        raise CommandError(f"--url: {base!r} is no http or https address") from error
    if parts.hostname is None or parts.scheme not in {"http", "https"}:
        raise CommandError(f"--url: {base!r} is no http or https address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, port, timeout=TIMEOUT_SECONDS)


def _form(boundary: str, photo: Path, data: bytes, fields: dict[str, str]) -> Iterable[bytes]:
    for name, value in fields.items():
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    media_type = mimetypes.guess_type(photo.name)[0] or "application/octet-stream"
    yield (
        f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="photo"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    ).encode()
    yield data
    yield f"\r\n--{boundary}--\r\n".encode()


def _record(posted: _Posted) -> dict[str, Any]:
    """What became of one photo: its file, the HTTP status (0: not posted) and the gateway's whole answer."""
    return {"photo": str(posted.photo), "status": posted.status, "answer": posted.document}


def _cells(posted: _Posted) -> tuple[str, ...]:
    document, name = posted.document, posted.photo.name
    if posted.status not in {201, 202}:
        faults = "; ".join(f"{fault['field']}: {fault['fault']}" for fault in document.get("errors", ()))
        return (
            name,
            f"refused ({posted.status})" if posted.status else "not posted",
            "",
            faults or str(document.get("detail", "")),
            "",
            "",
        )
    judgement = document.get("judgement")
    case = str(document.get("case_id") or "")
    if judgement is None:
        return name, str(document["state"]), "", "", "", case
    words = ", ".join(reason["name"] for reason in judgement["reasons"])
    if document["ranking"]:
        first = document["ranking"]["diseases"][0]
        words = f"{first['name']} {first['probability']:.0%}"
    uid = (document["dicom"] or {}).get("sop_instance_uid", "")
    return name, str(document["state"]), f"{judgement['probability']:.2f}", words, uid, case
