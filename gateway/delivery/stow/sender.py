"""Sends instances by STOW-RS to one DICOMweb server (PS3.18 10.5)."""

import threading
import time

from dimse.outgoing import OutgoingInstance, SendResult
from dimse.reactions import Reaction
from gateway.database import now
from gateway.delivery.stow.answers import DICOM_JSON, judged
from gateway.delivery.stow.channel import Channel
from gateway.delivery.stow.credentials import TokenSource, authorization
from gateway.delivery.stow.errors import ExchangeFailed, NoToken
from gateway.delivery.stow.messages import Answer, Request
from gateway.delivery.stow.multipart import OnePart
from gateway.delivery.stow.retry_after import retry_after_seconds


class StowSender:
    """Sends one instance a request, as it is stored, over a connection that is kept open between sends.

    Where the server asks for a pause (Retry-After), nothing is sent before it is over. Safe to use from several
    threads; they wait for one another.
    """

    def __init__(self, channel: Channel, token: TokenSource) -> None:
        self._channel = channel
        self._token = token
        self._lock = threading.Lock()
        self._not_before = 0.0

    def send(self, instance: OutgoingInstance) -> SendResult:
        """Send one instance and return what became of it.

        Faults of the server and of the network are results. Raises UnavailableInstance. May block for the connect
        and response times, the latter prolonged by the size.
        """
        with self._lock:
            pause = self._not_before - time.monotonic()
            if pause > 0:
                return SendResult(None, Reaction.BUSY, f"the server asked for a pause, {pause:.0f} s of it are left")
            try:
                return self._sent(instance)
            except NoToken as lack:
                return SendResult(None, Reaction.CONFIGURATION, str(lack))
            except ExchangeFailed as failure:
                return SendResult(None, failure.reaction, failure.words)

    def close(self) -> None:
        """Part from the server; a later `send` connects again."""
        with self._lock:
            self._channel.close()

    def abort(self) -> None:
        """Break off from any thread: a send in progress ends without an answer, later ones do not begin."""
        self._channel.abort()

    def _sent(self, instance: OutgoingInstance) -> SendResult:
        body = OnePart(instance.open_file)
        headers = {"Accept": DICOM_JSON, "Content-Type": body.media_type, **authorization(self._token)}
        answer = self._channel.exchange(Request("POST", "/studies", headers, body.length), body)
        self._note_pause(answer)
        verdict = judged(answer, instance.sop_instance_uid)
        stored = verdict.reaction.is_stored
        return SendResult(
            verdict.status, verdict.reaction, verdict.words, instance.transfer_syntax_uid if stored else None
        )

    def _note_pause(self, answer: Answer) -> None:
        asked = answer.headers.get("retry-after")
        if asked is not None and answer.status in {429, 503}:
            self._not_before = time.monotonic() + retry_after_seconds(asked, now())
