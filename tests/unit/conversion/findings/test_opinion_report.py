"""A doctor's opinion as a verified report, and what it takes over from the reports before it."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicomweb.dicom_json import to_json
from dicomweb.part10 import read_part10
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.facts import SopClass
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.document import ReportObject
from gateway.conversion.findings.facts import ImageReference, Opinion, ReportPlace, Site, Tracking
from gateway.conversion.findings.model_report import model_report
from gateway.conversion.findings.opinion_report import Grounds, opinion_report
from gateway.conversion.findings.predecessor import EarlierReport, read_report, shared_lesion, shared_site
from tests.unit.conversion.findings.samples import (
    DEVICE,
    FOREARM,
    IMAGE,
    LESION,
    PLACE,
    VL,
    disease,
    findings,
    image_header,
    missing,
)
from tests.unit.conversion.findings.test_model_report import told

OPINION = Opinion("김^의사", "서울병원", datetime(2026, 5, 2, 1, 0, tzinfo=UTC), (disease("melanoma"),), "절제 권유")
OPINION_PLACE = ReportPlace("2.25.31", 1000, "2.25.32", 1, OPINION.given_at)
OF_THE_CASE = Tracking("case", "2.25.33")


def earlier(place: ReportPlace = PLACE, **wanted: object) -> Dataset:
    report = model_report(findings(**wanted), image_header(), place, DEVICE)  # type: ignore[arg-type]  # passed on
    return dcmread(io.BytesIO(report.data))


def signed(
    *reports: Dataset,
    opinion: Opinion = OPINION,
    images: Sequence[ImageReference] = (IMAGE,),
    alone: bool = False,
) -> ReportObject:
    """The report of an opinion on `images`, after `reports`; `alone`: nothing was reported before."""
    known = [] if alone else [read_report(header) for header in reports or (earlier(),)]
    grounds = Grounds(image_header(), images, known, OF_THE_CASE)
    return opinion_report(opinion, grounds, OPINION_PLACE, DEVICE)


@pytest.mark.parametrize(
    ("opinion", "field"),
    [
        (replace(OPINION, doctor=" "), "doctor"),
        (replace(OPINION, doctor="a=b=c=d"), "doctor"),
        (replace(OPINION, organization=""), "organization"),
        (replace(OPINION, diagnoses=(), comment=" "), "opinion"),
    ],
)
def test_an_opinion_that_nobody_can_be_held_to_is_refused(opinion: Opinion, field: str) -> None:
    with pytest.raises(InvalidFactsError, match=field):
        signed(opinion=opinion)


def test_an_opinion_of_no_image_is_refused() -> None:
    with pytest.raises(InvalidFactsError, match="opinion"):
        signed(images=())


def test_without_an_earlier_report_it_stands_on_the_images_alone() -> None:
    object_ = signed(alone=True)
    report = dcmread(io.BytesIO(object_.data))
    assert missing(report) == set()
    assert "PredecessorDocumentsSequence" not in report
    assert told(report, "Source of Measurement") == [IMAGE.sop_instance_uid]
    assert told(report, "Tracking Unique Identifier") == [OF_THE_CASE.uid]
    assert told(report, "Finding Site") == []
    part10 = read_part10(object_.data)
    assert object_.header == to_json(part10.header, part10.bulk)


def test_several_hypotheses_are_ranked_each_in_a_group_of_its_own() -> None:
    both = replace(OPINION, diagnoses=(disease("psoriasis"), disease("melanoma")))
    report = dcmread(io.BytesIO(signed(opinion=both).data))
    assert told(report, "Differential Diagnosis/Impression") == [disease("psoriasis").code, disease("melanoma").code]
    assert told(report, "Rank in the differential diagnosis") == ["1", "2"]
    assert told(report, "Tracking Unique Identifier") == [LESION.uid, LESION.uid]


def test_the_report_is_final_and_verified_by_the_doctor() -> None:
    report = dcmread(io.BytesIO(signed().data))
    assert missing(report) == set()
    assert (report.CompletionFlag, report.PreliminaryFlag, report.VerificationFlag) == ("COMPLETE", "FINAL", "VERIFIED")
    (verifier,) = report.VerifyingObserverSequence
    assert (verifier.VerifyingObserverName, verifier.VerifyingOrganization) == ("김^의사", "서울병원")
    assert verifier.VerificationDateTime == "20260502100000.000000+0900"
    assert told(report, "Person Observer Name") == ["김^의사"]
    assert told(report, "Differential Diagnosis/Impression") == [disease("melanoma").code]
    assert told(report, "Rank in the differential diagnosis") == [], "one diagnosis has no rank"
    assert told(report, "Comment") == ["절제 권유"]
    assert "demonstration" not in report.SeriesDescription


def test_its_json_is_what_the_archive_would_read() -> None:
    report = signed()
    part10 = read_part10(report.data)
    assert part10.faults == ()
    assert report.header == to_json(part10.header, part10.bulk)


def test_it_refers_to_the_report_before_it_and_to_its_image() -> None:
    report = dcmread(io.BytesIO(signed().data))
    (series,) = report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
    assert series.SeriesInstanceUID == PLACE.series_instance_uid
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == PLACE.sop_instance_uid
    assert told(report, "Source of Measurement") == [IMAGE.sop_instance_uid]
    assert told(report, "Finding Site") == [FOREARM.code]
    assert told(report, "Laterality") == ["7771000"]


def test_a_lesion_keeps_its_uid_through_all_reports() -> None:
    second = replace(PLACE, sop_instance_uid="2.25.23", instance_number=4)
    other = ImageReference("2.25.11", VL, "2.25.13")
    again = earlier(second, image=other)
    report = dcmread(io.BytesIO(signed(earlier(), again, images=(IMAGE, other)).data))
    assert told(report, "Tracking Unique Identifier") == [LESION.uid]
    assert told(report, "Source of Measurement") == ["2.25.12", "2.25.13"]


def test_of_several_lesions_and_sites_none_is_picked() -> None:
    other = earlier(replace(PLACE, sop_instance_uid="2.25.23"), lesion=Tracking("other", "2.25.46"), site=Site(FOREARM))
    report = dcmread(io.BytesIO(signed(earlier(), other).data))
    assert told(report, "Tracking Unique Identifier") == [OF_THE_CASE.uid]
    assert told(report, "Finding Site") == []


def test_an_opinion_may_be_words_alone() -> None:
    report = dcmread(io.BytesIO(signed(opinion=replace(OPINION, diagnoses=())).data))
    assert told(report, "Differential Diagnosis/Impression") == []
    assert told(report, "Comment") == ["절제 권유"]


@pytest.mark.parametrize(
    ("comment", "languages"), [("절제 권유 (excision)", ["en-US", "ko"]), ("Excision is advised.", ["en-US"])]
)
def test_words_in_korean_say_that_they_are(comment: str, languages: list[str]) -> None:
    report = dcmread(io.BytesIO(signed(opinion=replace(OPINION, comment=comment)).data))
    assert told(report, "Language of Content Item and Descendants") == languages


def test_a_later_opinion_refers_to_the_earlier_one_too() -> None:
    first = dcmread(io.BytesIO(signed().data))
    report = dcmread(io.BytesIO(signed(earlier(), first).data))
    referred = [
        instance.ReferencedSOPInstanceUID
        for series in report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    assert referred == ["2.25.22", "2.25.32"]
    assert told(report, "Source of Measurement") == ["2.25.12"]


PHOTOGRAPHY, DERMOSCOPY = "197157006", "446078004"


@pytest.mark.parametrize(
    ("dermoscopic", "procedures"),
    [([True], [DERMOSCOPY]), ([False], [PHOTOGRAPHY]), ([True, True], [DERMOSCOPY]),
     ([False, True, False], [PHOTOGRAPHY, DERMOSCOPY])],
)  # fmt: skip
def test_the_procedures_are_those_of_the_reports_before_it(dermoscopic: list[bool], procedures: list[str]) -> None:
    reports = [
        earlier(replace(PLACE, sop_instance_uid=f"2.25.{50 + n}"), dermoscopic=d) for n, d in enumerate(dermoscopic)
    ]
    first = dcmread(io.BytesIO(signed(*reports).data))
    assert told(first, "Procedure reported") == procedures
    assert told(dcmread(io.BytesIO(signed(first).data)), "Procedure reported") == procedures


def test_without_a_report_the_procedure_is_that_of_the_images() -> None:
    dermoscopic = replace(IMAGE, sop_class_uid=SopClass.DERMOSCOPIC.value)
    for images, procedure in (((dermoscopic,), DERMOSCOPY), ((dermoscopic, IMAGE), PHOTOGRAPHY)):
        report = dcmread(io.BytesIO(signed(alone=True, images=images).data))
        assert told(report, "Procedure reported") == [procedure]


def test_a_scheme_that_no_code_is_of_is_not_declared() -> None:
    assert "CodingSchemeIdentificationSequence" not in dcmread(io.BytesIO(signed().data))
    own = replace(OPINION, diagnoses=(Concept("M1", "99CLINIC", "Mole"),))
    (scheme,) = dcmread(io.BytesIO(signed(opinion=own).data)).CodingSchemeIdentificationSequence
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeResponsibleOrganization) == ("99CLINIC", "서울병원")


def test_of_a_report_that_says_nothing_nothing_is_taken() -> None:
    header = Dataset()
    header.SeriesInstanceUID, header.SOPClassUID, header.SOPInstanceUID = "2.25.1", VL, "2.25.2"
    assert read_report(header) == EarlierReport(ImageReference("2.25.1", VL, "2.25.2"), None, None, ())
    assert shared_lesion([read_report(header)]) is None
    assert shared_site([]) is None
