"""Sends a corrected object after the note that rejects the mistaken one (IHE Imaging Object Change Management)."""

from dataclasses import dataclass, replace

from dimse.fallback import InstanceSender
from dimse.outgoing import OutgoingInstance, SendResult, SentCopy
from dimse.reactions import Reaction

_HAS_THE_NOTE = (Reaction.STORED, Reaction.STORED_WITH_WARNING, Reaction.CONFIRM_DUPLICATE)


@dataclass(frozen=True, slots=True)
class Replacement(OutgoingInstance):
    """A corrected object under UIDs of its own, which `sent` tells; `note` goes before it, None where none is due."""

    sent: SentCopy
    note: OutgoingInstance | None = None


class ReplacingSender:
    """Sends through `sender`; both of a replacement have to arrive, and both may be sent again."""

    def __init__(self, sender: InstanceSender) -> None:
        self._sender = sender

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send one instance, and the note before it where it has one. Raises UnreadableInstance."""
        if not isinstance(instance, Replacement):
            return self._sender.send(instance)
        if instance.note is not None:
            noted = self._sender.send(instance.note)
            if noted.reaction not in _HAS_THE_NOTE:
                return replace(noted, message=f"the rejection note: {noted.message}")
        result = self._sender.send(instance)
        study = instance.sent.study_instance_uid
        sent = instance.sent if result.copy is None else replace(result.copy, study_instance_uid=study)
        return replace(result, copy=sent)

    def close(self) -> None:
        """Part from the destination in good form."""
        self._sender.close()

    def abort(self) -> None:
        """Break off, from any thread."""
        self._sender.abort()
