"""Hearing what destinations report on storage commitment, over whichever association it comes."""

import logging
import random
from collections.abc import Callable, Collection
from datetime import datetime

from dimse.commitment_data import CommitmentReport
from dimse.commitment_reports import ReportStatus
from gateway.database import Database
from gateway.delivery.proving import requests
from gateway.delivery.proving.rules import ProofLimits

logger = logging.getLogger(__name__)


class ReportDesk:
    """Believes of a report what its sender may say: what concerns requests made to its own destinations."""

    def __init__(
        self,
        database: Database,
        limits: ProofLimits,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock
        self._chance = chance

    def hear(self, report: CommitmentReport, destinations: Collection[str]) -> int:
        """Write down what one of `destinations` reports; the status to answer with, once that is durable."""
        with self._database.write() as unit_of_work:
            believed = requests.believe(
                unit_of_work, report, destinations, self._limits, at=self._clock(), chance=self._chance
            )
        if not believed:
            logger.warning("a report on storage commitment is none of ours: %s", report.transaction_uid)
            return ReportStatus.NOT_OURS
        logger.info("storage commitment %s: %d committed, %d refused", report.transaction_uid,
                    len(report.committed), len(report.refused))  # fmt: skip
        return ReportStatus.TAKEN
