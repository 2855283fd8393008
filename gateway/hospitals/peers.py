"""Who calls over DIMSE: the caller an application entity stands for."""

from collections.abc import Sequence

from gateway.access.caller import Caller, Role
from gateway.config import DEFAULT_HOSPITAL, Peer

_ROLES = {"store": Role.MODALITY, "find": Role.VIEWER}
"""What an act takes beyond the association itself, which is all that "echo" needs."""


def caller_of_peer(peers: Sequence[Peer], calling_ae_title: str, *, trusts_local: bool = False) -> Caller:
    """The caller for an AE title whose association was accepted.

    With no peers listed, which is allowed on loopback alone, everybody may store into the default hospital, and ask
    for what it holds as long as `trusts_local`: whoever calls over HTTP here needs no credential either. An AE title
    on several lines has the rights of all of them within the hospital of the first.
    """
    entries = [peer for peer in peers if peer.ae_title == calling_ae_title]
    if not peers:
        roles = {Role.MODALITY, Role.VIEWER} if trusts_local else {Role.MODALITY}
        return Caller(f"dimse:{calling_ae_title}", frozenset(roles), frozenset({DEFAULT_HOSPITAL}))
    allowed = frozenset(_ROLES[act] for peer in entries for act in peer.may if act in _ROLES)
    hospitals = frozenset({entries[0].hospital}) if entries else frozenset()
    return Caller(f"dimse:{calling_ae_title}", allowed, hospitals)
