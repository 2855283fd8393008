"""What callers may do with photos that are in: look, list, label, delete; each within the caller's scope."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission, Scope
from gateway.archive.errors import UnknownInstance
from gateway.archive.service import ArchiveService
from gateway.archive.settling import sweep_removed
from gateway.archive.storage import ObjectStorage
from gateway.database import Database, UnitOfWork
from gateway.delivery.service import deliveries_of
from gateway.events.log import EventType, record
from gateway.intake.about import about
from gateway.intake.idempotency import forget_answer
from gateway.intake.pictures import StoredPicture, give_up_all, read_picture
from gateway.intake.submission import (
    Delivery,
    claim_submission,
    find_submission,
    keep_submission,
    list_submissions,
    render,
)
from gateway.intake.tables import SubmissionRow
from gateway.language import Language
from gateway.library.cases.keeping import forget_photo, withdraw_of_photo
from gateway.library.resemblance.showing import live_cases
from gateway.review.cases import find_case
from gateway.review.label_feed import Source, Word
from gateway.review.labels import add_diagnosis, add_label, bury_labels, withdraw_label
from gateway.review.referrals import shown_referral

CASE_PHOTOS = 200
"""Most photos of a case that are shown with it."""


class _Labelled(TypedDict):
    """The photo that a label is of."""

    hospital: str
    photo_id: str


class Looking:
    """Photos as callers see them."""

    def __init__(self, database: Database, archive: ArchiveService, storage: ObjectStorage) -> None:
        self._database = database
        self._archive = archive
        self._storage = storage

    def one(self, caller: Caller, submission_id: str, language: Language) -> dict[str, Any]:
        """One submission as it stands; raises NotPermitted, UnknownSubmission."""
        scope = caller.require(Permission.READ_PHOTOS)
        with self._database.read() as session:
            row = find_submission(session, scope, submission_id)
            (shown,) = self._shown(session, caller, scope, [row], language)
        self._audit(caller, Action.PATIENT_RECORD, f"photo/{row.id}", row.hospital_id)
        return shown

    def page(
        self, caller: Caller, *, limit: int, cursor: str | None, language: Language
    ) -> tuple[list[dict[str, Any]], str | None]:
        """One page of submissions, the newest first, and the next page's cursor; raises NotPermitted, InvalidCursor."""
        scope = caller.require(Permission.READ_PHOTOS)
        with self._database.read() as session:
            rows, following = list_submissions(session, scope, limit=limit, cursor=cursor)
            shown = self._shown(session, caller, scope, rows, language)
        self._audit(caller, Action.QUERIED, "photos", caller.home)
        return shown, following

    def case(self, caller: Caller, case_id: str, language: Language) -> dict[str, Any]:
        """A case with its photos, the newest first; raises NotPermitted, UnknownCase."""
        scope = caller.require(Permission.READ_PHOTOS)
        with self._database.read() as session:
            case = find_case(session, scope, case_id)
            rows, _ = list_submissions(session, scope, limit=CASE_PHOTOS, cursor=None, case_id=case_id)
            photos = self._shown(session, caller, scope, rows, language)
            referral = shown_referral(session, case_id, language)
        self._audit(caller, Action.PATIENT_RECORD, f"case/{case_id}", case.patient.hospital)
        return {
            "id": case.id,
            "study_instance_uid": case.study_instance_uid,
            "started_at": case.started_at.isoformat(),
            "referral": referral,
            "photos": photos,
        }

    def picture(self, caller: Caller, submission_id: str) -> StoredPicture:
        """A submission's picture; raises NotPermitted, UnknownSubmission, NoPicture."""
        scope = caller.require(Permission.READ_PHOTOS)
        with self._database.read() as session:
            row = find_submission(session, scope, submission_id)
        picture = read_picture(self._storage, row)
        self._audit(caller, Action.ACCESSED, f"photo/{row.id}", row.hospital_id)
        return picture

    def label(
        self, caller: Caller, submission_id: str, *, usable: bool, reason: str | None, source: Source = "doctor"
    ) -> None:
        """Keep a doctor's or a rule's word on a photo; what a doctor calls unusable is no reference case any more.

        Raises NotPermitted, UnknownSubmission, InvalidLabel.
        """
        keys: list[str] = []
        with self._labelling(caller, submission_id, source) as (unit_of_work, photo):
            add_label(unit_of_work, caller, **photo, usable=usable, reason=reason, source=source)
            if source == "doctor" and not usable:
                keys = withdraw_of_photo(unit_of_work, photo["hospital"], photo["photo_id"])
        sweep_removed(self._database, self._storage, keys)

    def diagnose(self, caller: Caller, submission_id: str, diagnosis: str, alternatives: Sequence[str] = ()) -> None:
        """Keep a doctor's diagnosis of a photo; raises NotPermitted, UnknownSubmission, InvalidLabel."""
        with self._labelling(caller, submission_id) as (unit_of_work, photo):
            add_diagnosis(unit_of_work, caller, **photo, diagnosis=diagnosis, alternatives=alternatives)

    def unsay(self, caller: Caller, submission_id: str, kind: Word, source: Source = "doctor") -> None:
        """Take back what the caller said of a photo; raises NotPermitted, UnknownSubmission."""
        with self._labelling(caller, submission_id, source) as (unit_of_work, photo):
            withdraw_label(unit_of_work, caller, **photo, kind=kind, source=source)

    @contextmanager
    def _labelling(
        self, caller: Caller, submission_id: str, source: Source = "doctor"
    ) -> Iterator[tuple[UnitOfWork, _Labelled]]:
        scope = caller.require(Permission.WRITE_LABELS if source == "doctor" else Permission.WRITE_RULE_LABELS)
        with self._database.write() as unit_of_work:
            row = keep_submission(unit_of_work.session, scope, submission_id)
            yield unit_of_work, {"hospital": row.hospital_id, "photo_id": row.id}

    def delete(self, caller: Caller, submission_id: str) -> None:
        """Remove a submission, its picture, its archived object, the models' report and the reference case of it.

        Raises NotPermitted, UnknownSubmission.
        """
        scope = caller.require(Permission.DELETE_PHOTOS)
        with self._database.write() as unit_of_work:
            row = claim_submission(unit_of_work.session, scope, submission_id)  # first: no word comes after the mark
            keys = give_up_all(unit_of_work, row) + forget_photo(unit_of_work, row.hospital_id, row.id)
            for uid in _archived(row):
                with suppress(UnknownInstance):  # it was deleted from the archive before
                    self._archive.delete_instance(unit_of_work, caller, uid, under=Permission.DELETE_PHOTOS)
            bury_labels(unit_of_work, hospital=row.hospital_id, photo_id=row.id)
            forget_answer(unit_of_work, row)
            subject = f"photo/{row.id}"
            record(unit_of_work, EventType.PHOTO_DELETED, hospital=row.hospital_id, subject=subject)
            audit(unit_of_work.session, caller, Action.DELETED, subject=subject, hospital=row.hospital_id)
            unit_of_work.session.delete(row)
        sweep_removed(self._database, self._storage, keys)

    def _shown(
        self, session: Session, caller: Caller, scope: Scope, rows: Sequence[SubmissionRow], language: Language
    ) -> list[dict[str, Any]]:
        said = about(session, caller, rows, language)
        cases = live_cases(session, caller, [row.ranking for row in rows if row.ranking])
        deliveries = deliveries_of(session, scope, [row.instance_id for row in rows if row.instance_id is not None])
        return [
            render(
                row,
                said[row.id],
                shown_referral(session, row.case_id, language),
                [
                    Delivery(delivery.destination, delivery.state.value)
                    for delivery in deliveries.get(row.instance_id or 0, ())
                ],
                language,
                cases=cases,
            )
            for row in rows
        ]

    def _audit(self, caller: Caller, action: Action, subject: str, hospital: str) -> None:
        with self._database.write() as unit_of_work:
            audit(unit_of_work.session, caller, action, subject=subject, hospital=hospital)


def _archived(row: SubmissionRow) -> list[str]:
    """The SOP Instance UIDs of what was archived for a photo: its object, and the models' report."""
    objects = (row.dicom, (row.dicom or {}).get("report"))
    return [each["sop_instance_uid"] for each in objects if each]
