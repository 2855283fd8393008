"""Sinks around what the provider was given: a fault of it becomes a status, and is logged without what it quotes."""

import logging
import traceback
from collections.abc import Callable

from dimse.incoming import StoreRequest
from dimse.status import Status
from dimse.storing import BeginStore, InstanceSink

logger = logging.getLogger(__name__)


class RefusedSink:
    """Takes nothing, and answers with one status: the data set still has to be read to its end."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def write(self, chunk: bytes) -> None:
        """Forget it."""

    def finish(self) -> int:
        """The status."""
        return self._status

    def abort(self) -> None:
        """Nothing was kept."""


class GuardedSink:
    """The sink that `begin` gives; whatever it raises, 0x0110 is the status in the end."""

    def __init__(self, begin: BeginStore, request: StoreRequest) -> None:
        self._request = request
        self._sink: InstanceSink | None = None
        self._guard(lambda: self._open(begin))

    def write(self, chunk: bytes) -> None:
        """Append."""
        if (sink := self._sink) is not None:
            self._guard(lambda: sink.write(chunk))

    def finish(self) -> int:
        """The status that the sink gives."""
        status: int = Status.PROCESSING_FAILURE
        if (sink := self._sink) is not None:
            self._sink = None
            try:
                status = int(sink.finish())
            except Exception as error:  # noqa: BLE001 - the outer edge: the peer gets a status whatever happens
                self._log(error)
        return status

    def abort(self) -> None:
        """No more will come."""
        sink, self._sink = self._sink, None
        if sink is not None:
            self._guard(sink.abort)

    def _open(self, begin: BeginStore) -> None:
        self._sink = begin(self._request)

    def _guard(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - as above
            self._log(error)
            self.abort()

    def _log(self, error: Exception) -> None:
        # The frames only: the words of an exception may quote the data set.
        frames = "".join(traceback.format_tb(error.__traceback__))
        uid = self._request.sop_instance_uid
        logger.error("storing instance %s failed: %s\n%s", uid, type(error).__name__, frames)
