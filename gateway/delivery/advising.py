"""Says with a refusal what can be set or asked for, where no copy goes in a photo's place."""

from dataclasses import replace

from dimse.fallback import InstanceSender
from dimse.outgoing import OutgoingInstance, SendResult
from dimse.reactions import Reaction
from gateway.conversion.facts import SopClass

_COPIED = frozenset({SopClass.VL_PHOTOGRAPHIC.value, SopClass.DERMOSCOPIC.value})
_ASK = "ask its administrator to take it"
_OR_COPY = f"{_ASK}, or set secondary_capture = true here for a copy to go instead"


class AdvisingSender:
    """Sends through `sender`; to the reason for which a class is refused it adds what to do about it."""

    def __init__(self, sender: InstanceSender) -> None:
        self._sender = sender

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send one instance. Raises UnreadableInstance."""
        result = self._sender.send(instance)
        if result.reaction is not Reaction.FALLBACK_CLASS:
            return result
        advice = _OR_COPY if instance.sop_class_uid in _COPIED else _ASK
        return replace(result, message=f"{result.message}: {advice}")

    def close(self) -> None:
        """Part from the destination in good form."""
        self._sender.close()

    def abort(self) -> None:
        """Break off, from any thread."""
        self._sender.abort()
