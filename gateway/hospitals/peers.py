"""Who calls over DIMSE: the caller an application entity stands for."""

from collections.abc import Sequence

from dimse import incoming
from dimse.addresses import RemoteAE
from gateway.access.caller import Caller, Role
from gateway.config import DEFAULT_HOSPITAL, Act, DimseDestination, Peer, Settings
from gateway.hospitals.remotes import remote_of

_ROLES: dict[Act, Role] = {
    "store": Role.MODALITY,
    "commit": Role.MODALITY,
    "find": Role.VIEWER,
    "move": Role.VIEWER,
    "get": Role.VIEWER,
}
"""What an act takes beyond the association itself, which is all that "echo" needs."""

_FREE_ON_LOOPBACK: tuple[Act, ...] = ("store", "commit")


def caller_of_peer(peers: Sequence[Peer], calling_ae_title: str, act: Act, *, trusts_local: bool = False) -> Caller:
    """The caller for an AE title whose association was accepted, with what it takes for this act and no other.

    With no peers listed, which is allowed on loopback alone, everybody may store into the default hospital and have
    that committed, and ask for what it holds as long as `trusts_local`: whoever calls over HTTP here needs no
    credential either. An AE title on several lines has the rights of all of them within the hospital of the first.
    """
    entries = [peer for peer in peers if peer.ae_title == calling_ae_title]
    allowed = any(act in peer.may for peer in entries) if peers else act in _FREE_ON_LOOPBACK or trusts_local
    roles = frozenset({_ROLES[act]}) if allowed and act in _ROLES else frozenset()
    return Caller(f"dimse:{calling_ae_title}", roles, _hospitals(peers, entries))


def _hospitals(peers: Sequence[Peer], entries: Sequence[Peer]) -> frozenset[str]:
    if not peers:
        return frozenset({DEFAULT_HOSPITAL})
    return frozenset({entries[0].hospital}) if entries else frozenset()


def where_it_listens(peers: Sequence[Peer], ae_title: str) -> RemoteAE | None:
    """Where an AE title takes associations, None where the settings name no port of it."""
    listening = (remote_of(peer, peer.port) for peer in peers if peer.ae_title == ae_title and peer.port)
    return next(listening, None)


def admitted(settings: Settings) -> tuple[incoming.Peer, ...]:
    """Who may call: the peers of the settings, none for everybody, and with them whoever is asked for commitment.

    A destination calls us to report, which takes nothing but its association; what else it may, `peers` says.
    """
    if not settings.peers:
        return ()
    reporting = [
        incoming.Peer(destination.ae_title, destination.host)
        for destination in settings.destinations
        if isinstance(destination, DimseDestination) and destination.proof == "commitment"
    ]
    listed = [incoming.Peer(peer.ae_title, peer.host) for peer in settings.peers]
    return tuple(dict.fromkeys([*listed, *reporting]))
