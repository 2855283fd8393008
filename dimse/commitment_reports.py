"""Reports on storage commitment as they come, on whichever association: read, handed on, answered (PS3.4 J.3.3)."""

import logging
import traceback
from collections.abc import Callable
from enum import IntEnum

from pynetdicom.dimse_primitives import N_EVENT_REPORT

from dimse.commitment_data import CommitmentReport, UnreadableCommitment, read_report

logger = logging.getLogger(__name__)


class ReportStatus(IntEnum):
    """What a report is answered with (PS3.7 10.1.1.1.8)."""

    TAKEN = 0x0000
    FAILED_HERE = 0x0110
    NO_SUCH_EVENT = 0x0113
    NOT_OURS = 0x0115


EVENT_TYPES = (1, 2)


def heard(
    message: N_EVENT_REPORT, hear: Callable[[CommitmentReport], int], *, implicit: bool
) -> tuple[int, str | None]:
    """Hand a report on to `hear`; the status to answer with, and its transaction, None where it cannot be read."""
    if message.EventTypeID not in EVENT_TYPES:
        return ReportStatus.NO_SUCH_EVENT, None
    information = message.EventInformation
    try:
        report = read_report(information.getvalue() if information is not None else b"", implicit=implicit)
    except UnreadableCommitment as error:
        logger.warning("a report on storage commitment cannot be read: %s", error)
        return ReportStatus.NOT_OURS, None
    try:
        return hear(report), report.transaction_uid
    except Exception as error:  # noqa: BLE001 - the outer edge: the peer gets a status, and reports again
        frames = "".join(traceback.format_tb(error.__traceback__))
        logger.error("a report on storage commitment was lost here: %s\n%s", type(error).__name__, frames)  # noqa: TRY400 - the frames only
        return ReportStatus.FAILED_HERE, report.transaction_uid
