"""Opening a connection to a web server, and saying in words why it could not be had."""

import socket
import ssl
import time
from collections.abc import Callable

from dimse.reactions import Reaction
from gateway.delivery.stow.credentials import TlsFiles
from gateway.delivery.stow.endpoint import Endpoint
from gateway.delivery.stow.errors import ExchangeFailed
from gateway.delivery.stow.wire import Wire


def dial(
    endpoint: Endpoint, tls: TlsFiles, seconds: float, on_socket: Callable[[socket.socket], None] = lambda _socket: None
) -> Wire:
    """Connect, TLS handshake included, within `seconds` (and the resolver's own time for a name).

    `on_socket` is told of each socket before it connects, so that another thread can close it. Raises ExchangeFailed.
    """
    context = tls.context() if endpoint.encrypted else None
    deadline = time.monotonic() + seconds
    connection = _connected(endpoint, deadline, on_socket)
    if context is None:
        return Wire(connection)
    try:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        return Wire(context.wrap_socket(connection, server_hostname=endpoint.host))
    except OSError as error:
        connection.close()
        raise handshake_failure(error, endpoint) from error


def _connected(endpoint: Endpoint, deadline: float, on_socket: Callable[[socket.socket], None]) -> socket.socket:
    failure: OSError | None = None
    for family, kind, protocol, _name, address in _addresses(endpoint):
        connection = socket.socket(family, kind, protocol)
        try:
            on_socket(connection)
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    assert failure is not None
    raise _connection_failure(failure, endpoint)


def _addresses(endpoint: Endpoint) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    try:
        return list(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise ExchangeFailed(f"no host is known by the name {endpoint.host}", Reaction.UNREACHABLE) from error


def _connection_failure(failure: OSError, endpoint: Endpoint) -> ExchangeFailed:
    where = f"{endpoint.host}:{endpoint.port}"
    if isinstance(failure, TimeoutError):
        words = f"no connection to {where} in time: no answer"
    elif isinstance(failure, ConnectionRefusedError):
        words = f"nothing listens at {where}: connection refused"
    else:
        words = f"{where} cannot be reached: {failure.strerror or type(failure).__name__}"
    return ExchangeFailed(words, Reaction.UNREACHABLE)


def handshake_failure(error: OSError, endpoint: Endpoint) -> ExchangeFailed:
    """Why TLS was not agreed on: a certificate, a port without TLS, or a peer that broke off."""
    where = f"{endpoint.host}:{endpoint.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return ExchangeFailed(
            f"the certificate of {where} is not trusted: {error.verify_message} (tls_ca says who may sign it)",
            Reaction.CONFIGURATION,
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return ExchangeFailed(f"{where} does not agree on TLS: {_readable(error)}", Reaction.CONFIGURATION)
    how = "did not answer in time" if isinstance(error, TimeoutError) else "broke off"
    return ExchangeFailed(f"{where} took the connection and {how} while TLS was agreed on", Reaction.UNREACHABLE)


def _readable(error: ssl.SSLError) -> str:
    reason = error.reason or type(error).__name__
    if reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}:
        return "what listens there speaks no TLS; is its address http://, or a DICOM port?"
    if "CERTIFICATE_REQUIRED" in reason or reason == "SSLV3_ALERT_HANDSHAKE_FAILURE":
        return "it wants a certificate of ours (tls_certificate, tls_key)"
    return reason.replace("_", " ").lower()
