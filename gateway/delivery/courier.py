"""A courier carries what one destination is to get: a loop of claim, send, write down, run in a thread of its own."""

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.fallback import InstanceSender
from dimse.outgoing import OutgoingInstance, SendResult
from dimse.reactions import Reaction
from gateway.archive.errors import StorageError
from gateway.database import DatabaseError
from gateway.delivery.bell import QUEUED
from gateway.delivery.breaker import Breaker
from gateway.delivery.claims import Claim
from gateway.delivery.outbox import Outbox
from gateway.delivery.outcomes import Attempt
from gateway.delivery.rules import concerns_destination
from gateway.delivery.states import DeliveryState

logger = logging.getLogger(__name__)

InstanceSource = Callable[[int, int], OutgoingInstance | None]
"""(instance id, revision) -> what to send; None where the archive no longer holds it."""

_UNANSWERED = (Reaction.UNKNOWN_OUTCOME, Reaction.UNREACHABLE)
_ANSWERS_WITHOUT_STATUS = (
    Reaction.NO_PRESENTATION_CONTEXT,
    Reaction.FALLBACK_CLASS,
    Reaction.PERMANENT,
    Reaction.RETRY_ONCE,
)
"""What only a destination that is there can say: by negotiation, or by the status line of HTTP."""


class Courier:
    """Empties one destination's queue until told to stop.

    The couriers of a destination share its `breaker`; each has one of its own for its place among the associations
    that the destination allows.
    """

    def __init__(
        self, destination: str, sender: InstanceSender, *, outbox: Outbox, source: InstanceSource, breaker: Breaker
    ) -> None:
        self._destination = destination
        self._sender = sender
        self._outbox = outbox
        self._source = source
        self._breaker = breaker
        self._seat = Breaker(outbox.policy.limits.first_seconds)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop`: the instance in hand is finished then, the rest of the batch goes back to the table."""
        try:
            while not self._stopping.is_set():
                heard = QUEUED.rings(self._destination)
                if not self._logged_round():
                    QUEUED.wait(self._destination, heard, self._rest_seconds())
        finally:
            self._sender.close()

    def stop(self) -> None:
        """Ask for an end after the instance in hand."""
        self._stopping.set()
        QUEUED.ring([self._destination])

    def abort(self) -> None:
        """Break off the instance in hand; it goes back to the table like the rest."""
        self.stop()
        self._sender.abort()

    def _logged_round(self) -> bool:
        try:
            return self._round()
        except Exception as error:  # noqa: BLE001 - the loop outlives a database's restart, and our own defects
            _log_fault(f"a round of deliveries to {self._destination}", error)
            self._stopping.wait(self._outbox.policy.poll_seconds)
            return False

    def _rest_seconds(self) -> float:
        pauses = (self._breaker.pause_seconds(), self._seat.pause_seconds())
        return min([self._outbox.policy.poll_seconds, *(pause for pause in pauses if pause)])

    def _round(self) -> bool:
        """Carry one batch; whether there was anything to do."""
        if self._seat.pause_seconds():
            return False
        permit = self._breaker.permit(self._outbox.policy.batch)
        try:
            claims = self._outbox.claim(self._destination, permit.rows) if permit.rows else ()
            if claims:
                self._carry(claims)
            return bool(claims)
        finally:
            self._breaker.settle(permit)

    def _carry(self, claims: Sequence[Claim]) -> None:
        waiting = deque(claims)
        trouble: str | None = None
        try:
            while waiting and trouble is None and self._may_send(waiting[0]):
                trouble = self._carry_first(waiting)
        finally:
            self._outbox.give_back(waiting, trouble)
        if trouble is not None and self._breaker.is_open:
            self._outbox.bury_aged(self._destination, trouble)

    def _may_send(self, held: Claim) -> bool:
        return not self._stopping.is_set() and self._outbox.holds(held)

    def _carry_first(self, waiting: deque[Claim]) -> str | None:
        """Deal with the first of the batch; the trouble in words when the destination takes nothing now.

        Whatever is left in `waiting` then, the first one itself where nothing was sent, goes back to the table.
        """
        attempt = self._attempt(waiting[0])
        if attempt is None:
            self._outbox.cancel_missing(waiting.popleft())
            return None
        if self._stopping.is_set() and attempt.status is None and attempt.reaction in _UNANSWERED:
            return None
        if concerns_destination(attempt.reaction, attempt.status):
            self._note_refusal(attempt)
            return attempt.words
        self._write_down(waiting.popleft(), attempt)
        return self._told(attempt)

    def _attempt(self, held: Claim) -> Attempt | None:
        started_at = self._outbox.clock()
        result = self._send(held)
        if result is None:
            return None
        ended_at = self._outbox.clock()
        return Attempt(started_at, ended_at, result.reaction, result.status, result.message, result.copy)

    def _send(self, held: Claim) -> SendResult | None:
        """Send one instance; None where the archive no longer holds it. Raises only what is the database's fault."""
        try:
            instance = self._source(held.instance_id, held.revision)
            return None if instance is None else self._sender.send(instance)
        except (SQLAlchemyError, DatabaseError):
            raise  # says nothing of this instance: the whole round is put off
        except (UnavailableInstance, StorageError) as error:
            return SendResult(None, Reaction.RETRY, f"the archive cannot give it now: {error}")
        except UnreadableInstance as error:
            return SendResult(None, Reaction.RETRY_FEW, f"the archive could not give it: {error}")
        except Exception as error:  # noqa: BLE001 - one object that hits a defect must not hold up all behind it
            _log_fault(f"delivery {held.delivery_id} to {self._destination}", error)
            return SendResult(None, Reaction.RETRY_FEW, f"sending it failed here: {type(error).__name__}")

    def _write_down(self, held: Claim, attempt: Attempt) -> None:
        state = self._outbox.record(held, attempt)
        if state is None:
            logger.warning("delivery %d to %s is another worker's by now", held.delivery_id, self._destination)
        elif state is not DeliveryState.SENT:
            logger.warning("delivery %d to %s is %s: %s", held.delivery_id, self._destination, state, attempt.words)

    def _told(self, attempt: Attempt) -> str | None:
        """Tell the breaker what the attempt says of the destination; the trouble in words when it is down now."""
        if attempt.status is not None or attempt.reaction in _ANSWERS_WITHOUT_STATUS:
            if self._breaker.is_open:
                logger.info("destination %s answers again", self._destination)
            self._breaker.answered()
            self._seat.answered()
        elif attempt.reaction is Reaction.UNKNOWN_OUTCOME:
            self._note_trouble(self._breaker.silent, attempt.words)
            return attempt.words if self._breaker.is_open else None
        return None

    def _note_refusal(self, attempt: Attempt) -> None:
        """Nothing was sent: let this courier rest where the destination serves others meanwhile, else all of them."""
        if attempt.reaction is not Reaction.BUSY or not self._breaker.answered_lately():
            self._note_trouble(self._breaker.down, attempt.words)
            return
        level = logging.DEBUG if self._seat.is_open else logging.INFO
        self._seat.down()
        logger.log(level, "destination %s takes fewer associations than set: %s", self._destination, attempt.words)

    def _note_trouble(self, tell: Callable[[], None], words: str) -> None:
        was_open = self._breaker.is_open
        tell()
        if self._breaker.is_open:
            level = logging.DEBUG if was_open else logging.WARNING
            pause = self._breaker.pause_seconds()
            logger.log(level, "destination %s is down, looking again in %.0f s: %s", self._destination, pause, words)


def _log_fault(what: str, error: Exception) -> None:
    """Log the kind of a fault and where it arose; not its text, which may quote what was being worked on."""
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s met %s\n%s", what, type(error).__name__, place)
