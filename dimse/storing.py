"""What takes the instances that peers store (C-STORE), chunk by chunk, and the protocol between it and the provider.

Nothing here names an archive: whoever has one hands in a `BeginStore`.
"""

from collections.abc import Callable
from typing import Protocol

from dimse.incoming import ReceivedInstance, StoreRequest


class InstanceSink(Protocol):
    """Takes one data set. Used by one thread; either `finish` or `abort` is called in the end, once."""

    def write(self, chunk: bytes) -> None:
        """Append. What is wrong with it is told by `finish`."""

    def finish(self) -> int:
        """The data set is whole: the DIMSE status to answer with; durable before this returns 0x0000."""

    def abort(self) -> None:
        """No more will come: nothing is to be left of it."""


BeginStore = Callable[[StoreRequest], InstanceSink]
"""Called from the associations' threads, several at a time. If it or the sink raises, the peer is told 0x0110."""


class HeldInstance:
    """A sink for whoever wants an instance whole; it is held in memory."""

    def __init__(self, request: StoreRequest, store: Callable[[ReceivedInstance], int]) -> None:
        self._request = request
        self._store = store
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._chunks.append(chunk)

    def finish(self) -> int:
        """Hand the instance on, and return its status."""
        return self._store(ReceivedInstance(self._request, b"".join(self._chunks)))

    def abort(self) -> None:
        """Forget it."""
        self._chunks.clear()


def held_whole(store: Callable[[ReceivedInstance], int]) -> BeginStore:
    """A `BeginStore` that hands each instance to `store` as soon as it is whole."""
    return lambda request: HeldInstance(request, store)
