"""Photos that were taken while the worklist did not answer get their orders once it does."""

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from gateway.access.caller import Caller, Role
from gateway.archive.errors import StorageError, StoreRefused
from gateway.archive.known_study import ACCESSION_NUMBER, KnownStudy
from gateway.archive.whole_study import StudyTooLarge
from gateway.config import WorklistSettings
from gateway.conversion.uids import unidentified_patient_id
from gateway.database import DatabaseError, now
from gateway.intake.background import is_passing
from gateway.intake.ordered import OrderRefused, OrderTaking, TakenOrder
from gateway.intake.request import PhotoFields, kept_fields
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.reconciling.right import Right
from gateway.reconciling.service import NothingToReconcile, Reconciling, SettledOtherwise
from gateway.review.cases import PlaceTaken, UnknownCase
from gateway.worklists.asking import HospitalWorklist

logger = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
LOOKED_FOR = timedelta(days=7)
"""How long after a photo came its order is looked for."""

REASON = "the worklist did not answer when the photo was taken"

_PAGE = 50
_JOIN_SECONDS = 30.0
_PASSING = (PlaceTaken, StorageError, SQLAlchemyError, DatabaseError)
_FINAL = (OrderRefused, NothingToReconcile, SettledOtherwise, UnknownCase, StudyTooLarge, StoreRefused)


@dataclass(frozen=True, slots=True)
class _Late:
    """A photo whose order could not be looked up."""

    submission_id: str
    case_id: str
    fields: PhotoFields


class LateOrders:
    """One thread that looks again, now and then."""

    def __init__(
        self, reconciling: Reconciling, worklist: HospitalWorklist, *, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._reconciling = reconciling
        self._database = reconciling.database
        self._settings: WorklistSettings = reconciling.settings.worklist
        self._worklist = worklist
        self._orders = OrderTaking(worklist, reconciling.settings.site)
        self._every_seconds = every_seconds
        self._after = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="late-orders", daemon=True)
        hospital = frozenset({self._settings.hospital})
        self._caller = Caller("late-orders", frozenset({Role.ADMINISTRATOR}), hospital)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join(_JOIN_SECONDS)

    def look(self) -> int:
        """Look for every late order once, until the worklist does not answer; how many photos were settled.

        The next look goes on behind the photo at which this one ended: a number that the worklist can never answer
        keeps no others waiting.
        """
        if not self._worklist.serves(self._settings.hospital):
            return 0
        settled, page = 0, self._page(self._after) or self._page("")
        while page:
            for late in page:
                self._after = late.submission_id
                if self._stopping.is_set() or not self._settle(late):
                    return settled
                settled += 1
            page = self._page(self._after)
        self._after = ""
        return settled

    def _run(self) -> None:
        while not self._stopping.wait(self._every_seconds):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - tried again the next time
                logger.warning("looking for late orders failed: %s", type(error).__name__)

    def _page(self, after: str) -> list[_Late]:
        query = (
            select(SubmissionRow)
            .where(
                SubmissionRow.hospital_id == self._settings.hospital,
                SubmissionRow.received_at > now() - LOOKED_FOR,
                SubmissionRow.state == SubmissionState.ACCEPTED.value,
                SubmissionRow.worklist["state"].as_string() == "unavailable",
                SubmissionRow.id > after,
            )
            .order_by(SubmissionRow.id)
            .limit(_PAGE)
        )
        with self._database.read() as session:
            return [_Late(row.id, row.case_id or "", kept_fields(row.fields)) for row in session.scalars(query)]

    def _settle(self, late: _Late) -> bool:
        """Give a photo's case its order; False where the worklist does not answer."""
        try:
            taken = self._orders.taken(self._caller, late.fields)
            if taken.state == "unavailable":
                return False
            if taken.state == "found":
                self._reconcile(late, taken)
        except (*_PASSING, *_FINAL) as error:
            if isinstance(error, _PASSING) or is_passing(error):
                logger.warning("a late order waits: %s", type(error).__name__, extra={"photo": late.submission_id})
                return True
            taken = TakenOrder(late.fields, "unknown")
        self._note(late, taken)
        return True

    def _reconcile(self, late: _Late, taken: TakenOrder) -> None:
        """Correct the case, unless somebody has said meanwhile that it is of another patient or order."""

        def is_open(study: KnownStudy) -> bool:
            return _agrees(study, late, taken.fields)

        self._reconciling.reconcile(self._caller, late.case_id, Right(taken.fields, REASON), is_open)

    def _note(self, late: _Late, taken: TakenOrder) -> None:
        with self._database.write() as unit_of_work:
            change = update(SubmissionRow).where(SubmissionRow.id == late.submission_id)
            unit_of_work.session.execute(change.values(worklist=taken.note))


def _agrees(study: KnownStudy, late: _Late, right: PhotoFields) -> bool:
    """Whether what the study says is the order's, or nobody's yet."""
    issuers = {study.issuer_of_patient_id, right.issuer_of_patient_id} - {""}
    is_same = study.patient_id == right.patient_id and len(issuers) < 2
    is_unknown = study.patient_id in {"", unidentified_patient_id(late.case_id)}
    return (is_same or is_unknown) and study.texts.get(ACCESSION_NUMBER, "") in {"", right.accession_number}
