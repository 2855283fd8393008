"""Who calls over DIMSE: the caller an application entity stands for."""

from collections.abc import Sequence

from gateway.access.caller import Caller, Role
from gateway.config import DEFAULT_HOSPITAL, Peer

_ROLES = {"store": Role.MODALITY}
"""What an act takes beyond the association itself, which is all that "echo" needs."""


def caller_of_peer(peers: Sequence[Peer], calling_ae_title: str) -> Caller:
    """The caller for an AE title whose association was accepted.

    With no peers listed, which is allowed on loopback alone, everybody may store into the default hospital. An AE
    title on several lines has the rights of all of them within the hospital of the first.
    """
    entries = [peer for peer in peers if peer.ae_title == calling_ae_title]
    if not peers:
        return Caller(f"dimse:{calling_ae_title}", frozenset({Role.MODALITY}), frozenset({DEFAULT_HOSPITAL}))
    roles = frozenset(_ROLES[act] for peer in entries for act in peer.may if act in _ROLES)
    hospitals = frozenset({entries[0].hospital}) if entries else frozenset()
    return Caller(f"dimse:{calling_ae_title}", roles, hospitals)
