"""What peers store over DIMSE, taken by the archive for the caller that a peer stands for."""

import logging
from collections.abc import Callable

from dicomweb.archive import StoreSession, StoreStatus
from dimse.incoming import StoreRequest
from dimse.sinks import RefusedSink
from dimse.status import Status
from dimse.storing import InstanceSink
from gateway.access.caller import Caller, NotPermitted
from gateway.archive.indexing import Origin, Sender

logger = logging.getLogger(__name__)

BeginSession = Callable[[Caller, Sender], StoreSession]
"""Begins a store request of the archive; raises NotPermitted."""


class ArchiveSink:
    """Writes one instance into a store request of the archive as it comes; its status is the archive's."""

    def __init__(self, session: StoreSession, head: bytes) -> None:
        self._session = session
        self._session.write(head)

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._session.write(chunk)

    def finish(self) -> int:
        """Make it durable and findable; 0x0000 says that it is."""
        try:
            self._session.end_part()
        except BaseException:
            self._session.abort()
            raise
        (outcome,) = self._session.commit()
        if outcome.status is not StoreStatus.STORED:
            logger.info("refused an instance", extra={"status": f"0x{outcome.status:04X}", "why": outcome.detail})
        return int(outcome.status)

    def abort(self) -> None:
        """Nothing is left of it."""
        self._session.abort()


def storing_peers(caller_of: Callable[[str], Caller], begin: BeginSession) -> Callable[[StoreRequest], InstanceSink]:
    """A `dimse.storing.BeginStore` over the archive; `caller_of` tells whom an AE title stands for."""

    def begin_store(request: StoreRequest) -> InstanceSink:
        try:
            session = begin(caller_of(request.calling_ae_title), Sender(Origin.DIMSE, request.calling_ae_title))
        except NotPermitted:
            return RefusedSink(Status.NOT_AUTHORISED)
        return ArchiveSink(session, request.part10_head())

    return begin_store
