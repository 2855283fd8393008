"""What the models found as a structured report of one photo, in a series of its own in the same study.

Its numbers follow the photo's: the report of image 3 of series 2 is instance 3 of series 102. So nothing has to be
counted, and a photo that is placed anew takes its report along.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydicom.dataset import Dataset

from gateway.config import SiteSettings
from gateway.conversion.body_sites import UNSPECIFIED, body_sites, find_body_site
from gateway.conversion.codes.quality import PRIVATE_SCHEME
from gateway.conversion.codes.tables import current_codes
from gateway.conversion.facts import ObjectFacts, PhotoFacts
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
from gateway.conversion.part10 import DicomObject
from gateway.conversion.uids import derived_uid
from gateway.intake.judging import Verdict
from gateway.review.places import REPORTS_OFFSET
from inference.disease import Ranking as Ranked
from inference.manifest import Task
from inference.suitability import Judgement


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report is about: a submission's object, and the facts it was made from."""

    hospital: str
    submission_id: str
    dicom: DicomObject
    facts: ObjectFacts


def findings_report(about: Reported, verdict: Verdict, site: SiteSettings, *judged: str) -> ReportObject | None:
    """The report of a verdict; None for a photo that cannot be used, which has no ranking.

    `judged` tells one judging of the same submission from another, where there may be several: each has a report of
    its own. Raises InvalidFactsError.
    """
    if verdict.ranking is None:
        return None
    dicom, facts, root = about.dicom, about.facts, site.uid_root or ""
    findings = ModelFindings(
        image=ImageReference(dicom.series_instance_uid, dicom.sop_class_uid, dicom.sop_instance_uid),
        picture=_tracking(about, "photo", root),
        lesion=_lesion(about, root),
        site=_site(facts.photo),
        dermoscopic=facts.photo.kind == "dermoscopic",
        quality=_quality(verdict.judgement, verdict.model_files),
        ranking=_ranking(verdict.ranking, verdict),
        frame=_frame(verdict, dicom.header),
    )
    device = ReportingDevice.of_site(site.name, site.station, facts.software_version, root)
    return model_report(findings, dicom.header, _place(about, root, judged), device)


def _frame(verdict: Verdict, image: Dataset) -> int | None:
    """The frame that was judged, of pages the first; None where the image has one alone (PS3.3 C.18.4)."""
    return (verdict.frame or 1) if int(image.get("NumberOfFrames", 1)) > 1 else None


def _place(about: Reported, root: str, judged: tuple[str, ...]) -> ReportPlace:
    hospital, images = about.hospital, about.facts.series
    instance = derived_uid(hospital, about.submission_id, "1", COMPREHENSIVE_3D_SR, *judged, root=root)
    return ReportPlace(
        series_instance_uid=derived_uid(hospital, "reports", images.series_instance_uid, root=root),
        series_number=REPORTS_OFFSET + images.number,
        sop_instance_uid=instance,
        instance_number=about.facts.instance_number,
        made_at=about.facts.received_at,
    )


def _lesion(about: Reported, root: str) -> Tracking:
    """The lesion that was named, so that it is found again over the cases; else what this one photo shows."""
    photo = about.facts.photo
    if photo.tracking_uid:
        return Tracking(photo.tracking_id, photo.tracking_uid)
    return _tracking(about, "lesion in photo", root)


def _tracking(about: Reported, what: str, root: str) -> Tracking:
    submission = about.submission_id
    return Tracking(f"{what} {submission[:12]}", derived_uid(about.hospital, what, submission, root=root))


def _site(photo: PhotoFacts) -> Site:
    site = find_body_site(photo.body_site or UNSPECIFIED) or body_sites()[UNSPECIFIED]
    return Site(Concept(site.code, site.scheme, site.meaning), photo.laterality)


def _quality(judgement: Judgement, files: Mapping[Task, str]) -> Quality:
    verdict = "unusable" if not judgement.usable else "usable_with_faults" if judgement.reasons else "usable"
    faults = tuple(Probable(_fault(reason.code), reason.probability) for reason in judgement.reasons)
    version = judgement.model.rpartition("/")[2]
    sha256, threshold = files["suitability"], judgement.threshold
    algorithm = Algorithm("suitability", version, sha256, threshold, judgement.demonstration)
    return Quality(algorithm, _fault(verdict), judgement.probability, faults)


def _ranking(ranked: Ranked, verdict: Verdict) -> Ranking:
    version, file = ranked.model.rpartition("/")[2], verdict.model_files["disease"]
    algorithm = Algorithm("disease", version, file, ranked.threshold, ranked.demonstration, verdict.told)
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
