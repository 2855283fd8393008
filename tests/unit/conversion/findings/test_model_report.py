"""The models' report: what it says, that both of its forms agree, and that the standard's tables are met."""

import io
from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicomweb.dicom_json import to_json
from dicomweb.part10 import read_part10
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.facts import Laterality
from gateway.conversion.findings.concepts import SIDES, Concept
from gateway.conversion.findings.document import ReportObject
from gateway.conversion.findings.facts import ModelFindings, Probable, Site, Tracking
from gateway.conversion.findings.model_report import DEMONSTRATION, MAX_IMPRESSIONS, UNDECIDED, UNSEEN, model_report
from tests.unit.conversion.findings.samples import (
    DEVICE,
    FOREARM,
    PLACE,
    disease,
    findings,
    image_header,
    missing,
    quality_concept,
)
from tests.unit.conversion.test_body_sites import context_group


def made(wanted: ModelFindings | None = None, header: Dataset | None = None) -> ReportObject:
    return model_report(wanted or findings(), header or image_header(), PLACE, DEVICE)


def read(report: ReportObject) -> Dataset:
    return dcmread(io.BytesIO(report.data))


def told(dataset: Dataset, meaning: str) -> list[str]:
    """The values of every content item of this name, in the order of the tree."""
    values = []
    for item in dataset.get("ContentSequence", ()):
        if item.ConceptNameCodeSequence[0].CodeMeaning == meaning:
            values.append(_value(item))
        values += told(item, meaning)
    return values


def _value(item: Dataset) -> str:
    match item.ValueType:
        case "CODE":
            code = item.ConceptCodeSequence[0]
            return str(code.get("LongCodeValue") or code.CodeValue)
        case "NUM":
            return str(item.MeasuredValueSequence[0].NumericValue)
        case "IMAGE":
            return str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        case "UIDREF":
            return str(item.UID)
        case "PNAME":
            return str(item.PersonName)
        case _:
            return str(item.get("TextValue", ""))


def test_a_tracking_uid_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidFactsError, match="tracking_uid"):
        made(findings(lesion=Tracking("mole", "not a uid")))


def test_the_tables_of_the_standard_find_nothing_missing() -> None:
    assert missing(read(made())) == set()


def test_an_image_without_patient_or_offset_still_gives_a_whole_report() -> None:
    header = Dataset()
    header.StudyInstanceUID = "2.25.10"
    report = read(made(header=header))
    assert missing(report) == set()
    assert report.PatientID == ""
    assert report.TimezoneOffsetFromUTC == "+0000"


def test_the_json_is_what_the_archive_would_read_from_the_file() -> None:
    faults = (Probable(quality_concept("underexposed"), 0.25), Probable(quality_concept("out_of_focus"), 0.2))
    report = made(findings(faults=faults))
    part10 = read_part10(report.data)
    assert part10.faults == ()
    assert orjson.dumps(report.header) == orjson.dumps(to_json(part10.header, part10.bulk))


@settings(max_examples=15, deadline=None)
@given(
    st.text(max_size=80),
    st.floats(0, 1),
    st.text(min_size=1, max_size=70).filter(lambda text: "\\" not in text),
)
def test_any_words_and_probabilities_give_a_file_that_reads_as_its_json(
    words: str, probability: float, meaning: str
) -> None:
    impression = Probable(Concept("X", "99DERMGATE", meaning), probability)
    report = made(findings(lesion=Tracking(words, "2.25.44"), impressions=(impression,)))
    part10 = read_part10(report.data)
    assert part10.faults == ()
    assert report.header == to_json(part10.header, part10.bulk)


def test_the_same_findings_make_the_same_bytes() -> None:
    assert made().data == made().data


def test_patient_study_and_place_are_those_of_the_image() -> None:
    report, image = read(made()), image_header()
    for keyword in ("PatientName", "PatientID", "IssuerOfPatientID", "PatientAge", "AccessionNumber", "StudyDate"):
        assert report[keyword].value == image[keyword].value, keyword
    assert report.StudyInstanceUID == "2.25.10"
    assert report.AdmissionID == "V7"
    assert report.RequestingService == "외래"
    assert report.InstitutionName == "서울병원"
    assert (report.Modality, report.SeriesNumber, report.InstanceNumber) == ("SR", 101, 3)
    assert "Rows" not in report


def test_a_report_is_as_fit_for_clinical_use_as_its_image() -> None:
    assert "ContentQualification" not in read(made())
    header = image_header()
    header.ContentQualification = "RESEARCH"
    assert read(made(header=header)).ContentQualification == "RESEARCH"


def test_moments_are_written_at_the_offset_of_the_study() -> None:
    report = read(made())
    assert (report.ContentDate, report.ContentTime) == ("20260501", "183015.250000")
    assert report.TimezoneOffsetFromUTC == "+0900"


def test_a_report_of_models_is_complete_preliminary_and_unverified() -> None:
    report = read(made())
    assert (report.CompletionFlag, report.PreliminaryFlag, report.VerificationFlag) == (
        "COMPLETE",
        "PRELIMINARY",
        "UNVERIFIED",
    )
    assert "VerifyingObserverSequence" not in report
    assert told(report, "Observer Type") == ["121007"]
    assert told(report, "Comment") == [f"{UNSEEN} {DEMONSTRATION}"]
    assert "demonstration" in report.SeriesDescription


