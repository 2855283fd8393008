"""The listening side of a provider: which connections are taken, over which sockets they run."""

import logging
import socket
import socketserver
from copy import deepcopy
from ssl import SSLContext
from typing import Any

from pydicom.uid import UID
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.events import EventHandlerType
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationServer, AssociationSocket, RequestHandler

from dimse.admission import Admission
from dimse.commitment_service import CommitmentService
from dimse.connections import Connections
from dimse.machine import GuardedMachine
from dimse.receiving import StoreService
from dimse.retrieve_service import RetrieveService
from dimse.served import ServedAssociation
from dimse.sockets import AcceptedSocket

logger = logging.getLogger(__name__)

SPARE_CONNECTIONS = 16
"""Connections allowed above the associations: those that have not asked yet, and those about to be rejected."""


class _ConnectionHandler(RequestHandler):
    """Starts an association, over a bounded socket, for each connection taken."""

    server: "GuardedServer"

    def _create_association(self) -> Association:
        server = self.server
        association = ServedAssociation(self.ae, server.stores, server.retrieves, server.commits, server.tls)
        association.name = f"AcceptorThread@{self.client_address[0]}"
        association.set_socket(AcceptedSocket(AssociationSocket(association, client_socket=self.request)))
        association.dul.state_machine = GuardedMachine(association.dul)
        acceptor = association.acceptor
        acceptor.maximum_length = self.ae.maximum_pdu_size
        acceptor.ae_title = self.server.ae_title
        acceptor.address_info = self.local
        acceptor.implementation_class_uid = UID(self.ae.implementation_class_uid)
        acceptor.implementation_version_name = self.ae.implementation_version_name
        acceptor.supported_contexts = deepcopy(self.server.contexts)
        association.requestor.address_info = self.remote
        association.serve_as(self.server)
        self.server.took(association, self.client_address[0])
        return association


class GuardedServer(AssociationServer):
    """Accepts connections as far as there is room, and keeps count of the associations.

    Each connection gets its own threads, so that accepting never waits
    for a peer.
    """

    request_queue_size = 256

    def __init__(
        self,
        ae: ApplicationEntity,
        address: tuple[str, int],
        contexts: list[PresentationContext],
        handlers: list[EventHandlerType],
        *,
        admission: Admission,
        max_associations: int,
        stores: StoreService,
        retrieves: RetrieveService | None = None,
        commits: CommitmentService | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self.stores = stores
        self.retrieves = retrieves
        self.commits = commits
        self.tls = tls
        self._admission = admission
        self._connections = Connections(max_associations + SPARE_CONNECTIONS)
        super().__init__(ae, address, ae.ae_title, contexts, evt_handlers=handlers, request_handler=_ConnectionHandler)

    def verify_request(
        self,
        request: socket.socket | tuple[bytes, socket.socket],  # noqa: ARG002 - the base class passes it by name
        client_address: Any,
    ) -> bool:
        """Return whether a connection from `client_address` is taken; else it is closed, and costs no thread."""
        address = client_address[0]
        if not self._admission.knows_address(address):
            self._admission.look_up_soon()
            logger.warning("connection from %s closed: no peer has this address", address)
            return False
        if not self._connections.make_room():
            logger.warning("connection from %s closed: too many connections", address)
            return False
        return True

    def took(self, association: Association, address: str) -> None:
        """Note a new connection, before its association's thread runs."""
        self._connections.add(association, address)

    def associations(self) -> list[Association]:
        """Return the associations, asked for or not, whose connections live."""
        return self._connections.living()

    def stop_listening(self) -> None:
        """Accept nothing more and give the port back; associations go on."""
        socketserver.BaseServer.shutdown(self)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Log that a connection could not be taken, instead of printing it."""
        logger.error("a connection could not be taken", exc_info=True)
