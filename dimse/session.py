"""One association kept open between sends: opened when needed, renegotiated when it must, closed when idle."""

import threading
import time

from pynetdicom.association import Association

from dimse.addresses import RemoteAE, Timeouts
from dimse.association import AssociationFailed, Obstacle, break_off, let_end, request_association
from dimse.negotiation import WantedPairs
from dimse.sockets import DialingSocket

REFUSALS_LAST_SECONDS = 3600.0
"""An association that is in use for so long is negotiated anew where the peer did not take all that was offered."""


class SendingSession:
    """Keeps the association of one sender.

    `lock` must be held around every call but `abort`; the idle watch takes it as well.
    """

    def __init__(self, remote: RemoteAE, calling_ae_title: str, timeouts: Timeouts, idle_seconds: float) -> None:
        self.lock = threading.RLock()
        self._remote = remote
        self._calling_ae_title = calling_ae_title
        self._timeouts = timeouts
        self._idle_seconds = idle_seconds
        self._wanted = WantedPairs()
        self._association: Association | None = None
        self._dialing: DialingSocket | None = None
        self._idle_watch: threading.Timer | None = None
        self._opened_at = self._last_used = 0.0
        self._aborted = threading.Event()

    def want(self, pair: tuple[str, str]) -> None:
        """See that `pair` is offered: at once, by closing an association that was made without it, or too long ago."""
        if self._wanted.add(pair) or self._is_outdated():
            self.close()

    def _is_outdated(self) -> bool:
        """Whether something was refused so long ago that it may be taken by now."""
        association = self._association
        age = time.monotonic() - self._opened_at
        return association is not None and bool(association.rejected_contexts) and age > REFUSALS_LAST_SECONDS

    def current(self) -> Association | None:
        """Return the open association, None where there is none or the peer has ended it meanwhile."""
        association = self._association
        if association is None:
            return None
        if not association.dul.is_alive() or association.dul.peek_next_pdu() is not None:
            self._let_go()
            let_end(association)
            return None
        self._last_used = time.monotonic()
        return association

    def open(self) -> Association:
        """Return a new association that offers every wanted pair. Raises AssociationFailed."""
        self.drop()
        if self._aborted.is_set():
            raise AssociationFailed(Obstacle.ABORTED, "sending was broken off here")
        contexts = self._wanted.contexts()
        association = request_association(
            self._remote, self._calling_ae_title, contexts, self._timeouts, self._note_dialing
        )
        self._association = association
        if self._aborted.is_set():  # while it was negotiated
            self.drop()
            raise AssociationFailed(Obstacle.ABORTED, "sending was broken off here")
        self._opened_at = self._last_used = time.monotonic()
        self._watch(association, self._idle_seconds)
        return association

    def touch(self) -> None:
        """Note that the association was in use until now."""
        self._last_used = time.monotonic()

    def close(self) -> None:
        """Release the association in good form; waits for the peer at most the ACSE timeout."""
        association = self.current()
        self._let_go()
        if association is not None:
            association.release()
            break_off(association)

    def drop(self) -> None:
        """End the association without good form."""
        association = self._let_go()
        if association is not None:
            break_off(association)

    def abort(self) -> None:
        """End the association now and for good; from any thread, without the lock."""
        self._aborted.set()
        dialing, association = self._dialing, self._association
        if association is not None:
            break_off(association)
        elif dialing is not None:
            dialing.hang_up()
        if self._idle_watch is not None:
            self._idle_watch.cancel()

    def _note_dialing(self, dialing: DialingSocket) -> None:
        self._dialing = dialing
        if self._aborted.is_set():  # just now, too early to find it
            dialing.hang_up()

    def _let_go(self) -> Association | None:
        """Forget the association, and return it to be ended."""
        if self._idle_watch is not None:
            self._idle_watch.cancel()
        association, self._association = self._association, None
        return association

    def _watch(self, association: Association, seconds: float) -> None:
        self._idle_watch = threading.Timer(seconds, self._close_if_idle, (association,))
        self._idle_watch.daemon = True
        self._idle_watch.start()

    def _close_if_idle(self, association: Association) -> None:
        with self.lock:
            if association is not self._association:
                return
            left = self._last_used + self._idle_seconds - time.monotonic()
            if left > 0:
                self._watch(association, left)
            else:
                self.close()
