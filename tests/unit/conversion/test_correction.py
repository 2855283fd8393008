from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from gateway.conversion.correction import Correction, correct
from gateway.conversion.rejection_note import NotePlace, RejectedObject, rejection_note
from gateway.conversion.renaming import MAX_DEPTH, rename
from tests.unit.archive.samples import photo

AT = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
REJECTED = RejectedObject("1.2.1", "1.2.2", "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.3")


def correction(patient: dict[str, Any], request: dict[str, Any] | None = None, **study: Any) -> Correction:
    return Correction(patient=patient, study=study, request=request, made_at=AT, system="Dermgate")


def original(ds: Dataset, index: int = -1) -> Dataset:
    modified: Dataset = ds.OriginalAttributesSequence[index].ModifiedAttributesSequence[0]
    return modified


def test_what_is_right_is_left_alone() -> None:
    ds = photo()
    before = ds.to_json()
    assert not correct(ds, correction({"PatientID": "P1", "PatientSex": "F"}, AccessionNumber="A1"))
    assert ds.to_json() == before


def test_of_another_patient_nothing_of_the_first_one_stays() -> None:
    request = Dataset()
    request.RequestedProcedureID = "WRONG"
    ds = photo(
        PatientAge="070Y", PatientComments="has a dog", EthnicGroup="x", OtherPatientIDs="77", AdmissionID="ADM",
        IssuerOfPatientID="HOSPITAL", RequestAttributesSequence=[request],
    )  # fmt: skip
    assert correct(ds, correction({"PatientID": "P2", "PatientName": "Kim^Right"}))
    of_patient = {element.keyword: str(element.value) for element in ds.group_dataset(0x0010)}
    assert {name: value for name, value in of_patient.items() if value} == {
        "PatientID": "P2", "PatientName": "Kim^Right",
    }  # fmt: skip
    assert (ds.AccessionNumber, ds.ReferringPhysicianName) == ("", "")
    assert "AdmissionID" not in ds
    assert "RequestAttributesSequence" not in ds
    kept = original(ds)
    assert (kept.PatientComments, kept.PatientAge, kept.AdmissionID, kept.AccessionNumber) == (
        "has a dog", "070Y", "ADM", "A1",
    )  # fmt: skip


def test_of_another_patients_visit_and_order_nothing_stays() -> None:
    wrong: dict[str, Any] = {
        "StudyID": "RP0", "AdmittingDiagnosesDescription": "secret", "CurrentPatientLocation": "ward 9",
        "PatientState": "secret", "RequestingPhysician": "Wrong^Doctor", "ReasonForTheRequestedProcedure": "secret",
        "ConsultingPhysicianName": "Wrong^Doctor", "ReferringPhysicianAddress": "there",
        "PlacerOrderNumberImagingServiceRequest": "ORD0",
    }  # fmt: skip
    ds = photo(**wrong)
    assert correct(ds, correction({"PatientID": "P2"}))
    assert {keyword: str(ds.get(keyword) or "") for keyword in wrong} == dict.fromkeys(wrong, "")
    assert {keyword: str(original(ds)[keyword].value) for keyword in wrong} == wrong
    assert not correct(ds, correction({"PatientID": "P2"}))


def test_the_same_number_of_another_issuer_is_another_patient() -> None:
    ds = photo(IssuerOfPatientID="HOSPITAL", PatientComments="has a dog")
    assert correct(ds, correction({"PatientID": "P1", "IssuerOfPatientID": "ELSEWHERE", "PatientName": "Kim^Right"}))
    assert (ds.PatientBirthDate, ds.PatientSex, ds.get("PatientComments")) == ("", "", None)
    assert original(ds).IssuerOfPatientID == "HOSPITAL"
    assert not correct(ds, correction({"PatientID": "P1", "IssuerOfPatientID": "ELSEWHERE"}))


def test_spaces_around_a_number_make_no_other_patient_and_what_ends_it_belongs_to_it() -> None:
    ds = photo(PatientID=" P1 ")
    assert correct(ds, correction({"PatientID": "P1", "PatientName": "Kim^Right"}))
    assert ds.PatientBirthDate == "19800101"
    assert correct(photo(PatientID="QUJD"), correction({"PatientID": "QUJD="}))


def test_another_order_of_the_same_patient_leaves_nothing_of_the_first_one() -> None:
    old = Dataset()
    old.RequestedProcedureID = "RP0"
    ds = photo(AccessionNumber="ACC0", RequestAttributesSequence=[old], AdmissionID="ADM")
    assert correct(ds, correction({"PatientID": "P1"}, AccessionNumber="ACC1"))
    assert ("RequestAttributesSequence" in ds, ds.AdmissionID, ds.AccessionNumber) == (False, "ADM", "ACC1")
    assert original(ds).RequestAttributesSequence[0].RequestedProcedureID == "RP0"


