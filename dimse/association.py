"""Requests associations, and says in words why one could not be had."""

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from ssl import SSLContext, SSLEOFError, SSLError

from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AddressInformation

from dimse.addresses import RemoteAE, Timeouts
from dimse.errors import DimseError, InvalidAddress
from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dimse.logs import silence_pynetdicom
from dimse.machine import IDLE, GuardedMachine
from dimse.reactions import Reaction
from dimse.rejection import Rejection, explain
from dimse.sockets import DialingSocket
from dimse.tls import client_context
from dimse.tls_stream import TlsStream
from dimse.tls_words import TlsFault, explain_tls, tls_fault
from dimse.transport import BoundedSocket, is_workable_pdu_length

MAX_PDU_BYTES = 128 * 1024
"""The longest P-DATA we ask peers to send; they choose their own for what we send."""

ABORT_SECONDS = 1.0
"""How long an A-ABORT may take to leave before the connection is cut."""


class Obstacle(StrEnum):
    """What stood in the way of an association."""

    HOST_UNKNOWN = "host_unknown"
    UNREACHABLE = "unreachable"
    CONNECTION_REFUSED = "connection_refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    REJECTED = "rejected"
    ABORTED = "aborted"
    NO_PRESENTATION_CONTEXT = "no_presentation_context"


class AssociationFailed(DimseError):
    """No association could be had: what stood in the way, in words, and what to do about it.

    `refused` are the presentation contexts of an association that failed because none was accepted; `tls_fault` says
    what was wrong with TLS, where that was it and not a file of our own.
    """

    def __init__(
        self,
        obstacle: Obstacle,
        words: str,
        reaction: Reaction = Reaction.UNREACHABLE,
        refused: Sequence[PresentationContext] = (),
        tls_fault: TlsFault | None = None,
    ) -> None:
        super().__init__(words)
        self.obstacle = obstacle
        self.words = words
        self.reaction = reaction
        self.refused = refused
        self.tls_fault = tls_fault


class _DialingEntity(ApplicationEntity):
    """Associates over our own socket, of which `on_dial` is told before it connects."""

    def __init__(self, ae_title: str, on_dial: Callable[[DialingSocket], None]) -> None:
        super().__init__(ae_title)
        self._on_dial = on_dial

    def _create_socket(
        self,
        assoc: Association,
        address: AddressInformation,
        tls_args: tuple[SSLContext, str] | None,
    ) -> DialingSocket:
        dialing = DialingSocket(assoc, address)
        dialing.tls_args = tls_args
        assoc.dul.state_machine = GuardedMachine(assoc.dul)
        self._on_dial(dialing)
        return dialing


def request_association(
    remote: RemoteAE,
    calling_ae_title: str,
    contexts: Sequence[PresentationContext],
    timeouts: Timeouts,
    on_dial: Callable[[DialingSocket], None] = lambda _dialing: None,
    *,
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = (),
) -> Association:
    """Return an established association with `remote`, its reactor held (see `_hold_reactor`).

    `roles` are proposed where ours is not the usual one, of a user (PS3.7 D.3.3.4).

    Raises AssociationFailed. Blocks for at most the connect and ACSE timeouts (and the resolver's own, for a
    host name); another thread ends that with `hang_up` of the socket that `on_dial` is given.
    """
    silence_pynetdicom()
    try:
        association = _entity(calling_ae_title, timeouts, on_dial).associate(
            remote.host,
            remote.port,
            contexts=list(contexts),
            ae_title=remote.ae_title,
            max_pdu=MAX_PDU_BYTES,
            tls_args=_tls_arguments(remote),
            ext_neg=list(roles),
            evt_handlers=[(evt.EVT_ESTABLISHED, _hold_reactor), (evt.EVT_PDU_RECV, _note_rejection)],
        )
    except (socket.gaierror, UnicodeError) as error:  # the latter for a label no resolver takes
        raise AssociationFailed(Obstacle.HOST_UNKNOWN, f"no host is known by the name {remote.host}") from error
    except OSError as error:  # no socket to be had, before anything is sent
        raise AssociationFailed(Obstacle.UNREACHABLE, f"no socket: {error.strerror or type(error).__name__}") from error
    if not association.is_established:
        failure = _failure(association, remote, calling_ae_title)
        break_off(association)
        raise failure
    longest = association.acceptor.maximum_length
    if not is_workable_pdu_length(longest):
        break_off(association)
        how_much = "does not say how many bytes it takes" if longest is None else f"takes no more than {longest} bytes"
        raise AssociationFailed(Obstacle.ABORTED, f"{remote} {how_much} at a time", Reaction.CONFIGURATION)
    return association


def _entity(calling_ae_title: str, timeouts: Timeouts, on_dial: Callable[[DialingSocket], None]) -> ApplicationEntity:
    ae = _DialingEntity(calling_ae_title, on_dial)
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    ae.connection_timeout = timeouts.connect_seconds
    ae.acse_timeout = timeouts.acse_seconds
    ae.dimse_timeout = timeouts.dimse_seconds
    ae.network_timeout = timeouts.network_seconds
    return ae


