"""The connections that a provider has taken, and which of them goes where there are too many."""

import logging
import threading
from collections import Counter

from pynetdicom.association import Association

from dimse.transport import BoundedSocket

logger = logging.getLogger(__name__)

ENDING = 16
"""Connections above the room that may still be on their way out: what was hung up on takes a moment to end."""


class Connections:
    """Counts connections up to `room`; beyond it one that has not asked for an association makes room for the next.

    So whoever opens connections and says nothing keeps nobody out: neither do two hundred of them.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._addresses: dict[Association, str] = {}
        self._leaving: set[Association] = set()

    def add(self, association: Association, address: str) -> None:
        """Note a new one, before its association's thread runs."""
        with self._lock:
            self._addresses[association] = address

    def living(self) -> list[Association]:
        """The associations, asked for or not, whose connections live; the oldest first."""
        with self._lock:
            # A new association is not alive until its thread starts, which is before the next connection is
            # looked at: connections are taken one after another in the server's own thread.
            self._addresses = {one: address for one, address in self._addresses.items() if one.is_alive()}
            self._leaving &= self._addresses.keys()
            return list(self._addresses)

    def make_room(self) -> bool:
        """Whether one more may be taken; for that one that waits may be hung up on."""
        living = self.living()
        if len(living) < self._room:
            return True
        waiting = [one for one in living if one.requestor.primitive is None and one not in self._leaving]
        if not waiting or len(living) >= self._room + ENDING:
            return False
        self._send_away(self._most_dispensable(waiting))
        return True

    def _most_dispensable(self, waiting: list[Association]) -> Association:
        """The oldest one of the address that has the most."""
        with self._lock:
            crowd = Counter(self._addresses.get(association, "") for association in waiting)
            address = crowd.most_common(1)[0][0]
            return next(one for one in waiting if self._addresses.get(one, "") == address)

    def _send_away(self, association: Association) -> None:
        self._leaving.add(association)
        connection = association.dul.socket
        if isinstance(connection, BoundedSocket):
            logger.warning("connection from %s closed: it asked for nothing", association.requestor.address)
            connection.cut()
