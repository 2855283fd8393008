"""Who calls over DIMSE: the caller an application entity stands for."""

from collections.abc import Sequence

from gateway.access.caller import Caller, Role
from gateway.config import DEFAULT_HOSPITAL, Act, Peer

_ROLES: dict[Act, Role] = {"store": Role.MODALITY, "find": Role.VIEWER, "move": Role.VIEWER, "get": Role.VIEWER}
"""What an act takes beyond the association itself, which is all that "echo" needs."""


def caller_of_peer(peers: Sequence[Peer], calling_ae_title: str, act: Act, *, trusts_local: bool = False) -> Caller:
    """The caller for an AE title whose association was accepted, with what it takes for this act and no other.

    With no peers listed, which is allowed on loopback alone, everybody may store into the default hospital, and ask
    for what it holds as long as `trusts_local`: whoever calls over HTTP here needs no credential either. An AE title
    on several lines has the rights of all of them within the hospital of the first.
    """
    entries = [peer for peer in peers if peer.ae_title == calling_ae_title]
    allowed = any(act in peer.may for peer in entries) if peers else act == "store" or trusts_local
    roles = frozenset({_ROLES[act]}) if allowed and act in _ROLES else frozenset()
    return Caller(f"dimse:{calling_ae_title}", roles, _hospitals(peers, entries))


def _hospitals(peers: Sequence[Peer], entries: Sequence[Peer]) -> frozenset[str]:
    if not peers:
        return frozenset({DEFAULT_HOSPITAL})
    return frozenset({entries[0].hospital}) if entries else frozenset()
