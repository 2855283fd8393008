"""A dermatologist's opinion as a verified report that refers to the reports it was given on (PS3.3 C.17.2)."""

from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.findings import concepts
from gateway.conversion.findings.content import (
    DocumentState,
    document,
    evidence,
    site_items,
    source_item,
    tracking_items,
)
from gateway.conversion.findings.document import ReportObject, clock_of, report_object
from gateway.conversion.findings.elements import Encoded, empty, joined, sequence, text
from gateway.conversion.findings.facts import ImageReference, Opinion, ReportingDevice, ReportPlace, Tracking
from gateway.conversion.findings.items import code_item, container_item, person_item, text_item
from gateway.conversion.findings.predecessor import EarlierReport, shared_lesion, shared_site
from gateway.conversion.person_name import person_name
from gateway.conversion.text import paragraphs, single_line

_DESCRIPTION: Final = "Dermatologist's opinion"
_LO: Final = 64
_COMMENT: Final = 10_000


def opinion_report(
    opinion: Opinion,
    earlier: Sequence[EarlierReport],
    study_object: Dataset,
    place: ReportPlace,
    device: ReportingDevice,
    *,
    lesion: Tracking,
) -> ReportObject:
    """The report of an opinion on the images of `earlier`, its predecessors; at least one.

    Where all of them speak of one lesion it is that one, else `lesion`. Raises InvalidFactsError for an opinion
    without a doctor, an organization or anything said, and where the doctor's name is no PN.
    """
    doctor = person_name(opinion.doctor, field="doctor")
    organization = single_line(opinion.organization, _LO)
    _check(opinion, doctor, organization)
    images = tuple(dict.fromkeys(image for report in earlier for image in report.images))
    impression = _impression(opinion, earlier, shared_lesion(earlier) or lesion, images)
    content = document(
        study_object,
        state=_signed(study_object, opinion, doctor, organization, earlier),
        images=images,
        items=(
            code_item("HAS OBS CONTEXT", concepts.OBSERVER_TYPE, concepts.PERSON),
            person_item("HAS OBS CONTEXT", concepts.PERSON_OBSERVER_NAME, doctor),
            text_item("HAS OBS CONTEXT", concepts.PERSON_OBSERVER_ORGANIZATION, organization),
            code_item("HAS CONCEPT MOD", concepts.PROCEDURE_REPORTED, concepts.PHOTOGRAPHY),
            container_item(concepts.IMAGING_MEASUREMENTS, (impression,)),
            *_comment(opinion),
        ),
    )
    return report_object(study_object, place, device, _DESCRIPTION, content)


def _check(opinion: Opinion, doctor: str, organization: str) -> None:
    if not doctor:
        raise InvalidFactsError("doctor", "is empty: a report is verified by somebody")
    if not organization:
        raise InvalidFactsError("organization", "is empty: a verifying observer belongs to one")
    if opinion.diagnosis is None and not paragraphs(opinion.comment, _COMMENT):
        raise InvalidFactsError("opinion", "says nothing")


def _signed(
    study_object: Dataset, opinion: Opinion, doctor: str, organization: str, earlier: Sequence[EarlierReport]
) -> DocumentState:
    verifier = joined(
        text(0x0040A027, "LO", organization),
        text(0x0040A030, "DT", clock_of(study_object).date_time(opinion.given_at)),
        text(0x0040A075, "PN", doctor),
        empty(0x0040A088, "SQ"),
    )
    study = str(study_object.StudyInstanceUID)
    return DocumentState(
        verification="VERIFIED",
        preliminary="FINAL",
        verifiers=sequence(0x0040A073, verifier),
        predecessors=evidence(0x0040A360, study, [report.itself for report in earlier]),
    )


def _impression(
    opinion: Opinion, earlier: Sequence[EarlierReport], lesion: Tracking, images: Sequence[ImageReference]
) -> Encoded:
    site = shared_site(earlier)
    diagnosis = opinion.diagnosis
    return container_item(
        concepts.MEASUREMENT_GROUP,
        (
            *tracking_items(lesion),
            code_item("CONTAINS", concepts.FINDING, concepts.SKIN_LESION),
            *(site_items(site) if site else ()),
            *((code_item("CONTAINS", concepts.DIFFERENTIAL_DIAGNOSIS, diagnosis),) if diagnosis else ()),
            *(source_item(image) for image in images),
        ),
        template="1501",
    )


def _comment(opinion: Opinion) -> tuple[Encoded, ...]:
    said = paragraphs(opinion.comment, _COMMENT)
    return (text_item("CONTAINS", concepts.COMMENT, said),) if said else ()
