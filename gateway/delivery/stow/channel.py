"""One HTTP/1.1 connection that is kept open between exchanges; every exchange is bounded in time and in bytes."""

import http.client
import socket
import ssl
import threading
import time

from dimse.addresses import SLOWEST_TRANSFER_BYTES_PER_SECOND
from dimse.reactions import Reaction
from gateway.delivery.stow.credentials import TlsFiles
from gateway.delivery.stow.dialing import dial, handshake_failure
from gateway.delivery.stow.endpoint import Endpoint
from gateway.delivery.stow.errors import ExchangeFailed
from gateway.delivery.stow.messages import MAX_ANSWER_BYTES, Answer, Body, Request
from gateway.delivery.stow.wire import Wire, cut

IDLE_SECONDS = 20.0
"""A connection that rested longer is not trusted to be open any more."""


class _Broken(Exception):
    """The connection ended in the middle of an exchange."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Channel:
    """Exchanges requests for answers with one server. Redirects are answers: nothing is ever sent elsewhere.

    One exchange at a time; `abort` ends it from any thread.
    """

    def __init__(self, endpoint: Endpoint, tls: TlsFiles, *, connect_seconds: float, response_seconds: float) -> None:
        self._endpoint = endpoint
        self._tls = tls
        self._connect_seconds = connect_seconds
        self._response_seconds = response_seconds
        self._wire: Wire | None = None
        self._dialing: socket.socket | None = None
        self._used_at = 0.0
        self._was_answered = False
        self._aborted = threading.Event()

    def exchange(self, request: Request, body: Body | None = None) -> Answer:
        """Send a request and return the answer.

        Takes at most the connect and the response time, the latter prolonged by what a slow link needs for the body.
        Raises ExchangeFailed; what the body raises passes through.
        """
        wire = self._rested()
        if wire is not None:
            try:
                return self._exchange(wire, request, body)
            except _Broken:
                pass  # the peer tired of an idle connection just now; asking twice is harmless
        try:
            return self._exchange(self._opened(), request, body)
        except _Broken as broken:
            words = f"{self._endpoint}: {broken.words}{self._hint()}"
            raise ExchangeFailed(words, Reaction.UNKNOWN_OUTCOME) from broken

    def close(self) -> None:
        """End the connection; a later exchange opens another."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.hang_up()

    def abort(self) -> None:
        """End the connection now and for good, from any thread."""
        self._aborted.set()
        if self._dialing is not None:
            cut(self._dialing)
        self.close()

    def _rested(self) -> Wire | None:
        """The open connection, None where there is none or its peer has spoken unasked, closed it, or rested long."""
        wire = self._wire
        if wire is None:
            return None
        if time.monotonic() - self._used_at > IDLE_SECONDS or wire.spoke():
            self.close()
            return None
        return wire

    def _opened(self) -> Wire:
        self._refuse_when_aborted()
        wire = self._wire = dial(self._endpoint, self._tls, self._connect_seconds, self._note_socket)
        self._refuse_when_aborted()
        return wire

    def _hint(self) -> str:
        """What may be the matter with a server that breaks off before it ever answered.

        In TLS 1.3 one that misses our certificate says so after the handshake, which often gets lost in its hanging up.
        """
        is_unknown = self._endpoint.encrypted and self._tls.certificate is None and not self._was_answered
        return "; does it want a certificate of ours (tls_certificate, tls_key)?" if is_unknown else ""

    def _note_socket(self, connection: socket.socket) -> None:
        self._dialing = connection

    def _refuse_when_aborted(self) -> None:
        if self._aborted.is_set():
            self.close()
            raise ExchangeFailed("sending was broken off here", Reaction.UNREACHABLE)

    def _exchange(self, wire: Wire, request: Request, body: Body | None) -> Answer:
        kept = False
        try:
            wire.limit(self._response_seconds + request.length / SLOWEST_TRANSFER_BYTES_PER_SECOND)
            whole = self._send(wire, request, body)
            answer, keeps_open = _answer(wire, request.method)
            self._was_answered = True
            kept = whole and keeps_open
        except TimeoutError:
            raise ExchangeFailed(f"{self._endpoint}: no answer came in time", Reaction.UNKNOWN_OUTCOME) from None
        except ssl.SSLEOFError as error:
            raise _Broken("the connection broke") from error
        except ssl.SSLError as error:  # TLS 1.3 tells only now that a certificate of ours is wanted, say
            raise handshake_failure(error, self._endpoint) from error
        except OSError as error:
            raise _Broken(f"the connection broke: {error.strerror or type(error).__name__}") from error
        except http.client.HTTPException as error:
            raise ExchangeFailed(
                f"{self._endpoint}: what answers there is no web server ({type(error).__name__})",
                Reaction.CONFIGURATION,
            ) from error
        finally:
            self._used_at = time.monotonic()
            if not kept:
                self.close()
        return answer

    def _send(self, wire: Wire, request: Request, body: Body | None) -> bool:
        """Send all of the request; False where the peer answered before its end, or broke off.

        A peer that refuses a large body says so and closes: what it said may still be there to be read.
        """
        try:
            wire.send_all(_head(self._endpoint, request), self._response_seconds)
            for chunk in body.chunks() if body is not None else ():
                if wire.spoke():
                    return False
                wire.send_all(chunk, self._response_seconds)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            return False
        return True


def _head(endpoint: Endpoint, request: Request) -> bytes:
    headers = {
        "Host": endpoint.host_header,
        "User-Agent": "dermgate",
        "Accept-Encoding": "identity",
        **request.headers,
    }
    if request.method != "GET":
        headers["Content-Length"] = str(request.length)
    lines = [f"{request.method} {endpoint.path}{request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _answer(wire: Wire, method: str) -> tuple[Answer, bool]:
    """Read an answer; also whether the connection can be used again."""
    # typeshed wants a socket; `makefile` is all that is asked of it
    response = http.client.HTTPResponse(wire, method=method)  # type: ignore[arg-type]
    response.begin()
    body = response.read(MAX_ANSWER_BYTES + 1)
    keeps_open = response.isclosed() and not response.will_close
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body if len(body) <= MAX_ANSWER_BYTES else None), keeps_open
