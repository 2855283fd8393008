"""Referrals are answered once for each opinion, whatever is sent twice, at once, or breaks in between."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, NotPermitted, Role, Scope
from gateway.access.tables import AuditRow
from gateway.archive.errors import StorageFull, StoreRefused
from gateway.archive.tables import InstanceRow
from gateway.conversion.errors import InvalidFactsError
from gateway.database import Database
from gateway.delivery.tables import DeliveryRow
from gateway.events.log import EventType, read
from gateway.review.answering import Answering, OpinionKeyReused
from gateway.review.cases import PlaceTaken, open_case
from gateway.review.opinion_reports import OpinionReports
from gateway.review.opinions import GivenOpinion, Said
from gateway.review.referrals import UnknownReferral, refer, referral_of, shown_referral
from gateway.review.tables import OpinionRow
from tests.integration.review.studies import CASE, HOSPITAL, SAID, Clinic, referred_to, settings
from tests.unit.conversion.findings.test_model_report import told

DOCTOR = Caller("key:eye", frozenset({Role.CLINICIAN}), frozenset({HOSPITAL}))
AT_ONCE = 6


@pytest.fixture
def clinic(database: Database, tmp_path: Path) -> Clinic:
    """A referred case with a photo and the models' report of it."""
    made = Clinic(database, settings(tmp_path))
    made.add_photo()
    made.add_findings()
    return made


@pytest.fixture
def one(sqlite: Database, tmp_path: Path) -> Clinic:
    """The same on SQLite alone."""
    made = Clinic(sqlite, settings(tmp_path))
    made.add_photo()
    made.add_findings()
    return made


def give(clinic: Clinic, said: Said = SAID, *, key: str | None = None, caller: Caller = DOCTOR) -> GivenOpinion:
    return clinic.answering.give(caller, clinic.referral_id, said, idempotency_key=key)


def holdings(clinic: Clinic) -> tuple[object, ...]:
    """What an opinion leaves behind."""
    rows = [clinic.count(table) for table in (OpinionRow, InstanceRow, DeliveryRow)]
    return (*rows, ready(clinic), clinic.objects())


def ready(clinic: Clinic) -> int:
    with clinic.database.read() as session:
        return len(read(session, Scope(None), after=0, limit=100, types=[EventType.OPINION_READY]))


def state(clinic: Clinic) -> str:
    with clinic.database.read() as session:
        return str(shown_referral(session, CASE.id, "en")["state"])


NOTHING = (0, 2, 0, 0, (2, 0))
ONE = (1, 3, 1, 1, (3, 0))


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.CLINICIAN)])
def test_others_than_clinicians_answer_no_referral(one: Clinic, role: Role) -> None:
    with pytest.raises(NotPermitted):
        give(one, replace(SAID, diagnoses=(), comment=""), caller=Caller("x", frozenset({role}), None))
    assert holdings(one) == NOTHING


def test_a_patient_answers_no_referral(one: Clinic) -> None:
    with pytest.raises(NotPermitted):
        give(one, caller=Caller("x", frozenset({Role.CLINICIAN}), None, patient="1"))


def test_a_referral_of_another_hospital_is_not_there(one: Clinic) -> None:
    with pytest.raises(UnknownReferral):
        give(one, caller=Caller("x", frozenset({Role.CLINICIAN}), frozenset({"south"})))
    with pytest.raises(UnknownReferral):
        one.answering.give(DOCTOR, "f" * 32, SAID, idempotency_key=None)
    assert holdings(one) == NOTHING


def test_an_opinion_that_says_nothing_is_not_kept(one: Clinic) -> None:
    with pytest.raises(InvalidFactsError, match="diagnoses"):
        give(one, replace(SAID, diagnoses=(), comment=""))
    assert holdings(one) == NOTHING


def test_without_an_organization_the_site_has_to_name_one(sqlite: Database, tmp_path: Path) -> None:
    clinic = Clinic(sqlite, settings(tmp_path, site={}))
    clinic.add_photo()
    with pytest.raises(InvalidFactsError, match="organization"):
        give(clinic, replace(SAID, organization=""))
    assert clinic.count(OpinionRow) == 0


def test_the_sites_institution_stands_in_for_an_organization(one: Clinic) -> None:
    assert give(one, replace(SAID, organization="")).said.organization == "서울병원"


