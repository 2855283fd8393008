"""An answer's head waits for its body, as far as that comes at once."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from gateway.operations.http_server import BoundedProtocol
from tests.peers import LOOPBACK

BODY = b"a body"


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", str(len(BODY)).encode())]
    if scope["method"] == "POST":
        await receive()
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/late":
        await asyncio.sleep(0.3)
    if scope["path"] == "/broken":
        raise ValueError
    await send({"type": "http.response.body", "body": BODY})


@contextmanager
def _served(loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[socket.socket]:
    config = uvicorn.Config(_app, http=BoundedProtocol, port=0, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)

    def run() -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(server.serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.005)
        with socket.create_connection(server.servers[0].sockets[0].getsockname(), 10) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def client(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A connection to a server."""
    with _served(request.param) as made:
        yield made


def _ask(client: socket.socket, line: str, headers: str = "") -> None:
    client.sendall(f"{line} HTTP/1.1\r\nHost: {LOOPBACK}\r\n{headers}\r\n".encode())


def test_head_and_body_come_together(client: socket.socket) -> None:
    for _ in range(3):
        _ask(client, "GET /")
        first = client.recv(4096)
        assert first.startswith(b"HTTP/1.1 200")
        assert first.endswith(b"\r\n\r\n" + BODY)


def test_a_head_does_not_wait_for_a_body_that_comes_later(client: socket.socket) -> None:
    _ask(client, "GET /late")
    assert client.recv(4096).endswith(b"\r\n\r\n")
    assert client.recv(4096) == BODY


def test_a_head_without_a_body_comes_too(client: socket.socket) -> None:
    _ask(client, "HEAD /")
    assert client.recv(4096).endswith(b"\r\n\r\n")
    _ask(client, "HEAD /", "Connection: close\r\n")
    assert client.recv(4096).endswith(b"\r\n\r\n")
    assert client.recv(4096) == b""


def test_what_is_to_be_continued_is_said_before_the_body_is_there(client: socket.socket) -> None:
    _ask(client, "POST /", "Content-Length: 3\r\nExpect: 100-continue\r\n")
    assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"abc")
    assert client.recv(4096).endswith(b"\r\n\r\n" + BODY)


def test_a_head_whose_body_never_comes_is_followed_by_the_end(client: socket.socket) -> None:
    _ask(client, "GET /broken")
    assert client.recv(4096).endswith(b"\r\n\r\n")
    assert client.recv(4096) == b""
