"""A dermatologist's opinion of a case becomes a verified report in the case's study.

It refers to every report that the gateway made there before, the models' and earlier opinions', and stands on the
images that they stand on. Patient and study are those of the reports as they are archived now, corrections included.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from gateway.access.caller import Caller, Permission
from gateway.archive.indexing import AlreadyStored, Origin, Sender
from gateway.archive.reports import known_report, own_reports
from gateway.archive.service import ArchiveService
from gateway.config import Settings
from gateway.conversion.findings.document import ReportObject
from gateway.conversion.findings.facts import Opinion, ReportingDevice, ReportPlace, Tracking
from gateway.conversion.findings.opinion_report import opinion_report
from gateway.conversion.findings.predecessor import read_report
from gateway.conversion.uids import derived_uid
from gateway.database import Database
from gateway.delivery.enqueue import enqueue
from gateway.review.cases import Case, find_case

SERIES_NUMBER = 1000
"""Of a case's opinions; the models' reports have 100 and above."""


class NothingReported(Exception):
    """No report was made in the case's study, so that an opinion has none to refer to."""


@dataclass(frozen=True, slots=True)
class OpinionReports:
    """Archives opinions, and queues them for delivery."""

    database: Database
    archive: ArchiveService
    settings: Settings
    software_version: str

    def give(self, caller: Caller, case_id: str, opinion_id: str, opinion: Opinion) -> str:
        """The SOP Instance UID of an opinion's report, archived now or before: the same opinion makes one report.

        Raises NotPermitted, UnknownCase, NothingReported, InvalidFactsError, StoreRefused.
        """
        scope = caller.require_hospital_wide(Permission.REVIEW)
        with self.database.read() as session:
            case = find_case(session, scope, case_id)
            reports = own_reports(session, case.patient.hospital, case.study_instance_uid)
        uid = self._uid(case, "opinion", opinion_id)
        if uid in {str(report.SOPInstanceUID) for report in reports}:
            return uid
        if not reports:
            raise NothingReported(f"the study of case {case_id} holds no report")
        self._archive(caller, case, self._report(case, opinion_id, uid, opinion, reports))
        return uid

    def _report(
        self, case: Case, opinion_id: str, uid: str, opinion: Opinion, reports: Sequence[Dataset]
    ) -> ReportObject:
        site, series = self.settings.site, self._uid(case, "opinions", case.id)
        number = sum(str(report.SeriesInstanceUID) == series for report in reports) + 1
        place = ReportPlace(series, SERIES_NUMBER, uid, number, opinion.given_at)
        device = ReportingDevice.of_site(site.name, site.station, self.software_version, site.uid_root or "")
        lesion = Tracking(f"case {case.id[:12]}", self._uid(case, "lesions of opinion", opinion_id))
        earlier = [read_report(report) for report in reports]
        return opinion_report(opinion, earlier, reports[-1], place, device, lesion=lesion)

    def _archive(self, caller: Caller, case: Case, report: ReportObject) -> None:
        hospital = case.patient.hospital
        with self.archive.staged([report.data], known_report(report)) as staged, self.database.write() as unit_of_work:
            instance = self.archive.index(
                unit_of_work,
                caller,
                staged,
                sender=Sender(Origin.INTAKE, caller.id),
                hospital=hospital,
                under=Permission.REVIEW,
            )
            if not isinstance(instance, AlreadyStored):
                destinations = self.settings.destinations
                enqueue(unit_of_work, hospital, instance.instance_id, instance.revision, destinations)

    def _uid(self, case: Case, *parts: str) -> str:
        return derived_uid(case.patient.hospital, *parts, root=self.settings.site.uid_root or "")
