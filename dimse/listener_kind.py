"""Tells what listens at a port that does not behave as a DICOM one: asked only where somebody wants to know why."""

import socket
import ssl
from contextlib import suppress
from enum import StrEnum

SECONDS = 3.0
"""For each of the questions."""

_BANNER_SECONDS = 0.5
_HEAD_BYTES = 512


class ListenerKind(StrEnum):
    """What a port speaks."""

    WEB = "web"
    """HTTP."""
    TLS = "tls"
    """TLS, whatever is within."""
    GREETING = "greeting"
    """Something that speaks first, as mail, file and shell servers do; a DICOM port waits to be spoken to."""
    SILENT = "silent"
    """Something that says nothing to any of the questions, as a DICOM port does."""
    NOBODY = "nobody"
    """No connection could be had."""


def kind_of_listener(host: str, port: int, seconds: float = SECONDS) -> ListenerKind:
    """Ask: wait for a greeting, ask for a page, offer TLS. Takes a few times `seconds` at most; raises nothing."""
    greeted = _said(host, port, b"", min(_BANNER_SECONDS, seconds))
    if greeted is None:
        return ListenerKind.NOBODY
    if greeted:
        return ListenerKind.GREETING
    if (_said(host, port, b"GET / HTTP/1.0\r\n\r\n", seconds) or b"").startswith(b"HTTP/"):
        return ListenerKind.WEB
    return ListenerKind.TLS if _agrees_on_tls(host, port, seconds) else ListenerKind.SILENT


def _said(host: str, port: int, request: bytes, seconds: float) -> bytes | None:
    """What is said to a request, b"" where nothing is; None without a connection."""
    try:
        connection = socket.create_connection((host, port), timeout=seconds)
    except OSError:
        return None
    with connection, suppress(OSError):
        connection.sendall(request)
        return connection.recv(_HEAD_BYTES)
    return b""


def _agrees_on_tls(host: str, port: int, seconds: float) -> bool:
    """Whether there is TLS; whose certificate it is does not matter here, and nothing is sent through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            connection.settimeout(seconds)
            with context.wrap_socket(connection):
                return True
    except ssl.SSLError as error:
        # An alert is TLS too: a server that wants other versions, or a certificate of ours.
        return "ALERT" in (error.reason or "")
    except OSError:
        return False
