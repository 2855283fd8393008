"""An opinion's report in the archive: verified, on the pictures of the case, after the models' report, delivered."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, NotPermitted, Role
from gateway.archive.indexing import Origin
from gateway.archive.tables import InstanceRow
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.findings.facts import Opinion
from gateway.conversion.uids import unidentified_patient_id
from gateway.database import Database
from gateway.delivery.tables import DeliveryRow
from gateway.review.cases import PlaceTaken
from gateway.review.opinion_reports import SERIES_NUMBER
from tests.integration.review.studies import CASE, GIVEN_AT, HOSPITAL, Clinic, referred_to, settings
from tests.unit.conversion.findings.samples import disease
from tests.unit.conversion.findings.test_model_report import told

OPINION = Opinion("Kim^Doctor=金^醫師=김^의사", "서울병원", GIVEN_AT, (disease("melanoma"),))


@pytest.fixture
def clinic(sqlite: Database, tmp_path: Path) -> Clinic:
    """A case with nothing in its study yet."""
    return Clinic(sqlite, settings(tmp_path))


def archive(clinic: Clinic, opinion_id: str, opinion: Opinion = OPINION, caller: Caller = LOCAL_ADMINISTRATOR) -> str:
    """Make and archive a report; its SOP Instance UID."""
    with clinic.reports.made(CASE, opinion_id, opinion) as report, clinic.database.write() as unit_of_work:
        assert report is not None
        return clinic.reports.index(unit_of_work, caller, CASE, report).sop_instance_uid


def test_who_may_not_review_archives_no_report(clinic: Clinic) -> None:
    clinic.add_photo()
    elsewhere = Caller("eye", frozenset({Role.CLINICIAN}), frozenset({"south"}))
    for caller in (Caller("app", frozenset({Role.APP}), None), elsewhere):
        with pytest.raises(NotPermitted):
            archive(clinic, "o1", caller=caller)
    assert clinic.objects() == (1, 0)


def test_where_no_picture_is_there_is_nothing_to_report_on(clinic: Clinic) -> None:
    clinic.add_photo(13, origin=Origin.STOW)
    with clinic.reports.made(CASE, "o1", OPINION) as report:
        assert report is None


def test_a_report_that_cannot_be_made_leaves_nothing(clinic: Clinic) -> None:
    clinic.add_photo()
    with pytest.raises(InvalidFactsError, match="organization"):
        archive(clinic, "o1", replace(OPINION, organization=" "))
    assert clinic.objects() == (1, 0)


def test_a_report_made_on_what_stands_no_more_is_not_archived(clinic: Clinic) -> None:
    clinic.add_photo()
    with clinic.reports.made(CASE, "o1", OPINION) as report:
        assert report is not None
        clinic.add_findings()
        with clinic.database.write() as unit_of_work, pytest.raises(PlaceTaken):
            clinic.reports.index(unit_of_work, LOCAL_ADMINISTRATOR, CASE, report)
    assert clinic.objects() == (2, 0)
    assert clinic.count(DeliveryRow) == 0


def test_an_opinion_is_archived_in_the_study_and_queued(clinic: Clinic) -> None:
    photo, findings = clinic.add_photo(), clinic.add_findings()
    uid = archive(clinic, "o1")
    first, second = clinic.kept()
    assert (str(first.VerificationFlag), str(second.VerificationFlag)) == ("UNVERIFIED", "VERIFIED")
    assert (second.SOPInstanceUID, second.SeriesNumber, second.InstanceNumber) == (uid, SERIES_NUMBER, 1)
    assert second.PatientName == first.PatientName
    assert referred_to(second) == [findings]
    assert told(second, "Source of Measurement") == [photo]
    with clinic.database.read() as session:
        (delivery,) = session.scalars(select(DeliveryRow))
        instance = session.get_one(InstanceRow, delivery.instance_id)
    assert (instance.sop_instance_uid, delivery.destination, delivery.state) == (uid, "pacs", "queued")
    assert clinic.archive.verify().sound


def test_where_the_models_reported_nothing_it_stands_on_the_pictures_alone(clinic: Clinic) -> None:
    seen = [clinic.add_photo(12), clinic.add_photo(13)]
    clinic.add_photo(14, origin=Origin.STOW)
    archive(clinic, "o1")
    (report,) = clinic.kept()
    assert referred_to(report) == []
    assert told(report, "Source of Measurement") == seen


def test_a_later_opinion_refers_to_the_earlier_one_and_to_pictures_that_are_still_there(clinic: Clinic) -> None:
    gone, there = clinic.add_photo(12), clinic.add_photo(13)
    uid = archive(clinic, "o1")
    with clinic.database.write() as unit_of_work:
        clinic.archive.delete_instance(unit_of_work, LOCAL_ADMINISTRATOR, gone)
    again = archive(clinic, "o2", replace(OPINION, diagnoses=(), comment="see again"))
    last = clinic.kept()[-1]
    assert (last.SOPInstanceUID, last.InstanceNumber) == (again, 2)
    assert referred_to(last) == [uid]
    assert told(last, "Source of Measurement") == [there]
    assert told(last, "Tracking Unique Identifier") == told(clinic.kept()[0], "Tracking Unique Identifier")


@pytest.mark.parametrize(("unidentified", "queued"), [("hold", 0), ("deliver", 1)])
def test_an_opinion_of_somebody_unknown_goes_where_their_photos_go(
    sqlite: Database, tmp_path: Path, unidentified: str, queued: int
) -> None:
    clinic = Clinic(sqlite, settings(tmp_path, intake={"unidentified": unidentified}))
    unknown = replace(CASE, patient=replace(CASE.patient, patient_id=unidentified_patient_id(CASE.id)))
    clinic.add_photo(PatientID=unknown.patient.patient_id)
    with clinic.reports.made(unknown, "o1", OPINION) as report, sqlite.write() as unit_of_work:
        assert report is not None
        clinic.reports.index(unit_of_work, LOCAL_ADMINISTRATOR, unknown, report)
    assert clinic.count(DeliveryRow) == queued


def test_an_opinion_of_somebody_who_was_unknown_once_goes_out(sqlite: Database, tmp_path: Path) -> None:
    clinic = Clinic(sqlite, settings(tmp_path, intake={"unidentified": "hold"}))
    clinic.add_photo()
    opened_for = replace(CASE, patient=replace(CASE.patient, patient_id=unidentified_patient_id(CASE.id)))
    with clinic.reports.made(opened_for, "o1", OPINION) as report, sqlite.write() as unit_of_work:
        assert report is not None
        clinic.reports.index(unit_of_work, LOCAL_ADMINISTRATOR, opened_for, report)
    assert clinic.count(DeliveryRow) == 1


def test_reports_of_another_hospital_are_not_referred_to(clinic: Clinic) -> None:
    clinic.add_photo()
    elsewhere = replace(CASE, patient=replace(CASE.patient, hospital="south"))
    assert HOSPITAL != "south"
    with clinic.reports.made(elsewhere, "o1", OPINION) as report:
        assert report is None
