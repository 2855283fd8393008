"""What the models found becomes a structured report beside the photo, in a series of its own in the same study.

Its numbers follow the photo's: the report of image 3 of series 2 is instance 3 of series 102. So nothing has to be
counted, and a photo that is placed anew takes its report along.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.archive.reports import known_report
from gateway.archive.service import ArchiveService
from gateway.archive.staging import StagedObject
from gateway.config import Settings
from gateway.conversion.body_sites import UNSPECIFIED
from gateway.conversion.codes.quality import PRIVATE_SCHEME
from gateway.conversion.codes.tables import current_codes
from gateway.conversion.facts import PhotoFacts
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.document import COMPREHENSIVE_3D_SR, ReportObject
from gateway.conversion.findings.facts import (
    Algorithm,
    ImageReference,
    ModelFindings,
    Probable,
    Quality,
    Ranking,
    ReportingDevice,
    ReportPlace,
    Site,
    Tracking,
)
from gateway.conversion.findings.model_report import model_report
from gateway.conversion.uids import derived_uid
from gateway.intake.judging import Verdict
from gateway.intake.placing import Arrival
from gateway.intake.preparing import Prepared
from inference.disease import Ranking as Ranked
from inference.manifest import Task
from inference.suitability import Judgement

SERIES_OFFSET = 100
"""A report's series number less its image's (dicom-brief C1: 100 and above)."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """Makes the reports of accepted photos."""

    archive: ArchiveService
    settings: Settings
    software_version: str

    def stage(self, arrival: Arrival, verdict: Verdict, prepared: Prepared) -> list[StagedObject]:
        """The report as a durable object that the archive does not know yet; none where the settings want none.

        Whoever calls this settles what it gives. Raises StoreRefused.
        """
        if not self.settings.intake.report or verdict.ranking is None:
            return []
        report = self._report(arrival, verdict, verdict.ranking, prepared)
        return [self.archive.stage([report.data], known_report(report))]

    def _report(self, arrival: Arrival, verdict: Verdict, ranked: Ranked, prepared: Prepared) -> ReportObject:
        findings = ModelFindings(
            image=ImageReference(
                prepared.dicom.series_instance_uid, prepared.dicom.sop_class_uid, prepared.dicom.sop_instance_uid
            ),
            picture=self._tracking(arrival, "photo"),
            lesion=self._lesion(arrival, prepared.facts.photo),
            site=_site(prepared.facts.photo),
            dermoscopic=prepared.facts.photo.kind == "dermoscopic",
            quality=_quality(verdict.judgement, verdict.model_files),
            ranking=_ranking(ranked, verdict.model_files),
            frame=verdict.frame,
        )
        site = self.settings.site
        device = ReportingDevice.of_site(site.name, site.station, self.software_version, site.uid_root or "")
        return model_report(findings, prepared.dicom.header, self._place(arrival, prepared), device)

    def _place(self, arrival: Arrival, prepared: Prepared) -> ReportPlace:
        root, images = self.settings.site.uid_root or "", prepared.planned.place
        return ReportPlace(
            series_instance_uid=derived_uid(arrival.hospital, "reports", images.series_instance_uid, root=root),
            series_number=SERIES_OFFSET + images.series_number,
            sop_instance_uid=derived_uid(arrival.hospital, arrival.submission_id, "1", COMPREHENSIVE_3D_SR, root=root),
            instance_number=images.instance_number,
            made_at=arrival.received_at,
        )

    def _lesion(self, arrival: Arrival, photo: PhotoFacts) -> Tracking:
        """The lesion that was named, so that it is found again over the cases; else what this one photo shows."""
        if photo.tracking_uid:
            return Tracking(photo.tracking_id, photo.tracking_uid)
        return self._tracking(arrival, "lesion in photo")

    def _tracking(self, arrival: Arrival, what: str) -> Tracking:
        root = self.settings.site.uid_root or ""
        return Tracking(
            f"{what} {arrival.submission_id[:12]}",
            derived_uid(arrival.hospital, what, arrival.submission_id, root=root),
        )


def _site(photo: PhotoFacts) -> Site:
    site = current_codes().body_sites[photo.body_site or UNSPECIFIED]
    return Site(Concept(site.code, site.scheme, site.meaning), photo.laterality)


def _quality(judgement: Judgement, files: Mapping[Task, str]) -> Quality:
    verdict = "unusable" if not judgement.usable else "usable_with_faults" if judgement.reasons else "usable"
    faults = tuple(Probable(_fault(reason.code), reason.probability) for reason in judgement.reasons)
    version = judgement.model.rpartition("/")[2]
    sha256, threshold = files["suitability"], judgement.threshold
    algorithm = Algorithm("suitability", version, sha256, threshold, judgement.demonstration)
    return Quality(algorithm, _fault(verdict), judgement.probability, faults)


def _ranking(ranked: Ranked, files: Mapping[Task, str]) -> Ranking:
    version = ranked.model.rpartition("/")[2]
    algorithm = Algorithm("disease", version, files["disease"], ranked.threshold, ranked.demonstration)
    impressions = tuple(Probable(_disease(one.code), one.probability) for one in ranked.diseases)
    return Ranking(algorithm, impressions, ranked.decided)


def _fault(slug: str) -> Concept:
    concept = current_codes().quality[slug]
    return Concept(concept.code, concept.scheme, concept.meaning)


def _disease(slug: str) -> Concept:
    """A disease that the tables do not know is named by the model's own label."""
    known = current_codes().diseases.get(slug)
    if known is None:
        return Concept(slug, PRIVATE_SCHEME, slug)
    return Concept(known.code, known.scheme, known.meaning)