@pytest.mark.parametrize("step", ["enqueue", "record", "commit"])
def test_a_failure_at_any_step_leaves_nothing_and_a_retry_does_everything(
    clinic: Clinic, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    place = {
        "enqueue": "gateway.review.opinion_reports.enqueue",
        "record": "gateway.review.answering.record",
        "commit": "gateway.database.UnitOfWork.commit",
    }[step]
    with monkeypatch.context() as patched:
        patched.setattr(place, fails)
        with pytest.raises(RuntimeError, match="power cut"):
            give(clinic)
    assert holdings(clinic) == NOTHING
    assert state(clinic) == "open"
    give(clinic)
    assert holdings(clinic) == ONE


def test_an_answer_that_was_lost_after_the_commit_is_found_again(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr("gateway.database.UnitOfWork.run_after_commit", dies)
        with pytest.raises(RuntimeError, match="power cut"):
            give(clinic)
    given = give(clinic)
    assert given.report is not None
    assert holdings(clinic)[:4] == ONE[:4]
    clinic.archive.recover()
    assert clinic.archive.verify().sound


def test_where_the_archive_takes_no_report_no_opinion_is_kept(one: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageFull("no room")

    monkeypatch.setattr("gateway.archive.staging.Receiver.write", full)
    with pytest.raises(StoreRefused):
        give(one)
    assert holdings(one) == NOTHING
    assert state(one) == "open"


def test_an_opinion_answers_the_referral_and_is_kept_with_its_report(clinic: Clinic) -> None:
    given = give(clinic)
    assert holdings(clinic) == ONE
    assert given.report is not None
    report = clinic.kept()[-1]
    assert report.SOPInstanceUID == given.report["sop_instance_uid"]
    assert told(report, "Person Observer Name") == [SAID.doctor]
    with clinic.database.read() as session:
        shown = shown_referral(session, CASE.id, "ko")
    assert shown["state"] == "answered"
    assert shown["opinion"] == {
        "id": given.id,
        "given_at": given.given_at.isoformat(),
        "doctor": SAID.doctor,
        "organization": "서울병원",
        "diagnoses": [{"rank": 1, "code": "melanoma", "name": "악성 흑색종"}],
        "comment": "절제 권유",
        "report": given.report,
    }


def test_a_name_in_hangul_alone_goes_into_the_sites_group(sqlite: Database, tmp_path: Path) -> None:
    clinic = Clinic(sqlite, settings(tmp_path, site={"institution": "서울병원", "hangul_group": 2}))
    clinic.add_photo()
    assert give(clinic, replace(SAID, doctor="김의사")).said.doctor == "김의사"
    (report,) = clinic.kept()
    assert told(report, "Person Observer Name") == ["=김의사"]
    assert report.VerifyingObserverSequence[0].VerifyingObserverName == "=김의사"


def test_it_is_told_and_audited_without_identity(clinic: Clinic) -> None:
    given = give(clinic)
    with clinic.database.read() as session:
        (event,) = read(session, Scope(None), after=0, limit=100, types=[EventType.OPINION_READY])
        entries = session.scalars(select(AuditRow).where(AuditRow.caller_id == DOCTOR.id)).all()
    assert event.subject == f"referral/{clinic.referral_id}"
    assert event.data == {"opinion_id": given.id, "case_id": CASE.id}
    assert {(entry.action, entry.hospital_id) for entry in entries} == {
        ("patient-record", HOSPITAL),
        ("import", HOSPITAL),
    }
    assert f"case/{CASE.id}" in {entry.subject for entry in entries}


@pytest.mark.parametrize("key", [None, "k1"])
def test_the_same_request_again_gives_the_same_opinion(clinic: Clinic, key: str | None) -> None:
    given = give(clinic, key=key)
    assert give(clinic, key=key) == given
    assert holdings(clinic) == ONE


def test_a_key_is_of_one_opinion_and_of_one_caller(clinic: Clinic) -> None:
    given = give(clinic, key="k1")
    with pytest.raises(OpinionKeyReused):
        give(clinic, replace(SAID, comment="other words"), key="k1")
    assert holdings(clinic) == ONE
    assert give(clinic, key="k1", caller=LOCAL_ADMINISTRATOR).id != given.id


def test_a_key_is_of_one_case(one: Clinic) -> None:
    give(one, key="k1")
    other = replace(CASE, id="b" * 32, study_instance_uid="2.25.11")
    with one.database.write() as unit_of_work:
        open_case(unit_of_work, other)
        refer(unit_of_work, hospital=HOSPITAL, case_id=other.id, reasons=["undecided"])
    with one.database.read() as session:
        referral = referral_of(session, other.id)
    assert referral is not None
    with pytest.raises(OpinionKeyReused):
        one.answering.give(DOCTOR, referral.id, SAID, idempotency_key="k1")


def test_every_opinion_is_kept_and_the_newest_is_shown(clinic: Clinic) -> None:
    first = give(clinic)
    second = give(clinic, replace(SAID, doctor="Lee^Doctor", diagnoses=("nevus", "melanoma")))
    assert clinic.count(OpinionRow) == 2
    assert first.report is not None
    assert first.report["sop_instance_uid"] in referred_to(clinic.kept()[-1])
    with clinic.database.read() as session:
        shown = shown_referral(session, CASE.id, "en")["opinion"]
    assert (shown["id"], [each["code"] for each in shown["diagnoses"]]) == (second.id, ["nevus", "melanoma"])


def test_the_same_words_of_a_case_that_was_referred_anew_are_another_opinion(clinic: Clinic) -> None:
    first = give(clinic)
    clinic.add_photo(13)
    clinic.refer("malignant")
    assert state(clinic) == "open"
    with clinic.database.read() as session:
        assert shown_referral(session, CASE.id, "en")["opinion"]["id"] == first.id
    assert give(clinic).id != first.id
    assert state(clinic) == "answered"


def test_a_case_that_lost_its_pictures_still_takes_an_opinion_without_a_report(
    sqlite: Database, tmp_path: Path
) -> None:
    clinic = Clinic(sqlite, settings(tmp_path))
    given = give(clinic)
    assert given.report is None
    assert state(clinic) == "answered"
    assert give(clinic) == given
    assert (clinic.count(OpinionRow), clinic.count(InstanceRow)) == (1, 0)


def test_a_case_that_never_stands_still_is_told_so(one: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    _while_indexing(monkeypatch, _more_photos(one))
    with pytest.raises(PlaceTaken):
        give(one)
    assert one.count(OpinionRow) == 0
    assert one.objects()[1] == 0


def test_a_photo_that_comes_meanwhile_is_in_the_report(one: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        _while_indexing(patched, _more_photos(one, 1))
        give(one)
    assert told(one.kept()[-1], "Source of Measurement") == ["2.25.12", "2.25.100"]


def _more_photos(clinic: Clinic, most: int = 100) -> Callable[[], None]:
    numbers = iter(range(100, 100 + most))

    def add() -> None:
        if (number := next(numbers, None)) is not None:
            clinic.add_photo(number)

    return add


def _while_indexing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen between the making of a report and the transaction that archives it."""
    report = OpinionReports._report

    def made(*arguments: object) -> object:
        act()
        return report(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(OpinionReports, "_report", made)


def test_the_same_opinion_sent_many_times_at_once_is_kept_once(clinic: Clinic) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [pool.submit(give, clinic, key="k1") for _ in range(AT_ONCE)]
        given = [each.result(timeout=60) for each in sent]
    assert len({each.id for each in given}) == 1
    assert holdings(clinic) == ONE


def test_opinions_given_at_once_are_numbered_one_after_the_other(clinic: Clinic) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = [replace(SAID, doctor=f"Doctor^{number}") for number in range(AT_ONCE)]
        for done in [pool.submit(give, clinic, each) for each in said]:
            done.result(timeout=60)
    reports = clinic.kept()[1:]
    assert [int(report.InstanceNumber) for report in reports] == list(range(1, AT_ONCE + 1))
    assert [len(referred_to(report)) for report in reports] == list(range(1, AT_ONCE + 1))
    assert clinic.objects() == (2 + AT_ONCE, 0)


def test_a_comment_alone_keeps_nobody_from_deleting_photos(one: Clinic) -> None:
    asked: list[str] = []

    def photos_of(_session: Session, _hospital: str, case_id: str) -> Sequence[str]:
        asked.append(case_id)
        return ()

    answering = Answering(one.reports, photos_of)
    answering.give(DOCTOR, one.referral_id, replace(SAID, diagnoses=()), idempotency_key=None)
    assert asked == []
    answering.give(DOCTOR, one.referral_id, SAID, idempotency_key=None)
    assert asked == [CASE.id]
