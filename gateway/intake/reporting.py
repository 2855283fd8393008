"""What the models found becomes a structured report beside the photo, staged as the photo's object is."""

from dataclasses import dataclass

from gateway.archive.reports import known_report
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.config import Settings
from gateway.intake.findings import Reported, findings_report
from gateway.intake.judging import Verdict
from gateway.intake.placing import Arrival
from gateway.intake.preparing import Prepared


@dataclass(frozen=True, slots=True)
class Reporting:
    """Makes the reports of accepted photos."""

    archive: ArchiveService
    settings: Settings

    def stage(self, arrival: Arrival, verdict: Verdict, prepared: Prepared) -> list[StagedObject]:
        """The report as a durable object that the archive does not know yet; none where the settings want none.

        Whoever calls this settles what it gives. Raises StoreRefused.
        """
        if not self.settings.intake.report:
            return []
        about = Reported(arrival.hospital, arrival.submission_id, prepared.dicom, prepared.facts)
        report = findings_report(about, verdict, self.settings.site)
        return [] if report is None else [self.archive.stage([report.data], known_report(report))]
