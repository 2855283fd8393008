"""An association that somebody else asked for: pynetdicom's, with the services that we answer ourselves."""

import logging
import threading
from ssl import SSLContext
from typing import TYPE_CHECKING

from pynetdicom import evt
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_GET, C_MOVE, N_ACTION, N_EVENT_REPORT
from pynetdicom.transport import AssociationServer

from dimse.commitment_data import COMMITMENT_CLASS
from dimse.commitment_service import CommitmentService
from dimse.reading import StoreReader
from dimse.receiving import StoreService
from dimse.retrieve_service import RetrieveService
from dimse.sockets import AcceptedSocket
from dimse.tls_words import explain_tls
from dimse.waking import Doorstep, RingingQueue

MAX_COMMITMENT_MESSAGES = 2
"""At a time on one association: the library gives each report a thread of its own. A peer that has more under way was
granted no asynchronous operations (PS3.7 D.3.3.3)."""

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import DimseServiceType

logger = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 30.0
"""Of a TLS handshake, where no ACSE timeout is set."""


class ServedAssociation(Association):
    """Answers by our own services what they are for, and the rest as the library does.

    `stores` takes C-STORE, `retrieves` C-MOVE and C-GET: the library decodes every object, and negotiates anew for
    each that is retrieved. `commits` takes storage commitment: what comes for it the library decodes without a bound,
    and it has no way of reporting on the same association. The latter two may be None.
    """

    def __init__(
        self,
        ae: ApplicationEntity,
        stores: StoreService,
        retrieves: RetrieveService | None,
        commits: CommitmentService | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        super().__init__(ae, MODE_ACCEPTOR)
        self.dul = StoreReader(self, stores)
        self.acse_timeout, self.network_timeout = ae.acse_timeout, ae.network_timeout  # which tells the reader
        self._retrieves = retrieves
        self._commits = commits
        self._tls = tls
        self._turns = threading.Semaphore(MAX_COMMITMENT_MESSAGES)
        self._wait_on_a_doorstep()

    def _wait_on_a_doorstep(self) -> None:
        """Have this thread called by messages and by the end of the association; before either thread has begun."""
        doorstep = Doorstep(has_more=lambda: not self.dimse.msg_queue.empty())
        doorstep.set()
        self._reactor_checkpoint = doorstep
        self.dimse.msg_queue = RingingQueue(doorstep)
        self.dul.to_user_queue = RingingQueue(doorstep)

    def run_reactor(self) -> None:
        """Run, in a thread of its own; with TLS its handshake comes first, so that accepting never waits for it."""
        connection = self.dul.socket
        try:
            if self._is_secured(connection):
                super().run_reactor()
        finally:
            if isinstance(connection, AcceptedSocket):
                connection.still()

    def _is_secured(self, connection: object) -> bool:
        """Do the TLS handshake, where there is to be one; return whether the connection may be used."""
        if self._tls is None or not isinstance(connection, AcceptedSocket):
            return True
        try:
            connection.secure(self._tls, self.acse_timeout or HANDSHAKE_SECONDS)
        except OSError as error:
            logger.warning("connection from %s closed: %s", self.requestor.address, explain_tls(error))
            connection.hang_up()
            return False
        return True

    def serve_as(self, server: AssociationServer) -> None:
        """Belong to `server`: what happens is told to its handlers."""
        self._server = server
        for event, bound in server._handlers.items():  # noqa: SLF001 - as the library hands them on
            if isinstance(event, evt.InterventionEvent):
                self.bind(event, *bound)  # one pair of handler and arguments
            else:
                for handler, arguments in bound:  # type: ignore[misc]  # a list of such pairs
                    self.bind(event, handler, arguments)

    def _serve_request(self, msg: "DimseServiceType", context_id: int) -> None:
        try:
            if isinstance(msg, C_MOVE | C_GET) and self._retrieves is not None and msg.is_valid_request:
                self._serve_retrieval(self._retrieves, msg, context_id)
            elif isinstance(msg, N_ACTION | N_EVENT_REPORT) and self._commits is not None and msg.is_valid_request:
                self._serve_commitment(self._commits, msg, context_id)
            else:
                super()._serve_request(msg, context_id)
        finally:
            # Nothing was expected from the peer meanwhile; now it may be idle for as long as anybody.
            self.dul._idle_timer.restart()  # noqa: SLF001 - the library restarts it by what it receives alone

    def _serve_retrieval(self, retrieves: RetrieveService, request: C_MOVE | C_GET, context_id: int) -> None:
        context = self._accepted_cx.get(context_id)
        if context is None:
            self.abort()
            return
        self.dimse.cancel_req = {}
        self._is_paused = True
        retrieves.serve(self, request, context)
        self._is_paused = False
        self.dimse.cancel_req = {}

    def _serve_commitment(
        self, commits: CommitmentService, message: N_ACTION | N_EVENT_REPORT, context_id: int
    ) -> None:
        context = self._accepted_cx.get(context_id)
        if context is None or context.abstract_syntax != COMMITMENT_CLASS or not self._turns.acquire(blocking=False):
            self.abort()
            return
        try:
            commits.serve(self, message, context)
        finally:
            self._turns.release()
