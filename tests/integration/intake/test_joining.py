"""A further photo of a case, or of a study that others began: one patient, one study, whoever says how much of them."""

from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from gateway.access.caller import Caller, Role
from gateway.archive.tables import PatientRow
from gateway.config import IntakeSettings, Settings
from gateway.intake.request import check_fields
from gateway.review.cases import UnknownCase
from gateway.review.tables import CaseRow
from tests.e2e.photos import photo
from tests.integration.intake.archived import image_of, images, report_of, store_foreign
from tests.integration.intake.served import Served

PATIENT = {"patient_id": "P-1", "patient_name": "Hong^Gildong=洪^吉洞=홍^길동", "patient_sex": "F"}
OF_STUDY = ("StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "TimezoneOffsetFromUTC",
            "ReferringPhysicianName", "StudyDescription", "AdmissionID", "RequestingService")  # fmt: skip
OF_PATIENT = ("PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex", "PatientAge")


def _joins(served: Served, case: dict[str, Any], number: int = 2, **fields: str) -> dict[str, Any]:
    return served.accepted(photo(number), {"case_id": case["case_id"], **fields})


def _told(file: Any, keywords: tuple[str, ...]) -> dict[str, str]:
    return {keyword: str(file.get(keyword, "")) for keyword in keywords}


def _from(**device: str) -> dict[str, Any]:
    """A photo's EXIF, for `photo(...)`."""
    block = Image.Exif()
    block[0x010F], block[0x0110] = device["maker"], device["model"]
    details: dict[int, Any] = {0x829A: IFDRational(1, 120)}
    if taken := device.get("taken"):
        details |= {0x9003: taken, 0x9011: "+09:00"}
    block.get_ifd(0x8769).update(details)
    return {"exif": block.tobytes()}


# -- somebody else's


@pytest.mark.parametrize("by", ["case_id", "study_instance_uid"])
def test_a_patient_joins_no_case_of_anybody_else(fresh: Served, by: str) -> None:
    theirs = fresh.accepted(photo(1), PATIENT)
    place = {"case_id": theirs["case_id"], "study_instance_uid": theirs["dicom"]["study_instance_uid"]}[by]
    stranger = Caller("app", frozenset({Role.APP}), None, patient="987654")
    before = fresh.holdings()
    with pytest.raises(UnknownCase) as refused:
        fresh.photos.intake.post(stranger, check_fields({by: place}), photo(2), language="en")
    assert "P-1" not in str(refused.value)
    assert fresh.holdings() == before


def test_a_patient_joins_its_own_case_by_either_name(fresh: Served) -> None:
    own = fresh.accepted(photo(1), PATIENT)
    with fresh.gateway.database.read() as session:
        row_id = session.query(PatientRow.id).scalar()
    patient = Caller("app", frozenset({Role.APP}), None, patient=str(row_id))
    for by, place in (("case_id", own["case_id"]), ("study_instance_uid", own["dicom"]["study_instance_uid"])):
        fresh.photos.intake.post(patient, check_fields({by: place}), photo(2), language="en")
    assert len({each.StudyInstanceUID for each in images(fresh)}) == 1


def test_a_patient_joins_no_study_that_others_stored_of_anybody_else(fresh: Served) -> None:
    stored = store_foreign(fresh)
    stranger = Caller("app", frozenset({Role.APP}), None, patient="987654")
    fields = check_fields({"study_instance_uid": str(stored.StudyInstanceUID)})
    with pytest.raises(UnknownCase):
        fresh.photos.intake.post(stranger, fields, photo(2), language="en")


# -- what contradicts


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ({"patient_name": "Hong^Gildong"}, {"patient_name": "Kim^Gildong"}),
        ({"patient_sex": "F"}, {"patient_sex": "M"}),
        ({"patient_birth_date": "1980-01-02"}, {"patient_birth_date": "1980-01-03"}),
        ({"patient_age": "45"}, {"patient_age": "46"}),
        ({"accession_number": "A-1"}, {"accession_number": "A-2"}),
        ({"admission_id": "V-1"}, {"admission_id": "V-2"}),
        ({"referring_physician": "Lee^A"}, {"referring_physician": "Lee^B"}),
        ({"study_description": "Rash"}, {"study_description": "Mole"}),
    ],
)
def test_what_contradicts_the_case_is_refused_and_named(
    served: Served, first: dict[str, str], later: dict[str, str]
) -> None:
    case = served.accepted(photo(1), {"patient_id": "P-9", **first})
    before = served.holdings()
    refused = served.post(photo(2), {"case_id": case["case_id"], **later})
    assert refused.status_code == 409
    (name,) = later
    assert name in refused.json()["detail"]
    assert not any(value in refused.text for value in (*first.values(), *later.values()))
    assert served.holdings() == before
    assert served.post(photo(2), {"case_id": case["case_id"], **first}).status_code == 201


