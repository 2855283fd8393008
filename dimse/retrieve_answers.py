"""The responses to one C-MOVE or C-GET (PS3.7 9.1.3, 9.1.4; tables 9.3-8 and 9.3-11).

They go straight over the association's socket, as the stores of a C-GET do, so that none overtakes another.
"""

import logging
import struct
import time

from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_GET, C_MOVE

from dimse import commands
from dimse.association import break_off
from dimse.pdata import command_pdus, data_pdus, fragment_bytes
from dimse.querying import QueryRefused
from dimse.retrieving import RetrieveStatus
from dimse.sub_operations import SubOperations, failed_list
from dimse.transport import BoundedSocket

logger = logging.getLogger(__name__)

RetrieveRequest = C_MOVE | C_GET

PENDING_SECONDS = 0.1
"""How often a peer is told how far its retrieval is; small objects take milliseconds each."""

LONGEST_COMMENT = 64
"""Error Comment (0000,0902) is LO."""

HIGHEST_COUNT = 0xFFFF
"""The numbers of sub-operations are US."""

_C_GET_RSP, _C_MOVE_RSP = 0x8010, 0x8021


class RetrieveAnswers:
    """Answers one request of an association: pending responses now and then, and one that is final.

    `seconds` is how long a peer may take to take one. Who does not, or is gone, is left: part of an answer may be on
    its way, and who sends what was asked for sees that nobody waits for it.
    """

    def __init__(
        self, association: Association, request: RetrieveRequest, context_id: int, *, implicit: bool, seconds: float
    ) -> None:
        self._association = association
        self._request = request
        self._context_id = context_id
        self._implicit = implicit
        self._seconds = seconds
        self._told_at = float("-inf")

    def pending(self, done: SubOperations) -> None:
        """Say how far it is, unless that was said just now."""
        if time.monotonic() - self._told_at < PENDING_SECONDS:
            return
        self._send({**_counts(done), commands.REMAINING: _count(done.remaining)}, RetrieveStatus.PENDING)
        self._told_at = time.monotonic()

    def final(self, status: RetrieveStatus, done: SubOperations) -> None:
        """Say how it ended, and which instances failed."""
        counts = _counts(done)
        if status is RetrieveStatus.CANCELLED:
            counts[commands.REMAINING] = _count(done.remaining)
        is_good = status is RetrieveStatus.SUCCESS or not done.failed
        self._send(counts, status, b"" if is_good else self._failed(done))

    def refused(self, refusal: QueryRefused) -> None:
        """Say why nothing was done."""
        why: dict[int, commands.Value] = {commands.ERROR_COMMENT: refusal.words[:LONGEST_COMMENT]}
        if refusal.tag is not None:
            why[commands.OFFENDING_ELEMENT] = refusal.tag
        self._send(why, refusal.status)

    def _failed(self, done: SubOperations) -> bytes:
        value = failed_list(done.failed).encode("ascii")
        value += b"\0" * (len(value) % 2)
        if self._implicit:
            return struct.pack("<HHL", 0x0008, 0x0058, len(value)) + value
        return struct.pack("<HH2sH", 0x0008, 0x0058, b"UI", len(value)) + value

    def _send(self, told: dict[int, commands.Value], status: int, identifier: bytes = b"") -> None:
        command = commands.command_set(
            {
                **told,
                commands.AFFECTED_SOP_CLASS_UID: str(self._request.AffectedSOPClassUID),
                commands.COMMAND_FIELD: _C_MOVE_RSP if isinstance(self._request, C_MOVE) else _C_GET_RSP,
                commands.MESSAGE_ID_BEING_RESPONDED_TO: self._request.MessageID or 0,
                commands.DATA_SET_TYPE: commands.DATA_SET_PRESENT if identifier else commands.NO_DATA_SET,
                commands.STATUS: int(status),
            }
        )
        fragment = fragment_bytes(self._association.dimse.maximum_pdu_size)
        pdus = command_pdus(self._context_id, command, fragment)
        for more in data_pdus(self._context_id, [identifier] if identifier else [], len(identifier), fragment):
            pdus += more
        connection = self._association.dul.socket
        if isinstance(connection, BoundedSocket):
            try:
                with connection.held():
                    connection.send_all(pdus, time.monotonic() + self._seconds)
            except OSError:
                logger.warning("association from %s ended: no answer goes", self._association.requestor.address)
                break_off(self._association)


def _counts(done: SubOperations) -> dict[int, commands.Value]:
    return {
        commands.COMPLETED: _count(done.completed),
        commands.FAILED: _count(len(done.failed)),
        commands.WARNING: _count(done.warnings),
    }


def _count(number: int) -> int:
    return min(number, HIGHEST_COUNT)
