"""What a trainer learns of a page of labels: the archive's word before the sender's, in one query for all photos."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from gateway.archive.tables import InstanceRow
from gateway.database import Database
from gateway.intake import sample_facts
from gateway.intake.sample_facts import SampleFactsReader
from gateway.review.label_feed import SampleFacts
from tests.integration.review.studies import CASE, Clinic, settings
from tests.integration.review.test_diagnoses import submission

PHOTOS = 12


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The queries that are sent until the block ends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def photo_id(number: int) -> str:
    return f"{number:032x}"


@pytest.fixture
def archived(database: Database, tmp_path: Path) -> Database:
    """Photos in the archive whose senders know nothing of the patient, or something else than the archive."""
    clinic = Clinic(database, settings(tmp_path))
    uids = [clinic.add_photo(20 + number) for number in range(PHOTOS)]
    with database.read() as session:
        rows = {row.sop_instance_uid: row.id for row in session.scalars(select(InstanceRow))}
    for number, uid in enumerate(uids):
        submission(database, photo_id(number), CASE.id, instance_id=rows[uid], fields={"patient_age": "012Y"})
    submission(database, photo_id(PHOTOS), None, fields={"patient_sex": "M", "patient_age": "012Y"}, state="rejected")
    return database


def read(database: Database, count: int = PHOTOS + 1) -> dict[str, SampleFacts]:
    with database.read() as session:
        return dict(SampleFactsReader(b"k" * 32).read(session, [photo_id(number) for number in range(count)]))


def test_a_page_of_labels_costs_the_archive_one_query(archived: Database) -> None:
    with statements(archived) as sent:
        found = read(archived)
    assert len(found) == PHOTOS + 1
    assert len(sent) == 1


def test_the_archive_is_asked_in_bounded_portions(archived: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(archived)
    monkeypatch.setattr(sample_facts, "AT_ONCE", 5)
    with statements(archived) as sent:
        assert read(archived) == whole
    assert len(sent) == 3


def test_what_the_archive_knows_of_a_patient_goes_before_what_the_sender_said(archived: Database) -> None:
    found = read(archived)
    assert {(found[photo_id(number)].sex, found[photo_id(number)].age) for number in range(PHOTOS)} == {("F", 46)}
    refused = found[photo_id(PHOTOS)]
    assert (refused.sex, refused.age) == ("M", 12)


def test_nothing_is_asked_where_no_photo_is_named(database: Database) -> None:
    with statements(database) as sent:
        assert read(database, 0) == {}
    assert sent == []
