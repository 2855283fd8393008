"""The upper layer's state machine, made to survive what a peer may send (PS3.8 9.2)."""

import logging

from pynetdicom.fsm import StateMachine
from pynetdicom.pdu_primitives import A_P_ABORT

from dimse.transport import BoundedSocket

logger = logging.getLogger(__name__)

IDLE = "Sta1"


class GuardedMachine(StateMachine):
    """Ends the association where pynetdicom's own would end its thread with an unhandled exception.

    A PDU that decodes, but holds a value the library has no name for (a reject reason of 10, say), raises in the
    middle of a transition; those who wait for an answer would then wait for their whole timeout.
    """

    def do_action(self, event: str) -> None:
        """Do what `event` asks for in the current state, or end the association."""
        try:
            super().do_action(event)
        except Exception as error:  # noqa: BLE001 - the outer edge of the thread; any value of any PDU may get here
            logger.warning("association ended: a PDU cannot be understood (%s)", type(error).__name__)
            self._end()
        if self.current_state == IDLE and self.dul.assoc.is_acceptor:
            # A peer that leaves without asking would keep the thread that waits for its request until the ACSE
            # timeout, and with it the room of a connection.
            self.dul.to_user_queue.put(None)

    def _end(self) -> None:
        dul = self.dul
        dul.kill_dul()
        dul.assoc.dimse.msg_queue.put((None, None))
        if dul.assoc.is_requestor:
            aborted = A_P_ABORT()
            aborted.provider_reason = 0x00
            dul.to_user_queue.put(aborted)
        self.current_state = IDLE
        if isinstance(dul.socket, BoundedSocket):
            dul.socket.hang_up()