def _hold_reactor(event: evt.Event) -> None:
    """Stop the association's reactor thread before its first turn.

    It reads the same queue as whoever waits for an answer. pynetdicom 3.0.4 pauses it around each request, but
    its sign of being paused is stale for a moment after it was let go, so that an answer to a request that
    follows at once can be taken, and dropped, by that thread. Held from the start it never reads at all;
    releasing or aborting the association lets it go by itself.
    """
    event.assoc._reactor_checkpoint.clear()  # noqa: SLF001 - the library offers no other way


def _note_rejection(event: evt.Event) -> None:
    """Keep the numbers of a rejection as they came; the library gives up at those that the standard reserves."""
    pdu, dialing = event.pdu, event.assoc.dul.socket
    if isinstance(pdu, A_ASSOCIATE_RJ) and isinstance(dialing, DialingSocket):
        dialing.rejection = Rejection(pdu.result or 0, pdu.source or 0, pdu.reason_diagnostic or 0)


def _failure(association: Association, remote: RemoteAE, calling_ae_title: str) -> AssociationFailed:
    dialing = association.dul.socket
    assert isinstance(dialing, DialingSocket)
    if dialing.failure is not None:
        explained_failure = _tls_failure if dialing.fails_in_tls else _connection_failure
        return explained_failure(dialing.failure, remote)
    if dialing.rejection is not None:
        explained = explain(dialing.rejection, calling_ae_title, remote.ae_title)
        return AssociationFailed(Obstacle.REJECTED, explained.words, explained.reaction)
    if association.rejected_contexts:
        return _nothing_taken(association, remote)
    if isinstance(dialing.socket, TlsStream) and dialing.socket.fault is not None:
        return _tls_failure(dialing.socket.fault, remote)
    if association.is_aborted and not association._sent_abort:  # noqa: SLF001 - ours after a timeout, or theirs
        return AssociationFailed(Obstacle.ABORTED, f"{remote} broke off while the association was negotiated")
    return AssociationFailed(Obstacle.TIMEOUT, f"{remote} took the connection but did not answer in time")


def _nothing_taken(association: Association, remote: RemoteAE) -> AssociationFailed:
    accepted = association.acceptor.primitive
    if accepted is None or not accepted.presentation_context_definition_results_list:
        # The library takes what is not spoken of for refused: that would be every object's, and for good.
        return AssociationFailed(Obstacle.ABORTED, f"{remote} accepted without a word on what it takes")
    return AssociationFailed(
        Obstacle.NO_PRESENTATION_CONTEXT,
        f"{remote} accepted none of the presentation contexts offered",
        Reaction.NO_PRESENTATION_CONTEXT,
        association.rejected_contexts,
    )


def _tls_arguments(remote: RemoteAE) -> tuple[SSLContext, str] | None:
    if remote.tls is None:
        return None
    try:
        return client_context(remote.tls), remote.tls.name or remote.host
    except InvalidAddress as error:
        raise AssociationFailed(Obstacle.TLS, str(error), Reaction.CONFIGURATION) from error


def _tls_failure(failure: OSError, remote: RemoteAE) -> AssociationFailed:
    """What a handshake broke on, or what the peer said right after it: in TLS 1.3 it looks at ours last."""
    lasts = isinstance(failure, SSLError) and not isinstance(failure, SSLEOFError)
    words = f"no TLS with {remote.host}:{remote.port}: {explain_tls(failure)}"
    reaction = Reaction.CONFIGURATION if lasts else Reaction.UNREACHABLE
    return AssociationFailed(Obstacle.TLS, words, reaction, tls_fault=tls_fault(failure))


def _connection_failure(failure: OSError, remote: RemoteAE) -> AssociationFailed:
    where = f"{remote.host}:{remote.port}"
    if isinstance(failure, TimeoutError):
        return AssociationFailed(Obstacle.TIMEOUT, f"no connection to {where} in time: no answer")
    if isinstance(failure, ConnectionRefusedError):
        return AssociationFailed(Obstacle.CONNECTION_REFUSED, f"nothing listens at {where}: connection refused")
    return AssociationFailed(
        Obstacle.UNREACHABLE, f"{where} cannot be reached: {failure.strerror or type(failure).__name__}"
    )


def let_end(association: Association) -> None:
    """Answer what the peer of a held association has sent meanwhile, a release or an abort, and be done with it."""
    association._reactor_checkpoint.set()  # noqa: SLF001 - lets go what `_hold_reactor` holds
    association.join(ABORT_SECONDS)
    break_off(association)


def break_off(association: Association) -> None:
    """Abort `association` from any thread, and be done within moments whatever its peer does.

    pynetdicom's own `abort` waits for its thread, which may be stuck in a send that the peer does not take.
    """
    connection = association.dul.socket
    if association.is_established and association.dul.state_machine.current_state != IDLE:
        association.abort(block=False)
        association.dul.join(ABORT_SECONDS)
    if association.dul.is_alive() and connection is not None and connection.socket is not None:
        with suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)
    association.kill()
    if isinstance(connection, BoundedSocket):
        connection.hang_up()
