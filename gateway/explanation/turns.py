"""One explanation after another: each takes a core for a second, and a decoded photo's memory."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from gateway.explanation.errors import TooManyAsked

T = TypeVar("T")

_PATIENCE_SECONDS = 60.0
_TOO_MANY = "too many explanations are asked for at this moment"


class OneAfterAnother:
    """A single thread that works, with a bounded number of acts that wait for it, and of those who wait for them.

    Each who waits keeps a thread of the server from others. Safe to share between threads.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[Any]] = {}
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, "explaining")

    def do(self, name: str, act: Callable[[], T]) -> T:
        """Wait for an act to be done, and give what it gives; of several of one name only the first is done.

        Raises what it raises, and TooManyAsked where as many wait as may, or it took too long.
        """
        with self._place():
            return self._done(self._begun(name, act))

    def close(self) -> None:
        """End after the act in hand; what waits is given up."""
        self._thread.shutdown(cancel_futures=True)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Wait among others; raises TooManyAsked where as many do as may."""
        with self._lock:
            if self._waiting >= self._most:
                raise TooManyAsked(_TOO_MANY)
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    @staticmethod
    def _done(future: "Future[T]") -> T:
        try:
            done: T = future.result(_PATIENCE_SECONDS)
        except (TimeoutError, CancelledError) as error:
            if future.done() and not future.cancelled():
                raise  # the act's own
            raise TooManyAsked("what was asked for before takes too long") from error
        return done

    def _begun(self, name: str, act: Callable[[], T]) -> "Future[T]":
        with self._lock:
            if name in self._under_way:
                return self._under_way[name]
            if len(self._under_way) >= self._most:
                raise TooManyAsked(_TOO_MANY)
            future = self._under_way[name] = self._thread.submit(act)
        future.add_done_callback(lambda _done: self._forget(name))
        return future

    def _forget(self, name: str) -> None:
        with self._lock:
            self._under_way.pop(name, None)
