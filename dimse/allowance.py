"""How much a peer may send on an association that we asked for."""

from pynetdicom import evt

from dimse.transport import BoundedSocket


class Allowance:
    """Hangs up on a peer that sends more than `most_bytes`: `count` is for the library's event of a received PDU."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    def count(self, event: evt.Event) -> None:
        """Take a PDU from what is left."""
        self._left -= event.pdu.pdu_length
        connection = event.assoc.dul.socket
        if self._left < 0 and isinstance(connection, BoundedSocket):
            connection.hang_up()
