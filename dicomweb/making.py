"""How many answers are made at a time that take a decoded picture or file in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Final

from starlette.exceptions import HTTPException

from dicomweb.at_once import takes_longer

_WAIT_SECONDS: Final = 20.0
_RETRY_SECONDS: Final = 5


class MakingRoom:
    """Room for a number of answers being made; who finds none waits a while. Shared by all requests.

    Args:
        most: answers at a time.
        wait_seconds: how long the next one waits.
    """

    def __init__(self, most: int, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._room = BoundedSemaphore(most)
        self._wait_seconds = wait_seconds

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Room for one answer, inside the block. Blocking, and not to be entered twice by the same thread.

        Raises:
            HTTPException: 503 with Retry-After (RFC 9110 15.6.4), there was no room for too long.
        """
        takes_longer()
        if not self._room.acquire(timeout=self._wait_seconds):
            detail = "too much is being decoded at this moment"
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": str(_RETRY_SECONDS)})
        try:
            yield
        finally:
            self._room.release()