def test_a_request_that_is_right_stays_with_another_patient_and_twice_is_once() -> None:
    request = {"RequestedProcedureID": "RP"}
    ds = photo(PatientID="P0", RequestAttributesSequence=[Dataset()])
    ds.RequestAttributesSequence[0].RequestedProcedureID = "RP"
    assert correct(ds, correction({"PatientID": "P1"}, request))
    assert ds.RequestAttributesSequence[0].RequestedProcedureID == "RP"
    assert not correct(ds, correction({"PatientID": "P1"}, request))


def test_of_somebody_unknown_what_was_said_stays() -> None:
    ds = photo(PatientID="UNID-1", PatientName="", PatientAge="046Y", IssuerOfPatientID="DERMGATE")
    assert correct(ds, correction({"PatientID": "P2"}))
    assert (ds.PatientAge, ds.PatientSex, ds.IssuerOfPatientID, ds.AccessionNumber) == ("046Y", "F", "", "A1")


def test_a_name_alone_leaves_the_number_and_its_issuer() -> None:
    ds = photo(IssuerOfPatientID="HOSPITAL")
    assert correct(ds, correction({"PatientID": "P1", "PatientName": "Hong^Gildong"}))
    assert (ds.PatientID, ds.IssuerOfPatientID, ds.PatientBirthDate) == ("P1", "HOSPITAL", "19800101")
    assert [element.keyword for element in original(ds)] == ["PatientName"]


def test_each_correction_is_kept_behind_the_earlier_ones() -> None:
    ds = photo()
    for number in (2, 3):
        assert correct(ds, correction({"PatientID": f"P{number}"}))
    assert [original(ds, index).PatientID for index in range(2)] == ["P1", "P2"]
    item = ds.OriginalAttributesSequence[0]
    assert item.AttributeModificationDateTime == "20260701093000.000000+0000"
    assert (item.ModifyingSystem, item.SourceOfPreviousValues) == ("Dermgate", "")


def test_an_order_is_put_into_pictures_and_not_into_reports() -> None:
    request = {"RequestedProcedureID": "RP", "AccessionNumber": "ACC"}
    picture, report = photo(), photo(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.34")
    for ds in (picture, report):
        assert correct(ds, correction({"PatientID": "P1"}, request, AccessionNumber="ACC"))
        assert not correct(ds, correction({"PatientID": "P1"}, request, AccessionNumber="ACC"))
    assert picture.RequestAttributesSequence[0].RequestedProcedureID == "RP"
    assert "RequestAttributesSequence" not in report


@pytest.mark.parametrize("declared", ["ISO_IR 100", None])
def test_letters_that_a_set_may_not_have_turn_the_text_to_utf_8(declared: str | None) -> None:
    ds = photo(SpecificCharacterSet=declared, PatientName="Hong^Gildong", StudyDescription="Muttermal")
    assert correct(ds, correction({"PatientID": "P1", "PatientName": "홍^길동"}))
    assert ds.SpecificCharacterSet == "ISO_IR 192"
    other = photo(SpecificCharacterSet=declared, PatientName="Hong^Gildong")
    assert correct(other, correction({"PatientID": "P1", "PatientName": "Kim^Right"}))
    assert other.get("SpecificCharacterSet") == declared


def test_references_follow_what_they_are_to_and_nothing_else_is_renamed() -> None:
    ds, reference, foreign = photo(SOPInstanceUID="1.1"), Dataset(), Dataset()
    reference.ReferencedSOPInstanceUID, foreign.ReferencedSOPInstanceUID = "1.2", "9.9"
    ds.ReferencedImageSequence = [reference, foreign]
    rename(ds, {"1.1": "2.1", "1.2": "2.2", str(ds.SOPClassUID): "2.3"})
    assert (ds.SOPInstanceUID, reference.ReferencedSOPInstanceUID, foreign.ReferencedSOPInstanceUID) == (
        "2.1", "2.2", "9.9",
    )  # fmt: skip


def test_what_is_nested_too_deeply_is_not_followed() -> None:
    ds = Dataset()
    for _ in range(MAX_DEPTH + 2):
        outer = Dataset()
        outer.ReferencedImageSequence = [ds]
        ds = outer
    with pytest.raises(ValueError, match="deeply"):
        rename(ds, {})


@pytest.mark.parametrize(
    ("sop_class", "value_type"), [("1.2.840.10008.5.1.4.1.1.88.34", "COMPOSITE"), (REJECTED.sop_class_uid, "IMAGE")]
)
def test_a_note_names_what_it_rejects_in_the_mistaken_patients_study(sop_class: str, value_type: str) -> None:
    mistaken = photo(PatientID="P0", PatientName="홍^길동")
    rejected = RejectedObject("1.2.1", "1.2.2", sop_class, "1.2.3")
    made = [rejection_note(mistaken, rejected, NotePlace("1.3.1", "1.3.2", 7, AT), "1.0") for _ in range(2)]
    assert made[0] == made[1]
    note = dcmread(BytesIO(made[0]))
    assert note.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (note.PatientID, note.PatientName, note.StudyInstanceUID) == ("P0", "홍^길동", "1.2.1")
    assert note.ConceptNameCodeSequence[0].CodeValue == "113038"
    (item,) = note.ContentSequence
    assert item.ValueType == value_type
    assert item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3"
    series = note.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == "1.2.2"
