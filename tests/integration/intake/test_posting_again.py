"""The same request again, after the photo was deleted: nothing of what was said of it is told or kept."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.access.caller import Caller, Role
from gateway.archive.folder_storage import FolderStorage
from gateway.config import IntakeSettings
from gateway.database import Database, now
from gateway.intake import idempotency
from gateway.intake.submission import SubmissionState
from gateway.intake.tables import IdempotencyRow, SubmissionRow
from gateway.operations.schedule import Schedule
from tests.e2e.photos import photo
from tests.integration.intake.served import Served

PATIENT = {"patient_id": "P-7", "patient_name": "Hong^Gildong", "note": "since spring"}
APP = Caller("key:app", frozenset({Role.APP}), None)
PHOTO, OTHER = "1" * 32, "2" * 32


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_a_deleted_photo_is_told_no_more_and_made_no_second_time(fresh: Served, prefer: str) -> None:
    headers = {"Idempotency-Key": "k", "Prefer": prefer}
    posted = fresh.post(photo(1), PATIENT, headers)
    assert posted.status_code in {201, 202}
    fresh.http.delete(posted.headers["location"]).raise_for_status()
    again = fresh.post(photo(1), PATIENT, headers)
    assert (again.status_code, fresh.count(SubmissionRow)) == (410, 0)
    assert again.headers["content-type"] == "application/problem+json"
    assert not [said for said in PATIENT.values() if said in again.text]
    assert fresh.post(photo(1), {**PATIENT, "note": "x"}, headers).status_code == 422, "the key stays used"


def test_what_was_answered_of_a_photo_is_not_kept_longer_than_the_photo(fresh: Served) -> None:
    for number, key in enumerate(("gone", "stays")):
        posted = fresh.post(photo(number), PATIENT, {"Idempotency-Key": key})
        if key == "gone":
            fresh.http.delete(posted.headers["location"]).raise_for_status()
    assert [PATIENT["patient_id"].encode() in answer for answer in _answers(fresh.gateway.database)] == [False, True]


def test_the_tidy_up_takes_the_answer_along_with_a_rejected_photo(database: Database, tmp_path: Path) -> None:
    for photo_id, state in ((PHOTO, SubmissionState.REJECTED), (OTHER, SubmissionState.ACCEPTED)):
        _keep_answered(database, photo_id, state)
    schedule = Schedule(database, FolderStorage(tmp_path / "objects"), IntakeSettings(retain_rejected_days=0))
    assert schedule.tidy() == 1
    assert [b"P-7" in answer for answer in _answers(database)] == [False, True]


def test_an_answer_is_found_however_long_ago_it_was_given(database: Database, tmp_path: Path) -> None:
    """Nobody looks through the keys of a day that is not the photo's."""
    _keep_answered(database, PHOTO, SubmissionState.REJECTED)
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(SubmissionRow).values(received_at=now() - timedelta(hours=20)))
        unit_of_work.session.execute(update(IdempotencyRow).values(expires_at=now() + timedelta(hours=4)))
    schedule = Schedule(database, FolderStorage(tmp_path / "objects"), IntakeSettings(retain_rejected_days=0))
    assert schedule.tidy() == 1
    assert [b"P-7" in answer for answer in _answers(database)] == [False]


def _keep_answered(database: Database, photo_id: str, state: SubmissionState) -> None:
    claimed = idempotency.claim(database, APP, photo_id, "0" * 64)
    assert isinstance(claimed, idempotency.Claim)
    row = SubmissionRow(
        id=photo_id, hospital_id="north", caller_id=APP.id, state=state.value, received_at=now(), fields={}
    )
    with database.write() as unit_of_work:
        unit_of_work.session.add(row)
        body = f'{{"id":"{photo_id}","patient_id":"P-7"}}'.encode()
        idempotency.answer(unit_of_work, claimed, 201, body)


def _answers(database: Database) -> list[bytes]:
    """By key."""
    with database.read() as session:
        return [answer or b"" for answer in session.scalars(select(IdempotencyRow.answer).order_by(IdempotencyRow.key))]
