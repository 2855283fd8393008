"""How each kind of destination is asked for proof."""

from collections.abc import Callable, Iterable

from gateway.config import Destination, DimseDestination, StowDestination
from gateway.delivery.proving.committing import DimseCommitter
from gateway.delivery.proving.finding import FindProver
from gateway.delivery.proving.keeper import Means
from gateway.delivery.stow.connecting import qido_prover
from gateway.hospitals.remotes import remote_of, timeouts_of

MeansFactory = Callable[[Destination], Means]


def proof_means(calling_ae_title: str) -> MeansFactory:
    """Means under our AE title: queries everywhere, storage commitment where a destination's settings ask for it."""

    def means(destination: Destination) -> Means:
        if isinstance(destination, StowDestination):
            return Means(qido_prover(destination))
        return _of_pacs(destination, calling_ae_title)

    return means


def _of_pacs(destination: DimseDestination, calling_ae_title: str) -> Means:
    remote = remote_of(destination, destination.port)
    timeouts = timeouts_of(destination)
    prover = FindProver(remote, calling_ae_title, timeouts)
    if destination.proof != "commitment":
        return Means(prover)
    committer = DimseCommitter(remote, calling_ae_title, timeouts, linger_seconds=destination.idle_seconds)
    return Means(prover, committer)


def named_by(destinations: Iterable[Destination], ae_title: str) -> frozenset[str]:
    """The names of the destinations that an application entity may report for: those with its AE title."""
    return frozenset(
        destination.name
        for destination in destinations
        if isinstance(destination, DimseDestination) and destination.ae_title == ae_title
    )
