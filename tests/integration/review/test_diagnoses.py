"""Diagnoses among the labels: who may say them, what supersedes what, what a trainer learns of the photos."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from gateway.access.audit import Action
from gateway.access.caller import Caller, NotPermitted, Permission, Role
from gateway.access.tables import AuditRow
from gateway.database import Database
from gateway.intake.sample_facts import SampleFactsReader, photos_of_case
from gateway.intake.tables import SubmissionRow
from gateway.review.label_feed import Kind, Label, SampleFacts, read_labels, with_facts
from gateway.review.labels import InvalidLabel, add_diagnosis, add_label, bury_labels, withdraw_label
from gateway.review.tables import OpinionRow
from tests.integration.faces import app_over, key_for, served
from tests.integration.review.studies import CASE, HOSPITAL, SAID, Clinic, settings

KIM = Caller("key:kim", frozenset({Role.CLINICIAN}), frozenset({"north"}))
LEE = Caller("key:lee", frozenset({Role.CLINICIAN}), None)
TRAINER = Caller("key:trainer", frozenset({Role.TRAINER}), None)
RECEIVED_AT = datetime(2026, 5, 1, tzinfo=UTC)
EVERY: tuple[Kind, ...] = ("suitability", "diagnosis", "deletion")


def diagnose(database: Database, diagnosis: str, caller: Caller = KIM, alternatives: tuple[str, ...] = ()) -> None:
    with database.write() as unit_of_work:
        add_diagnosis(
            unit_of_work, caller, hospital="north", photo_id="p1", diagnosis=diagnosis, alternatives=alternatives
        )


def take_back(database: Database, caller: Caller = KIM) -> None:
    with database.write() as unit_of_work:
        withdraw_label(unit_of_work, caller, hospital="north", photo_id="p1", kind="diagnosis")


def labels(database: Database, *kinds: Kind) -> list[Label]:
    with database.read() as session:
        return list(read_labels(session, TRAINER, after=0, limit=100, kinds=kinds or EVERY))


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.CLINICIAN)])
def test_only_clinicians_make_diagnoses(sqlite: Database, role: Role) -> None:
    with pytest.raises(NotPermitted):
        diagnose(sqlite, "nevus", Caller("x", frozenset({role}), None))


@pytest.mark.parametrize("caller", [
    Caller("x", frozenset({Role.CLINICIAN}), frozenset({"south"})),
    Caller("x", frozenset({Role.CLINICIAN}), None, patient="1"),
])  # fmt: skip
def test_nobody_makes_or_takes_back_diagnoses_beyond_their_scope(sqlite: Database, caller: Caller) -> None:
    diagnose(sqlite, "nevus")
    with pytest.raises(NotPermitted):
        diagnose(sqlite, "nevus", caller)
    with pytest.raises(NotPermitted):
        take_back(sqlite, caller)
    assert len(labels(sqlite)) == 1


@pytest.mark.parametrize(("diagnosis", "others"), [("dragon_pox", ()), ("nevus", ("dragon_pox",)), ("", ())])
def test_what_is_no_disease_is_no_diagnosis(sqlite: Database, diagnosis: str, others: tuple[str, ...]) -> None:
    with pytest.raises(InvalidLabel, match="no code of a disease"):
        diagnose(sqlite, diagnosis, alternatives=others)


def test_a_doctors_later_word_supersedes_the_earlier_one_and_nobody_elses(database: Database) -> None:
    diagnose(database, "nevus", alternatives=("melanoma", "nevus", "melanoma"))
    diagnose(database, "psoriasis", LEE)
    diagnose(database, "melanoma")
    with database.write() as unit_of_work:
        add_label(unit_of_work, KIM, hospital="north", photo_id="p1", usable=True, reason=None)
    found = [(label.number, label.kind, label.diagnosis, label.superseded) for label in labels(database)]
    assert found == [
        (1, "diagnosis", "nevus", True), (2, "diagnosis", "psoriasis", False), (3, "diagnosis", "melanoma", False),
        (4, "suitability", None, False),
    ]  # fmt: skip
    assert labels(database)[0].alternatives == ("melanoma",)


def test_who_asks_for_no_kind_is_told_of_suitability_alone(database: Database) -> None:
    diagnose(database, "nevus")
    with database.write() as unit_of_work:
        add_label(unit_of_work, KIM, hospital="north", photo_id="p1", usable=True, reason=None)
        bury_labels(unit_of_work, hospital="north", photo_id="p1")
    with database.read() as session:
        earlier = read_labels(session, TRAINER, after=0, limit=100)
    assert [(label.number, label.usable) for label in earlier] == [(2, True)]


def test_a_word_is_taken_back_once_and_by_whoever_said_it(database: Database) -> None:
    diagnose(database, "nevus")
    take_back(database, LEE)
    take_back(database)
    take_back(database)
    assert [(label.withdrawn, label.superseded, label.said_by) for label in labels(database)] == [
        (False, True, "key:kim"),
        (True, False, "key:kim"),
    ]


def test_a_photo_that_is_gone_leaves_a_mark_where_anything_was_said_of_it(database: Database) -> None:
    with database.write() as unit_of_work:
        bury_labels(unit_of_work, hospital="north", photo_id="p1")
    assert labels(database) == []
    diagnose(database, "nevus")
    with database.write() as unit_of_work:
        bury_labels(unit_of_work, hospital="north", photo_id="p1")
    assert [(label.kind, label.superseded) for label in labels(database)] == [("diagnosis", True), ("deletion", False)]


def test_a_diagnosis_leaves_an_entry_in_the_audit_trail(sqlite: Database) -> None:
    diagnose(sqlite, "nevus")
    with sqlite.read() as session:
        (entry,) = session.scalars(select(AuditRow)).all()
    assert (entry.caller_id, entry.hospital_id, entry.subject) == ("key:kim", "north", "photo/p1")


# -- opinions


def submission(database: Database, photo_id: str, case_id: str | None, **columns: object) -> None:
    fields = columns.pop("fields", {})
    row = {
        "id": photo_id, "hospital_id": HOSPITAL, "caller_id": "x", "patient": None, "state": "accepted",
        "received_at": RECEIVED_AT, "fields": fields, "case_id": case_id, "judgement": {"usable": True},
    }  # fmt: skip
    with database.write() as unit_of_work:
        unit_of_work.session.add(SubmissionRow(**(row | columns)))


def test_what_an_opinion_says_first_becomes_the_label_of_each_photo_of_its_case(
    sqlite: Database, tmp_path: Path
) -> None:
    clinic = Clinic(sqlite, settings(tmp_path))
    submission(sqlite, "1" * 32, CASE.id)
    submission(sqlite, "2" * 32, CASE.id)
    submission(sqlite, "3" * 32, CASE.id, judgement={"usable": True, "frame": 3})
    submission(sqlite, "4" * 32, None)
    doctor = Caller("key:doctor", frozenset({Role.CLINICIAN}), None)
    clinic.answering.give(doctor, clinic.referral_id, SAID, idempotency_key=None)
    said = [(label.photo_id, label.diagnosis, label.said_by) for label in labels(sqlite)]
    assert said == [("1" * 32, "melanoma", "key:doctor"), ("2" * 32, "melanoma", "key:doctor")]
    clinic.answering.give(doctor, clinic.referral_id, SAID, idempotency_key=None)
    assert len(labels(sqlite)) == 2
    with sqlite.read() as session:
        assert len(session.scalars(select(OpinionRow)).all()) == 1
        assert photos_of_case(session, "elsewhere", CASE.id) == []


# -- facts


def facts_of(database: Database, *photo_ids: str) -> dict[str, SampleFacts]:
    with database.read() as session:
        return dict(SampleFactsReader(b"k" * 32).read(session, photo_ids))


def test_a_trainer_learns_what_it_needs_and_not_whose_photo_it_is(sqlite: Database, tmp_path: Path) -> None:
    Clinic(sqlite, settings(tmp_path))
    known = {"patient_id": CASE.patient.patient_id, "lesion_id": "L1", "patient_sex": "F", "patient_age": "093Y"}
    submission(sqlite, "1" * 32, CASE.id, fields=known | {"body_site": "back"})
    submission(sqlite, "2" * 32, None, fields=known, state="rejected")  # refused by a model: of no case
    submission(sqlite, "3" * 32, None, fields={"patient_birth_date": "1970-03-01"}, state="rejected")
    found = facts_of(sqlite, *("1" * 32, "2" * 32, "3" * 32, "4" * 32))
    first, second, third = (found[each * 32] for each in "123")
    assert (first.sex, first.age, first.body_site) == ("F", 90, "back")
    assert (first.patient, first.lesion) == (second.patient, second.lesion)
    assert (third.patient, third.lesion, third.age) == (None, None, 56)
    told = repr(found)
    assert all(word not in told for word in (CASE.patient.patient_id, "L1", "1970", "093"))
    assert len(found) == 3


def test_only_a_trainer_is_told_facts(sqlite: Database) -> None:
    diagnose(sqlite, "nevus")
    with sqlite.read() as session, pytest.raises(NotPermitted, match=Permission.READ_SAMPLE_FACTS.value):
        with_facts(session, KIM, labels(sqlite), SampleFactsReader(b"k" * 32).read)


# -- over HTTP


@pytest.fixture
def client(sqlite: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    with served(app_over(sqlite, tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    "words",
    [
        {}, {"usable": True, "diagnosis": "nevus"}, {"diagnosis": "nevus", "withdraw": "diagnosis"},
        {"reason": "watermark"}, {"alternatives": ["nevus"]}, {"diagnosis": "dragon_pox"}, {"withdraw": "deletion"},
        {"diagnosis": "nevus", "source": "rule"}, {"withdraw": "diagnosis", "source": "rule"},
        {"diagnosis": "nevus", "reason": "watermark"}, {"diagnosis": "n" * 65},
        {"diagnosis": "nevus", "alternatives": ["melanoma"] * 5},
    ],
)  # fmt: skip
def test_a_word_that_says_nothing_or_too_much_is_refused(
    client: httpx.Client, sqlite: Database, words: dict[str, object]
) -> None:
    submission(sqlite, "1" * 32, None)
    assert client.post(f"/api/v1/photos/{'1' * 32}/label", json=words).status_code == 422
    assert labels(sqlite) == []


def test_diagnoses_are_said_read_and_taken_back(client: httpx.Client, sqlite: Database) -> None:
    photo_id = "1" * 32
    submission(sqlite, photo_id, None, fields={"patient_id": "P1", "patient_sex": "M"}, state="rejected")
    clinician, trainer = key_for(sqlite, Role.CLINICIAN), key_for(sqlite, Role.TRAINER)
    for words in ({"diagnosis": "nevus", "alternatives": ["melanoma"]}, {"withdraw": "diagnosis"}):
        client.post(f"/api/v1/photos/{photo_id}/label", json=words, headers=clinician).raise_for_status()
    asked = {"kind": ["diagnosis", "deletion"]}
    first, second = client.get("/api/v1/labels", params=asked, headers=trainer).json()["labels"]
    assert (first["diagnosis"], first["alternatives"], first["superseded"]) == ("nevus", ["melanoma"], True)
    assert (first["usable"], first["about"]["sex"]) == (None, "M")
    assert len(first["about"]["patient"]) == 64
    assert (second["withdrawn"], second["diagnosis"]) == (True, None)
    seen = client.get("/api/v1/labels", params=asked, headers=clinician).json()["labels"]
    assert [each["about"] for each in seen] == [None, None]
    with sqlite.read() as session:
        exported = session.scalars(select(AuditRow).where(AuditRow.action == Action.EXPORTED.value)).all()
    assert [(entry.subject, entry.detail) for entry in exported] == [("labels", {"labels": 2})]


def test_a_photo_that_is_deleted_over_http_is_told_of(client: httpx.Client, sqlite: Database) -> None:
    photo_id = "1" * 32
    submission(sqlite, photo_id, None, fields={"patient_id": "P1"}, state="rejected")
    client.post(f"/api/v1/photos/{photo_id}/label", json={"diagnosis": "nevus"}).raise_for_status()
    client.delete(f"/api/v1/photos/{photo_id}").raise_for_status()
    told = client.get("/api/v1/labels", params={"kind": ["diagnosis", "deletion"]}).json()["labels"]
    assert [(each["kind"], each["about"]) for each in told] == [("diagnosis", None), ("deletion", None)]
