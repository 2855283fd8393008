"""How an association's thread learns at once that something is to be done.

pynetdicom's looks for something to read or to send a thousand times a second and sleeps in between: each message waits
for half a millisecond or a whole one, on either side and in either direction. Here it waits by `poll` for the
connection and for a bell, which rings when something is put into its queue, and goes round more seldom.
"""

import queue
import select
import socket
from contextlib import suppress
from typing import Any, Protocol

REST_SECONDS = 0.005
"""How long is waited in one go: what neither comes over the connection nor rings is seen after that."""

GLANCE_SECONDS = 0.001
"""The same where another thread reads the connection, or there is none yet."""

SHORTEST_SLEEP_SECONDS = 0.0001
"""What is left of the library's own sleep, lest it goes round without any where there is no connection to wait for."""


class HasDescriptor(Protocol):
    """What can be polled."""

    def fileno(self) -> int:
        """The descriptor, -1 of what is closed."""


class Bell:
    """Wakes whoever waits for it, from any thread; a ring that nobody waits for is kept."""

    def __init__(self) -> None:
        self._rung, self._rope = socket.socketpair()
        self._rung.setblocking(False)
        self._rope.setblocking(False)

    def ring(self) -> None:
        """Wake who waits."""
        with suppress(OSError):  # no room left: it rings already; or closed: nobody waits
            self._rope.send(b"\0")

    def wait_beside(self, connection: HasDescriptor) -> None:
        """Wait until the bell rings or the connection has something to read, REST_SECONDS at most.

        Raises OSError or ValueError where either is closed.
        """
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        poll.register(self._rung, select.POLLIN)
        bell = self._rung.fileno()
        if any(descriptor == bell for descriptor, _ in poll.poll(REST_SECONDS * 1000)):
            self._rung.recv(4096)

    def close(self) -> None:
        """Give both descriptors back; may be called repeatedly."""
        self._rung.close()
        self._rope.close()


class RingingQueue(queue.Queue[Any]):
    """A queue without an end that rings when something is put into it."""

    def __init__(self, bell: Bell) -> None:
        super().__init__()
        self._bell = bell

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put an item in, and ring."""
        super().put(item, block, timeout)
        self._bell.ring()
