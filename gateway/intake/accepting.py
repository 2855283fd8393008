"""A usable photo's object and its report are archived, queued and referred: one transaction, one durable step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.access.caller import Permission, Scope
from gateway.archive.documents import archived_object
from gateway.archive.indexing import AlreadyStored, IndexedInstance, Origin, Sender
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.config import Settings
from gateway.database import Database, UnitOfWork
from gateway.delivery.enqueue import enqueue
from gateway.events.log import EventType
from gateway.intake.context import patient_context
from gateway.intake.judging import Verdict
from gateway.intake.outcome import Answer, Work, answer, note_models, note_picture, submission_row, tell
from gateway.intake.pictures import give_up_objects
from gateway.intake.preparing import Preparation, Prepared
from gateway.intake.reporting import Reporting
from gateway.intake.settled import settled
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import SubmissionRow
from gateway.library.resemblance.answering import Illustrating
from gateway.review.cases import PlaceTaken
from gateway.review.places import Case
from gateway.review.referrals import ASKED, refer, shown_referral

MAX_PLANS = 8
"""How often a photo is placed: a second time where another of its case was quicker, and anew as often as what the
study says changes meanwhile."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Takes prepared objects into the archive."""

    database: Database
    archive: ArchiveService
    preparation: Preparation
    reporting: Reporting
    illustrating: Illustrating
    settings: Settings

    def accept(self, work: Work, scope: Scope, verdict: Verdict, prepared: Prepared) -> tuple[Answer, list[str]]:
        """Archive a prepared object, and end its preparation whatever comes.

        Returns the answer, and the keys of objects that are to be swept. Raises PlaceTaken, UnknownCase,
        CaseConflict, StoreRefused, StorageError.
        """
        verdict = self._illustrated(work, verdict)
        for _ in range(MAX_PLANS - 1):
            try:
                return self._archive(work, verdict, prepared)
            except PlaceTaken:
                prepared = self.preparation.place_again(work.arrival, scope, prepared)
        return self._archive(work, verdict, prepared)

    def _illustrated(self, work: Work, verdict: Verdict) -> Verdict:
        """With the cases of the library that the photo resembles."""
        ranking, arrival = verdict.ranking, work.arrival
        if ranking is None:
            return verdict
        examples = self.illustrating.examples(
            verdict.model_files["disease"],
            ranking.embedding,
            [disease.code for disease in ranking.diseases],
            arrival.hospital,
            patient_context(arrival.fields, arrival.received_at),
        )
        return replace(verdict, examples=examples)

    def _archive(self, work: Work, verdict: Verdict, prepared: Prepared) -> tuple[Answer, list[str]]:
        staged = [prepared.staged]
        try:
            with settled(prepared.own_picture, self.database):
                staged += self.reporting.stage(work.arrival, verdict, prepared)
                with self.database.write() as unit_of_work:
                    return self._make_true(unit_of_work, work, verdict, prepared, staged)
        finally:
            self.archive.settle(staged)

    def _make_true(
        self,
        unit_of_work: UnitOfWork,
        work: Work,
        verdict: Verdict,
        prepared: Prepared,
        staged: Sequence[StagedObject],
    ) -> tuple[Answer, list[str]]:
        hospital, case = work.arrival.hospital, prepared.planned.case
        self.preparation.placing.take(unit_of_work, prepared.planned)
        instance, *reports = [self._index(unit_of_work, work, each) for each in staged]
        row = submission_row(unit_of_work, work, SubmissionState.ACCEPTED)
        keys = give_up_objects(unit_of_work, row)
        _note(row, verdict, prepared, instance.instance_id)
        row.dicom = {
            **archived_object(instance.identity),
            "report": archived_object(reports[0].identity) if reports else None,
        }
        destinations = self._queue(unit_of_work, case, instance)
        for report in reports:
            self._queue(unit_of_work, case, report)
        if reasons := _referral_reasons(work, verdict):
            refer(unit_of_work, hospital=hospital, case_id=case.id, reasons=reasons)
        unit_of_work.session.flush()
        referral = shown_referral(unit_of_work.session, case.id, work.language)
        tell(unit_of_work, work, EventType.PHOTO_ACCEPTED, {"case_id": case.id, **(row.dicom or {})})
        given = answer(unit_of_work, work, row, status=201, referral=referral, destinations=destinations)
        return given, keys

    def _index(self, unit_of_work: UnitOfWork, work: Work, staged: StagedObject) -> IndexedInstance | AlreadyStored:
        return self.archive.index(
            unit_of_work,
            work.caller,
            staged,
            sender=Sender(Origin.INTAKE, work.caller.id),
            hospital=work.arrival.hospital,
            under=Permission.SUBMIT_PHOTOS,
        )

    def _queue(
        self, unit_of_work: UnitOfWork, case: Case, instance: IndexedInstance | AlreadyStored
    ) -> tuple[str, ...]:
        held = self.settings.intake.unidentified == "hold" and not case.is_identified
        if held or isinstance(instance, AlreadyStored):
            return ()
        destinations = self.settings.destinations
        return enqueue(unit_of_work, instance.hospital_id, instance.instance_id, instance.revision, destinations)


def _referral_reasons(work: Work, verdict: Verdict) -> tuple[str, ...]:
    """Why a dermatologist must look: what the ranking gives, and that somebody asked."""
    found = () if verdict.ranking is None else verdict.ranking.referral_reasons
    return (*found, ASKED) if work.arrival.fields.ask_doctor else found


def _note(row: SubmissionRow, verdict: Verdict, prepared: Prepared, instance_id: int) -> None:
    dicom, picture, own = prepared.dicom, prepared.picture, prepared.own_picture
    note_models(row, verdict)
    if own is None:
        note_picture(row, prepared.staged.object_key, dicom.picture_offset, len(picture.stream), picture.media_type)
    else:
        note_picture(row, own.key, 0, own.size_bytes, picture.media_type)
    row.case_id = prepared.planned.case.id
    row.instance_id = instance_id
