"""How an association's threads learn at once that something is to be done.

pynetdicom's two look a thousand times a second, one for something to read or to send, the other for a message to
answer, and sleep in between: each message waits for half a millisecond or a whole one, on either side and in either
direction. Here the first waits by `poll` for the connection and for a bell, which rings when something is put into its
queue; the second waits on its doorstep, until it is called. Both go round by themselves more seldom.
"""

import queue
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

REST_SECONDS = 0.005
"""How long is waited in one go: what neither comes over the connection nor rings is seen after that."""

GLANCE_SECONDS = 0.001
"""The same where there is no connection yet."""

UNCALLED_SECONDS = 0.05
"""How long a thread rests on its doorstep in one go: a timeout is seen after that."""

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

    def wait_beside(self, connection: HasDescriptor | None) -> None:
        """Wait until the bell rings or the connection, if it is minded, has something to read; REST_SECONDS at most.

        Raises OSError or ValueError where either is closed.
        """
        poll = select.poll()
        if connection is not None:
            poll.register(connection, select.POLLIN)
        poll.register(self._rung, select.POLLIN)
        bell = self._rung.fileno()
        if any(descriptor == bell for descriptor, _ in poll.poll(REST_SECONDS * 1000)):
            self._rung.recv(4096)

    def close(self) -> None:
        """Give both descriptors back; may be called repeatedly."""
        self._rung.close()
        self._rope.close()


class Doorstep(threading.Event):
    """The checkpoint that pynetdicom's thread passes before it looks for a message: rests there until it is called.

    It sleeps for a millisecond before each time, which costs nothing while there is nothing to do.
    """

    def __init__(self, has_more: Callable[[], bool]) -> None:
        """`has_more` tells whether something waits to be done already: one call may have been for two messages."""
        super().__init__()
        self._has_more = has_more
        self._called = threading.Event()

    def ring(self) -> None:
        """Call the thread that rests here, or that comes here next."""
        self._called.set()

    def set(self) -> None:
        """Let pass, and call: whoever lets pass has changed what there is to see."""
        super().set()
        self.ring()

    def wait(self, timeout: float | None = None) -> bool:
        """Rest until called, UNCALLED_SECONDS at most; then wait to be let pass."""
        if not self._has_more():
            self._called.wait(UNCALLED_SECONDS)
        self._called.clear()
        return super().wait(timeout)


class Rings(Protocol):
    """What wakes a thread."""

    def ring(self) -> None:
        """Wake it, from any thread."""


class RingingQueue(queue.Queue[Any]):
    """A queue without an end that rings when something is put into it."""

    def __init__(self, bell: Rings) -> None:
        super().__init__()
        self._bell = bell

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put an item in, and ring."""
        super().put(item, block, timeout)
        self._bell.ring()