def test_models_for_use_are_not_called_a_demonstration() -> None:
    report = read(made(findings(demonstration=False)))
    assert told(report, "Comment") == [UNSEEN]
    assert b"demonstration" not in made(findings(demonstration=False)).data


def test_an_undecided_ranking_says_so() -> None:
    wanted = findings()
    undecided = replace(wanted, ranking=replace(wanted.ranking, decided=False))
    assert UNDECIDED in told(read(made(undecided)), "Comment")[0]


def test_suitability_is_told_with_its_score_and_faults() -> None:
    report = read(made(findings(faults=(Probable(quality_concept("underexposed"), 0.25),))))
    assert told(report, "Quality Assessment") == ["111237"]
    assert told(report, "Suitability score") == ["0.9321"]
    assert told(report, "Quality Finding") == ["111211"]
    assert told(report, "Certainty of Finding") == ["25.00"]


def test_hypotheses_are_told_in_order_with_rank_and_certainty() -> None:
    report = read(made())
    diagnoses = told(report, "Differential Diagnosis/Impression")
    assert diagnoses == [disease("melanoma").code, disease("psoriasis").code, "a_disease_without_a_code"]
    assert told(report, "Certainty of Impression") == ["61.25", "30.00", "8.75"]
    assert told(report, "Rank in the differential diagnosis") == ["1", "2", "3"]


def test_no_more_hypotheses_than_people_read() -> None:
    many = tuple(Probable(Concept(f"D{number}", "99DERMGATE", "x"), 0.01) for number in range(40))
    assert len(told(read(made(findings(impressions=many))), "Certainty of Impression")) == MAX_IMPRESSIONS


def test_every_group_names_its_algorithm_and_its_image() -> None:
    report = read(made())
    assert told(report, "Algorithm Name") == ["suitability", "disease", "disease", "disease"]
    assert told(report, "Algorithm Version") == ["7"] * 4
    assert told(report, "Algorithm Family") == ["123110"] * 4
    assert told(report, "Algorithm Parameters")[:3] == [f"sha256={'ab' * 32}", "threshold=0.5", "demonstration=yes"]
    assert told(report, "Source of Measurement") == ["2.25.12"] * 4
    series = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == "2.25.11"


def _frames(dataset: Dataset) -> list[object]:
    """Of every image that the tree refers to, which frame."""
    frames = []
    for item in dataset.get("ContentSequence", ()):
        if item.ValueType == "IMAGE":
            frames.append(item.ReferencedSOPSequence[0].get("ReferencedFrameNumber"))
        frames += _frames(item)
    return frames


def test_of_a_video_the_frame_is_named_that_was_judged_and_of_a_photo_none() -> None:
    assert _frames(read(made())) == [None] * 4
    report = made(replace(findings(), frame=7))
    assert _frames(read(report)) == [7] * 4
    part10 = read_part10(report.data)
    assert part10.faults == ()
    assert report.header == to_json(part10.header, part10.bulk)


def test_one_lesion_has_one_tracking_uid_and_the_picture_another() -> None:
    report = read(made())
    assert told(report, "Tracking Unique Identifier") == ["2.25.45", "2.25.44", "2.25.44", "2.25.44"]


@pytest.mark.parametrize(("side", "codes"), [("L", ["7771000"] * 3), ("B", ["51440002"] * 3), ("U", []), (None, [])])
def test_a_side_is_told_only_where_there_is_one(side: object, codes: list[str]) -> None:
    report = read(made(findings(site=Site(FOREARM, side))))  # type: ignore[arg-type]  # parametrized
    assert told(report, "Laterality") == codes
    assert told(report, "Finding Site") == ["70559009"] * 3


def test_private_codes_are_declared() -> None:
    (scheme,) = read(made()).CodingSchemeIdentificationSequence
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeResponsibleOrganization) == ("99DERMGATE", "Dermgate")


def test_schemes_of_the_site_are_declared_as_the_institutions() -> None:
    site = Site(Concept("SOLE", "99WARD", "Skin of sole"))
    impressions = (Probable(Concept("M1", "99CLINIC", "Mole"), 0.7), Probable(disease("melanoma"), 0.2))
    report = made(findings(site=site, impressions=impressions))
    schemes = read(report).CodingSchemeIdentificationSequence
    assert [each.CodingSchemeDesignator for each in schemes] == ["99CLINIC", "99DERMGATE", "99WARD"]
    told_by = [each.CodingSchemeResponsibleOrganization for each in schemes]
    assert told_by == ["서울병원", "Dermgate", "서울병원"]
    part10 = read_part10(report.data)
    assert report.header == to_json(part10.header, part10.bulk)


@pytest.mark.parametrize(("side", "meaning"), [("R", "Right"), ("L", "Left"), ("B", "Bilateral")])
def test_sides_have_the_words_of_their_context_group(side: Laterality, meaning: str) -> None:
    ours = SIDES[side]
    assert ours.meaning == meaning
    assert context_group(244)[ours.scheme, ours.code] == meaning
