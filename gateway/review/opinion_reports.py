"""A dermatologist's opinion of a case becomes a verified report in the case's study.

It stands on the pictures that the gateway made there, and refers to every report that it made there before, the models'
and earlier opinions', if there are any. Patient and study are those of the newest picture as it is archived now,
corrections included.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dicomweb.part10 import Identity
from gateway.access.caller import Caller, Permission
from gateway.archive.indexing import AlreadyStored, Origin, Sender
from gateway.archive.known_study import known_study
from gateway.archive.reports import OwnObject, headers_of, known_report, own_objects
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.config import Settings
from gateway.conversion.findings.document import ReportObject
from gateway.conversion.findings.facts import ImageReference, Opinion, ReportingDevice, ReportPlace, Tracking
from gateway.conversion.findings.opinion_report import Grounds, opinion_report
from gateway.conversion.findings.predecessor import read_report
from gateway.conversion.uids import derived_uid, unidentified_patient_id
from gateway.database import Database, UnitOfWork
from gateway.delivery.enqueue import enqueue
from gateway.review.cases import PlaceTaken
from gateway.review.places import Case

SERIES_NUMBER = 1000
"""Of a case's opinions; the models' reports have 100 and above."""


@dataclass(frozen=True, slots=True)
class StagedReport:
    """A report that is durable and not yet known; `seen` is what the study held when it was made."""

    staged: StagedObject
    seen: tuple[OwnObject, ...]


@dataclass(frozen=True, slots=True)
class OpinionReports:
    """Makes the reports of opinions, archives them and queues them for delivery."""

    database: Database
    archive: ArchiveService
    settings: Settings
    software_version: str

    @contextmanager
    def made(self, case: Case, opinion_id: str, opinion: Opinion) -> Iterator[StagedReport | None]:
        """An opinion's report for as long as the block lasts; None where no picture is left to have an opinion of.

        It is gone afterwards unless a unit of work within the block has archived it. Raises InvalidFactsError,
        StoreRefused.
        """
        with self.database.read() as session:
            seen = tuple(own_objects(session, case.patient.hospital, case.study_instance_uid))
            grounds = self._grounds(session, case, opinion_id, seen)
        if grounds is None:
            yield None
            return
        report = self._report(case, opinion_id, opinion, grounds, seen)
        with self.archive.staged([report.data], known_report(report)) as staged:
            yield StagedReport(staged, seen)

    def index(self, unit_of_work: UnitOfWork, caller: Caller, case: Case, report: StagedReport) -> Identity:
        """Archive a report and queue it, in the caller's unit of work.

        Raises PlaceTaken where the study has changed since the report was made, after which the transaction must be
        rolled back; NotPermitted, StoreRefused.
        """
        hospital = case.patient.hospital
        if tuple(own_objects(unit_of_work.session, hospital, case.study_instance_uid)) != report.seen:
            raise PlaceTaken("the case is changing at this moment")
        instance = self.archive.index(
            unit_of_work,
            caller,
            report.staged,
            sender=Sender(Origin.INTAKE, caller.id),
            hospital=hospital,
            under=Permission.REVIEW,
        )
        if not self._is_held(unit_of_work.session, case) and not isinstance(instance, AlreadyStored):
            enqueue(unit_of_work, hospital, instance.instance_id, instance.revision, self.settings.destinations)
        return instance.identity

    def _grounds(self, session: Session, case: Case, opinion_id: str, seen: tuple[OwnObject, ...]) -> Grounds | None:
        pictures = [one for one in seen if not one.is_report]
        if not pictures:
            return None
        *reports, newest = headers_of(session, [*(one for one in seen if one.is_report), pictures[-1]])
        return Grounds(
            study_object=newest,
            images=[
                ImageReference(one.series_instance_uid, one.sop_class_uid, one.sop_instance_uid) for one in pictures
            ],
            reports=[read_report(report) for report in reports],
            lesion=Tracking(f"case {case.id[:12]}", self._uid(case, "lesions of opinion", opinion_id)),
        )

    def _report(
        self, case: Case, opinion_id: str, opinion: Opinion, grounds: Grounds, seen: tuple[OwnObject, ...]
    ) -> ReportObject:
        site, series = self.settings.site, self._uid(case, "opinions", case.id)
        number = sum(one.series_instance_uid == series for one in seen) + 1
        uid = self._uid(case, "opinion", opinion_id)
        place = ReportPlace(series, SERIES_NUMBER, uid, number, opinion.given_at)
        device = ReportingDevice.of_site(site.name, site.station, self.software_version, site.uid_root or "")
        return opinion_report(opinion, grounds, place, device)

    def _is_held(self, session: Session, case: Case) -> bool:
        """Whether the settings keep back what is of somebody unknown, as the archive knows it by now."""
        if self.settings.intake.unidentified != "hold":
            return False
        study = known_study(session, case.patient.hospital, case.study_instance_uid)
        patient_id = case.patient.patient_id if study is None else study.patient_id
        return patient_id in {"", unidentified_patient_id(case.id)}

    def _uid(self, case: Case, *parts: str) -> str:
        return derived_uid(case.patient.hospital, *parts, root=self.settings.site.uid_root or "")
