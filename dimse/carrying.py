"""How the instances of a retrieval get where they are wanted; `dimse.moving` and `dimse.getting` are the two ways."""

from typing import Protocol

from dimse.outgoing import OutgoingInstance
from dimse.sub_operations import SubOutcome


class Carrier(Protocol):
    """Sends one instance after another, from one thread."""

    @property
    def is_lost(self) -> bool:
        """Whether nothing more can be sent this way, so that what is left need not be tried."""

    def send(self, instance: OutgoingInstance) -> SubOutcome:
        """Send one instance; never raises for what a peer does or a file lacks."""

    def close(self) -> None:
        """Let go of what was opened to send."""
