"""A dermatologist's opinion as a verified report on images, which refers to the reports before it (PS3.3 C.17.2).

TID 1500 with a TID 1501 group for each hypothesis, as in the models' reports; one group where there is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.facts import SopClass
from gateway.conversion.findings import concepts
from gateway.conversion.findings.concepts import Concept
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
from gateway.conversion.findings.items import code_item, container_item, number_item, person_item, text_item
from gateway.conversion.findings.predecessor import EarlierReport, all_procedures, shared_lesion, shared_site
from gateway.conversion.person_name import person_name
from gateway.conversion.text import paragraphs, single_line

_DESCRIPTION: Final = "Dermatologist's opinion"
_LO: Final = 64
_COMMENT: Final = 10_000
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an opinion was given on: `images`, at least one, and the reports before it, which become predecessors.

    `study_object` is the header of an object of the study; `lesion` is what is spoken of unless all reports name one.
    """

    study_object: Dataset
    images: Sequence[ImageReference]
    reports: Sequence[EarlierReport]
    lesion: Tracking


def opinion_report(opinion: Opinion, grounds: Grounds, place: ReportPlace, device: ReportingDevice) -> ReportObject:
    """The report of an opinion; the same values always give the same bytes.

    Raises InvalidFactsError for an opinion without a doctor, an organization, images or anything said, and where the
    doctor's name is no PN.
    """
    doctor = person_name(opinion.doctor, field="doctor")
    organization = single_line(opinion.organization, _LO)
    _check(opinion, doctor, organization, grounds)
    content = document(
        grounds.study_object,
        state=_signed(opinion, doctor, organization, grounds),
        images=grounds.images,
        items=(
            code_item("HAS OBS CONTEXT", concepts.OBSERVER_TYPE, concepts.PERSON),
            person_item("HAS OBS CONTEXT", concepts.PERSON_OBSERVER_NAME, doctor),
            text_item("HAS OBS CONTEXT", concepts.PERSON_OBSERVER_ORGANIZATION, organization),
            *(code_item("HAS CONCEPT MOD", concepts.PROCEDURE_REPORTED, each) for each in _procedures(grounds)),
            container_item(concepts.IMAGING_MEASUREMENTS, _groups(opinion, grounds)),
            *_comment(opinion),
        ),
    )
    return report_object(grounds.study_object, place, device, _DESCRIPTION, content)


def _check(opinion: Opinion, doctor: str, organization: str, grounds: Grounds) -> None:
    if not doctor:
        raise InvalidFactsError("doctor", "is empty: a report is verified by somebody")
    if not organization:
        raise InvalidFactsError("organization", "is empty: a verifying observer belongs to one")
    if not grounds.images:
        raise InvalidFactsError("opinion", "is of no image")
    if not opinion.diagnoses and not paragraphs(opinion.comment, _COMMENT):
        raise InvalidFactsError("opinion", "says nothing")


def _signed(opinion: Opinion, doctor: str, organization: str, grounds: Grounds) -> DocumentState:
    verifier = joined(
        text(0x0040A027, "LO", organization),
        text(0x0040A030, "DT", clock_of(grounds.study_object).date_time(opinion.given_at)),
        text(0x0040A075, "PN", doctor),
        empty(0x0040A088, "SQ"),
    )
    study = str(grounds.study_object.StudyInstanceUID)
    predecessors = [report.itself for report in grounds.reports]
    return DocumentState(
        verification="VERIFIED",
        preliminary="FINAL",
        verifiers=sequence(0x0040A073, verifier),
        predecessors=evidence(0x0040A360, study, predecessors) if predecessors else None,
    )


def _procedures(grounds: Grounds) -> tuple[Concept, ...]:
    """What the reports before it are on; without any, what the images tell of it."""
    is_dermoscopic = all(image.sop_class_uid == SopClass.DERMOSCOPIC for image in grounds.images)
    by_images = concepts.DERMOSCOPIC_PHOTOGRAPHY if is_dermoscopic else concepts.PHOTOGRAPHY
    return all_procedures(grounds.reports) or (by_images,)


def _groups(opinion: Opinion, grounds: Grounds) -> tuple[Encoded, ...]:
    site = shared_site(grounds.reports)
    before = (
        *tracking_items(shared_lesion(grounds.reports) or grounds.lesion),
        code_item("CONTAINS", concepts.FINDING, concepts.SKIN_LESION),
        *(site_items(site) if site else ()),
    )
    after = tuple(source_item(image) for image in grounds.images)
    return tuple(
        container_item(concepts.MEASUREMENT_GROUP, (*before, *hypothesis, *after), template="1501")
        for hypothesis in _hypotheses(opinion) or ((),)
    )


def _hypotheses(opinion: Opinion) -> tuple[tuple[Encoded, ...], ...]:
    """What tells one group from another: the diagnosis, and where there are several its rank before it."""
    several = len(opinion.diagnoses) > 1
    return tuple(
        (
            *((number_item("CONTAINS", concepts.RANK, str(rank), concepts.NO_UNITS),) if several else ()),
            code_item("CONTAINS", concepts.DIFFERENTIAL_DIAGNOSIS, diagnosis),
        )
        for rank, diagnosis in enumerate(opinion.diagnoses, 1)
    )


def _comment(opinion: Opinion) -> tuple[Encoded, ...]:
    """In the doctor's own words; the report's other words are English, so Korean ones say that they are not."""
    said = paragraphs(opinion.comment, _COMMENT)
    korean = (code_item("HAS CONCEPT MOD", concepts.LANGUAGE, concepts.KOREAN),) if _HANGUL.search(said) else ()
    return (text_item("CONTAINS", concepts.COMMENT, said, *korean),) if said else ()