def test_another_issuer_is_another_patient_also_where_the_first_photo_named_none(served: Served) -> None:
    case = served.accepted(photo(1), {"patient_id": "P-1"})
    _joins(served, case, patient_id="P-1", issuer_of_patient_id="HOSP")
    answer = served.post(photo(3), {"case_id": case["case_id"], "patient_id": "P-1", "issuer_of_patient_id": "OTHER"})
    assert answer.status_code == 409


# -- what is taken over


def test_a_study_tells_one_patient_and_one_study_whoever_said_what_first(fresh: Served) -> None:
    case = fresh.accepted(photo(1), {"patient_id": "P-1"})
    _joins(fresh, case, 2, body_site="face", accession_number="A-1", admission_id="V-1", **PATIENT, patient_age="006M")
    third = _joins(fresh, case, 3)
    _joins(fresh, case, 4, body_site="back", study_description="Rash", requesting_service="ER")
    fifth = _joins(fresh, case, 5, body_site="back", patient_name="홍^길동", kind="dermoscopic")
    _, second, *later = images(fresh)
    assert (
        _told(second, OF_PATIENT)
        == _told(image_of(fresh, third), OF_PATIENT)
        == _told(report_of(fresh, fifth), OF_PATIENT)
    )
    assert {str(each.PatientName) for each in later} == {PATIENT["patient_name"]}
    assert {each.PatientAge for each in later} == {"006M"}
    assert {(each.AccessionNumber, each.AdmissionID) for each in later} == {("A-1", "V-1")}
    assert _told(later[1], OF_STUDY) == _told(later[2], OF_STUDY) == _told(report_of(fresh, fifth), OF_STUDY)
    with fresh.gateway.database.read() as session:
        assert session.get_one(CaseRow, case["case_id"]).accession_number == "A-1"


def test_an_issuer_that_is_named_later_stays(fresh: Served) -> None:
    case = fresh.accepted(photo(1), {"patient_id": "P-1"})
    _joins(fresh, case, 2, patient_id="P-1", issuer_of_patient_id="HOSP")
    _joins(fresh, case, 3, patient_id="P-1")
    _joins(fresh, case, 4)
    assert [each.get("IssuerOfPatientID") for each in images(fresh)] == [None, "HOSP", "HOSP", "HOSP"]


def test_an_issuer_may_be_named_later_where_the_archive_knows_the_patient_by_it_already(fresh: Served) -> None:
    fresh.accepted(photo(1), {"patient_id": "P-1", "issuer_of_patient_id": "HOSP"})
    case = fresh.accepted(photo(2), {"patient_id": "P-1"})
    _joins(fresh, case, 3, patient_id="P-1", issuer_of_patient_id="HOSP")
    found = fresh.get("/dicom-web/studies?PatientID=P-1&IssuerOfPatientID=HOSP")
    assert len(found) == 2
    assert fresh.count(PatientRow) == 1


def test_a_further_photo_that_does_not_say_whose_it_is_is_delivered_as_its_case_is(fresh_settings: Settings) -> None:
    held = fresh_settings.model_copy(update={"intake": IntakeSettings(unidentified="hold")})
    with Served(held) as served:
        known, unknown = served.accepted(photo(1), PATIENT), served.accepted(photo(2))
        assert len(_joins(served, known, 3)["deliveries"]) == 1
        assert _joins(served, unknown, 4)["deliveries"] == []


# -- studies that others began


def test_a_photo_of_a_study_that_others_began_agrees_with_it(fresh: Served) -> None:
    stored = store_foreign(
        fresh, StudyDate="20200101", StudyTime="1015", StudyID="77", AccessionNumber="ACC1", PatientName="Real^Name",
        TimezoneOffsetFromUTC="+0100", SeriesNumber=1, PatientAge="040Y", ReferringPhysicianName="Lee^A",
    )  # fmt: skip
    study = {"study_instance_uid": str(stored.StudyInstanceUID)}
    for said in ({"patient_name": "Other^N"}, {"patient_id": "P-2"}, {"accession_number": "ACC2"}):
        refused = fresh.post(photo(1), {**study, **said})
        assert refused.status_code == 409, said
    made = image_of(fresh, fresh.accepted(photo(1), study))
    again = image_of(
        fresh, fresh.accepted(photo(2), {**study, "patient_id": str(stored.PatientID), "body_site": "face"})
    )
    for each in (made, again):
        assert _told(each, OF_STUDY) == _told(stored, OF_STUDY)
        assert _told(each, OF_PATIENT) == _told(stored, OF_PATIENT)
    assert (made.SeriesNumber, again.SeriesNumber) == (2, 3)
    with fresh.gateway.database.read() as session:
        assert session.query(CaseRow.started_at).scalar().isoformat() == "2020-01-01T09:15:00+00:00"


