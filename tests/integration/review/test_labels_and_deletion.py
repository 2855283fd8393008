"""A word on a photo and the photo's deletion at the same moment: no word is left of a photo that nobody can find.

On PostgreSQL, where both are under way at once: SQLite has one writer, who is alone with the database in any case. That
the tidy-up leaves its mark is shown on both.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.caller import LOCAL_ADMINISTRATOR, Caller, Role
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.archive.tables import InstanceRow
from gateway.config import IntakeSettings
from gateway.database import Database
from gateway.events.log import record
from gateway.intake.looking import Looking
from gateway.intake.sample_facts import photos_of_case
from gateway.intake.submission import UnknownSubmission
from gateway.intake.tables import SubmissionRow
from gateway.operations.schedule import Schedule
from gateway.review.answering import Answering
from gateway.review.label_feed import Kind, read_labels
from gateway.review.labels import add_label
from tests.integration.review.studies import CASE, HOSPITAL, SAID, Clinic, settings

PHOTO = "1" * 32
DOCTOR = Caller("key:doctor", frozenset({Role.CLINICIAN}), None)
WAIT_SECONDS = 20.0
"""At most; who is alone with the database goes on sooner."""
ALONE_SECONDS = 0.5
"""How long who came first waits for the other to come to its end, which it cannot where it has to wait."""


def keep_photo(database: Database, **columns: object) -> None:
    row = {
        "id": PHOTO, "hospital_id": HOSPITAL, "caller_id": "x", "patient": None, "state": "accepted",
        "received_at": datetime(2026, 5, 1, tzinfo=UTC), "fields": {}, "judgement": {"usable": True},
    }  # fmt: skip
    with database.write() as unit_of_work:
        unit_of_work.session.add(SubmissionRow(**(row | columns)))


def photos_over(database: Database, folder: Path) -> Looking:
    storage = FolderStorage(folder / "objects")
    return Looking(database, ArchiveService(database, storage), storage)


def kinds(database: Database) -> list[Kind]:
    every: Sequence[Kind] = ("suitability", "diagnosis", "deletion")
    with database.read() as session:
        return [one.kind for one in read_labels(session, LOCAL_ADMINISTRATOR, after=0, limit=100, kinds=every)]


def is_there(database: Database) -> bool:
    with database.read() as session:
        return session.get(SubmissionRow, PHOTO) is not None


def meanwhile(act: Callable[[], object]) -> Future[None]:
    """Begun in another thread, and given time to come to its end."""
    pool = ThreadPoolExecutor(1)
    begun = threading.Event()

    def run() -> None:
        begun.set()
        act()

    future = pool.submit(run)
    begun.wait(WAIT_SECONDS)
    pool.shutdown(wait=False)
    threading.Event().wait(ALONE_SECONDS)
    return future


def test_a_photo_that_is_deleted_while_a_word_is_on_its_way_leaves_a_mark(postgresql: Database, tmp_path: Path) -> None:
    keep_photo(postgresql)
    photos = photos_over(postgresql, tmp_path)
    with photos._labelling(DOCTOR, PHOTO) as (unit_of_work, photo):
        add_label(unit_of_work, DOCTOR, **photo, usable=True, reason=None)
        deleting = meanwhile(lambda: photos.delete(LOCAL_ADMINISTRATOR, PHOTO))
    deleting.result(WAIT_SECONDS)
    assert (kinds(postgresql), is_there(postgresql)) == (["suitability", "deletion"], False)


def test_a_word_on_a_photo_that_is_being_deleted_comes_too_late(
    postgresql: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_photo(postgresql)
    photos = photos_over(postgresql, tmp_path)
    saying: list[Future[None]] = []

    def say_first(*arguments: Any, **more: Any) -> None:
        """Between the mark on the labels and the commit."""
        saying.append(meanwhile(lambda: photos.label(DOCTOR, PHOTO, usable=True, reason=None)))
        record(*arguments, **more)

    monkeypatch.setattr("gateway.intake.looking.record", say_first)
    photos.delete(LOCAL_ADMINISTRATOR, PHOTO)
    with pytest.raises(UnknownSubmission):
        saying[0].result(WAIT_SECONDS)
    assert (kinds(postgresql), is_there(postgresql)) == ([], False)


def test_a_rejected_photo_whose_time_is_over_is_removed_with_a_mark_or_later(
    database: Database, tmp_path: Path
) -> None:
    keep_photo(database, state="rejected", received_at=datetime(2020, 1, 1, tzinfo=UTC))
    photos = photos_over(database, tmp_path)
    schedule = Schedule(database, FolderStorage(tmp_path / "objects"), IntakeSettings())
    with photos._labelling(DOCTOR, PHOTO) as (unit_of_work, photo):
        add_label(unit_of_work, DOCTOR, **photo, usable=True, reason=None)
        tidying = meanwhile(schedule.tidy)
    tidying.result(WAIT_SECONDS)
    schedule.tidy()
    assert (kinds(database), is_there(database)) == (["suitability", "deletion"], False)


def test_a_photo_that_is_deleted_while_its_case_is_answered_leaves_a_mark(postgresql: Database, tmp_path: Path) -> None:
    clinic = Clinic(postgresql, settings(tmp_path))
    uid = clinic.add_photo()
    with postgresql.read() as session:
        instance = session.scalar(select(InstanceRow.id).where(InstanceRow.sop_instance_uid == uid))
    keep_photo(postgresql, case_id=CASE.id, instance_id=instance, dicom={"sop_instance_uid": uid})
    photos = photos_over(postgresql, tmp_path)
    deleting: list[Future[None]] = []

    def photos_of(session: Session, hospital: str, case_id: str) -> Sequence[str]:
        found = photos_of_case(session, hospital, case_id)
        deleting.append(meanwhile(lambda: photos.delete(LOCAL_ADMINISTRATOR, PHOTO)))
        return found

    Answering(clinic.reports, photos_of).give(DOCTOR, clinic.referral_id, SAID, idempotency_key=None)
    deleting[0].result(WAIT_SECONDS)
    assert (kinds(postgresql), is_there(postgresql)) == (["diagnosis", "deletion"], False)
