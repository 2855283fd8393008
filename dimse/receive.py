"""Listens for peers, hands on what they store and ask (Verification, Storage, Query and Retrieve SCP, PS3.4 A-C)."""

import logging
import threading
from ssl import SSLContext

from pynetdicom.ae import ApplicationEntity

from dimse.admission import Admission
from dimse.association import break_off
from dimse.commitment_service import Commitments, CommitmentService
from dimse.contexts import provider_contexts
from dimse.errors import CannotListen, InvalidAddress
from dimse.find import FindHandlers
from dimse.handlers import AssociationHandlers
from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dimse.incoming import ProviderConfig
from dimse.inflight import InFlight
from dimse.listening import GuardedServer
from dimse.logs import silence_pynetdicom
from dimse.querying import Finder
from dimse.receiving import StoreService
from dimse.retrieve_service import RetrieveService
from dimse.retrieving import Retriever
from dimse.storing import BeginStore
from dimse.tls import server_context

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
UNLIMITED = 2**31


class StorageProvider:
    """Listens as `config` says and hands every instance, as it is received, to the sink that `begin` gives.

    `finder` answers queries, `retriever` retrievals, `commitments` what concerns storage commitment; without them none
    are accepted.
    """

    def __init__(
        self,
        config: ProviderConfig,
        begin: BeginStore,
        finder: Finder | None = None,
        retriever: Retriever | None = None,
        *,
        commitments: Commitments | None = None,
    ) -> None:
        self._config = config
        self._begin = begin
        self._finder = finder
        self._retriever = retriever
        self._commitments = commitments
        self._in_flight = InFlight()
        self._server: GuardedServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port listened at; the chosen one where the configuration says 0."""
        return int(self._server.server_address[1]) if self._server else self._config.port

    def start(self) -> None:
        """Listen, in threads of its own, until `stop`. Raises CannotListen."""
        if self._server is not None:
            raise RuntimeError("the provider is started already")
        silence_pynetdicom()
        self._in_flight = InFlight()
        self._server = self._listening_server()
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="dimse-provider", daemon=True
        )
        self._thread.start()

    def stop(self, grace_seconds: float = 30.0) -> None:
        """Give the port back, let stores under way end and be answered, then end every association.

        A store or query that begins meanwhile is answered 0xA700, so that its sender comes back later. After
        `grace_seconds` nothing is waited for any more.
        """
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        server.stop_listening()
        self._thread.join()
        if not self._in_flight.finish(grace_seconds):
            logger.warning("stopped before every store had ended")
        for association in server.associations():
            break_off(association)

    def _listening_server(self) -> GuardedServer:
        config = self._config
        ae = ApplicationEntity(config.ae_title)
        ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        ae.acse_timeout = config.timeouts.acse_seconds
        ae.dimse_timeout = config.timeouts.dimse_seconds
        ae.network_timeout = config.timeouts.network_seconds
        ae.maximum_pdu_size = config.max_pdu_bytes
        ae.maximum_associations = UNLIMITED  # it counts connections that have not asked yet; our seats do not
        admission = Admission(config.peers)
        find = self._find_handlers()
        handlers = AssociationHandlers(config, admission, find)
        tls = _secured(config)
        try:
            return GuardedServer(
                ae,
                (config.host, config.port),
                provider_contexts(
                    queries=find is not None,
                    retrievals=self._retriever is not None,
                    commitments=self._commitments is not None,
                ),
                handlers.bindings(),
                admission=admission,
                max_associations=config.max_associations,
                stores=StoreService(self._begin, self._in_flight, config.max_object_bytes, config.timeouts),
                retrieves=self._retrieve_service(),
                commits=self._commitment_service(),
                tls=tls,
            )
        except OSError as error:
            raise CannotListen(
                f"cannot listen at {config.host}:{config.port}: {error.strerror or type(error).__name__}"
            ) from error

    def _find_handlers(self) -> FindHandlers | None:
        if self._finder is None:
            return None
        retrieve_from = self._config.ae_title if self._retriever is not None else ""
        return FindHandlers(self._finder, self._in_flight, self._config.max_answers, retrieve_from)

    def _retrieve_service(self) -> RetrieveService | None:
        if self._retriever is None:
            return None
        config = self._config
        return RetrieveService(self._retriever, self._in_flight, config.ae_title, config.timeouts, config.max_retrieved)

    def _commitment_service(self) -> CommitmentService | None:
        if self._commitments is None:
            return None
        return CommitmentService(self._commitments, self._in_flight, self._config.timeouts.dimse_seconds)


def _secured(config: ProviderConfig) -> SSLContext | None:
    try:
        return server_context(config.tls) if config.tls is not None else None
    except InvalidAddress as error:
        raise CannotListen(f"cannot listen at {config.host}:{config.port}: {error}") from error