def test_a_study_of_which_little_is_known_is_joined_as_it_is(fresh: Served) -> None:
    stored = store_foreign(
        fresh, StudyDate="", StudyTime="", StudyID="", AccessionNumber="", PatientName="", PatientSex="",
        TimezoneOffsetFromUTC=None, PatientBirthDate="", SeriesNumber=None, PatientID="", IssuerOfPatientID=None,
    )  # fmt: skip
    said = {**PATIENT, "study_instance_uid": str(stored.StudyInstanceUID), "accession_number": "A-1"}
    made = image_of(fresh, fresh.accepted(photo(1), said))
    assert (made.StudyDate, made.StudyTime, made.StudyID) == ("", "", "")
    assert (made.PatientID, made.AccessionNumber, made.SeriesNumber) == ("P-1", "A-1", 1)
    further = image_of(fresh, fresh.accepted(photo(2), {"study_instance_uid": said["study_instance_uid"]}))
    assert _told(further, OF_PATIENT) == _told(made, OF_PATIENT)
    assert _told(further, OF_STUDY) == _told(made, OF_STUDY)


def test_what_is_no_value_of_ours_in_others_objects_is_left_alone(fresh: Served) -> None:
    stored = store_foreign(fresh, AccessionNumber="A" * 16, PatientSex="M", PatientBirthDate="", PatientAge="")
    said = {"study_instance_uid": str(stored.StudyInstanceUID), "patient_birth_date": "1980-01-02"}
    made = image_of(fresh, fresh.accepted(photo(1), said))
    assert (made.PatientSex, made.PatientBirthDate, made.AccessionNumber) == ("M", "19800102", "A" * 16)


# -- when, by what, and which spot


def test_a_study_begins_when_its_first_photo_was_taken(fresh: Served) -> None:
    when = {"maker": "Maker", "model": "Model", "taken": "2025:12:31 23:30:00"}
    first = image_of(fresh, fresh.accepted(photo(1, **_from(**when))))
    moment = (first.StudyDate + first.StudyTime)[:14]
    assert (moment, first.TimezoneOffsetFromUTC) == (first.AcquisitionDateTime[:14], first.AcquisitionDateTime[-5:])
    ahead = image_of(fresh, fresh.accepted(photo(2, **_from(**when | {"taken": "2150:01:01 00:00:00"}))))
    assert ahead.StudyDate == ahead.InstanceCreationDate


def test_a_series_is_of_one_camera_and_one_operator(fresh: Served) -> None:
    phone, tablet = (_from(maker=maker, model="X") for maker in ("Apple", "Samsung"))
    case = fresh.accepted(photo(1, **phone))
    for number, taken_with in enumerate((phone, tablet, {}, phone, tablet, {}), 2):
        fresh.accepted(photo(number, **taken_with), {"case_id": case["case_id"]})
    for number, operator in enumerate(("Kim", "Lee", "Kim"), 20):
        _joins(fresh, case, number, operator=operator)
    series: dict[str, set[tuple[str, str]]] = {}
    for each in images(fresh):
        series.setdefault(each.SeriesInstanceUID, set()).add((each.Manufacturer, str(each.get("OperatorsName", ""))))
    assert len(series) == 5
    assert all(len(told) == 1 for told in series.values())


def test_a_lesion_keeps_its_uid_however_the_issuer_is_spelled(fresh: Served) -> None:
    said = {"patient_id": "P-1", "lesion_id": "L1"}
    issuers = ("", "HOSP", "", "OTHER", "HOSP", "OTHER", "")
    cases = [
        fresh.accepted(photo(number), {**said, "issuer_of_patient_id": issuer}) for number, issuer in enumerate(issuers)
    ]
    _joins(fresh, cases[0], 20, lesion_id="L1", patient_id="P-1", issuer_of_patient_id="HOSP")
    fresh.accepted(photo(21), {**said, "issuer_of_patient_id": "HOSP"})
    uids = [_tracking(report_of(fresh, case)) for case in cases]
    by_issuer = dict(zip(issuers, uids, strict=True))
    assert by_issuer[""] == by_issuer["HOSP"] != by_issuer["OTHER"]
    assert [by_issuer[issuer] for issuer in issuers] == uids
    page = fresh.get("/api/v1/photos?limit=2")["photos"]
    assert {_tracking(report_of(fresh, each)) for each in page} == {by_issuer["HOSP"]}


def test_a_lesion_of_a_patient_whose_issuer_was_known_before_keeps_its_uid(fresh: Served) -> None:
    said = {"patient_id": "P-1", "lesion_id": "L1"}
    posted = [
        fresh.accepted(photo(n), {**said, "issuer_of_patient_id": issuer}) for n, issuer in enumerate(("HOSP", ""))
    ]
    assert len({_tracking(report_of(fresh, each)) for each in posted}) == 1
    other = fresh.accepted(photo(3), {**said, "patient_id": "P-2"})
    assert _tracking(report_of(fresh, other)) != _tracking(report_of(fresh, posted[0]))


def _tracking(report: Any) -> str:
    """The tracking UID of the first hypothesis."""
    groups = report.ContentSequence[-2].ContentSequence
    (uid,) = [item.UID for item in groups[1].ContentSequence if item.ValueType == "UIDREF"]
    return str(uid)
