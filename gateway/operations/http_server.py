"""uvicorn with what it lacks: bounds on a head in bytes and in time, answers in one piece, an end in order."""

import asyncio
import signal
import socket
import threading
from asyncio import TimerHandle
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
_ANSWER = b"HTTP/1.1 "
HEAD_SECONDS = 10.0
"""How long the first line and the headers of a request may take, and how long a connection may lie idle."""


class _JoiningTransport(asyncio.Transport):
    """A connection's transport that keeps the head of an answer back until its body comes.

    uvicorn writes them one after the other, and each would be a packet, a visit to the kernel and a waking of the
    client. A head whose body does not come in the same turn of the loop goes out by itself.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write, or keep back."""
        head, self._head = self._head, None
        if head is not None:
            self._transport.writelines((head, data))
        elif isinstance(data, bytes) and data.startswith(_ANSWER):
            self._head = data
            self._loop.call_soon(self._let_go)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Write what is kept back, and close."""
        self._let_go()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._head = None
        self._transport.abort()

    def _let_go(self) -> None:
        head, self._head = self._head, None
        if head is not None:
            self._transport.write(head)

    def is_closing(self) -> bool:
        """Whether it is."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Read no more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that gives up on a head that is endless or does not come.

    What arrives with the same read as the head's end is not counted: the bound may be passed by one read of the
    event loop (256 KB).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(_JoiningTransport(transport, self.loop))
        self._begin_head()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._end_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to wait for the head of a request."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """Wait no more: bodies have bounds of their own."""
        self._end_head()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head stays within its bound."""
        super().data_received(data)
        if self._in_head:
            self._wait_for_head()
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _begin_head(self) -> None:
        self._end_head()
        self._in_head, self._head_bytes = True, 0

    def _wait_for_head(self) -> None:
        """Set the clock; not before there is something to wait for, since most heads come whole."""
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _end_head(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._begin_head()  # a pipelined request waits for the answer to the one before
            self._wait_for_head()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        self._end_head()
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode())
            self.transport.close()


class Server(uvicorn.Server):
    """Ends endless answers before waiting for the open ones, and leaves what follows to its caller.

    `stopping` is set when the end begins: the stream of events looks at it.
    """

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way, then return."""
        self._stopping.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as the wish to end, which is then fulfilled.

        uvicorn raises them again afterwards, which would end the process before the gateway's other parts have.
        """
        if threading.current_thread() is not threading.main_thread():  # where signals cannot be taken
            yield
            return
        captured = (signal.SIGTERM, signal.SIGINT)
        before = {one: signal.signal(one, self.handle_exit) for one in captured}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
