"""Where C-MOVE may send to: the destinations that are set, and the peers that listen themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from dimse.retrieving import MoveDestination
from gateway.config import DimseDestination, Peer, Settings
from gateway.hospitals.remotes import remote_of, timeouts_of


@dataclass(frozen=True, slots=True)
class MoveTarget:
    """A place that peers of a hospital may have instances sent to."""

    hospital: str
    destination: MoveDestination


def move_targets(settings: Settings) -> Sequence[MoveTarget]:
    """Every target of the settings; one that is both a destination and a peer is taken as the destination."""
    destinations = [_destination(entry) for entry in settings.destinations if isinstance(entry, DimseDestination)]
    return [*destinations, *(_peer(entry, entry.port) for entry in settings.peers if entry.port is not None)]


def _destination(entry: DimseDestination) -> MoveTarget:
    return MoveTarget(entry.hospital, MoveDestination(remote_of(entry, entry.port), timeouts_of(entry)))


def _peer(entry: Peer, port: int) -> MoveTarget:
    return MoveTarget(entry.hospital, MoveDestination(remote_of(entry, port)))
