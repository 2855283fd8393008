"""Asking a destination for storage commitment over DIMSE."""

from collections.abc import Callable

from dimse.addresses import RemoteAE, Timeouts
from dimse.commitment import CommitmentAsker, CommitmentFailed
from dimse.commitment_data import CommitmentReport, CommitmentRequest
from gateway.delivery.proving.prover import CannotAsk, NotOffered


class DimseCommitter:
    """`Committer` over `dimse.commitment`."""

    def __init__(self, remote: RemoteAE, calling_ae_title: str, timeouts: Timeouts, *, linger_seconds: float) -> None:
        self._asker = CommitmentAsker(remote, calling_ae_title, timeouts, linger_seconds=linger_seconds)

    def ask(
        self, request: CommitmentRequest, taken: Callable[[], None], hear: Callable[[CommitmentReport], int]
    ) -> None:
        """As `Committer` has it."""
        try:
            self._asker.ask(request, taken, hear)
        except CommitmentFailed as failure:
            raise (CannotAsk if failure.offered else NotOffered)(failure.words) from failure

    def abort(self) -> None:
        """As `Committer` has it."""
        self._asker.abort()
