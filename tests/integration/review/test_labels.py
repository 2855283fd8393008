from collections.abc import Sequence

import pytest
from sqlalchemy import select

from gateway.access.caller import Caller, NotPermitted, Role
from gateway.access.tables import AuditRow
from gateway.database import Database
from gateway.review.label_feed import Label, read_labels
from gateway.review.labels import REASONS, InvalidLabel, add_label
from inference.rules import REASON_CODES

DOCTOR = Caller("key:1", frozenset({Role.CLINICIAN}), frozenset({"north"}))
TRAINER = Caller("key:2", frozenset({Role.TRAINER}), None)


def say(
    database: Database, *, usable: bool, reason: str | None = None, caller: Caller = DOCTOR, hospital: str = "north"
) -> None:
    with database.write() as unit_of_work:
        add_label(unit_of_work, caller, hospital=hospital, photo_id="p1", usable=usable, reason=reason)


def labels(database: Database, caller: Caller = TRAINER, *, after: int = 0, limit: int = 100) -> Sequence[Label]:
    with database.read() as session:
        return read_labels(session, caller, after=after, limit=limit)


def test_the_reasons_are_those_the_models_know() -> None:
    assert REASONS is REASON_CODES


@pytest.mark.parametrize("reason", REASON_CODES)
def test_a_label_is_read_as_it_was_said(database: Database, reason: str) -> None:
    say(database, usable=False, reason=reason)
    say(database, usable=True)
    first, second = labels(database)
    assert first == Label(1, "north", "p1", False, reason, "doctor", first.said_at, "key:1", superseded=True)
    assert second == Label(2, "north", "p1", True, None, "doctor", second.said_at, "key:1")
    assert first.said_at <= second.said_at


def test_what_a_rule_said_is_told_from_what_a_doctor_said(database: Database) -> None:
    with database.write() as unit_of_work:
        add_label(unit_of_work, DOCTOR, hospital="north", photo_id="p1", usable=True, reason=None, source="rule")
    assert [label.source for label in labels(database)] == ["rule"]


@pytest.mark.parametrize(
    ("usable", "reason"), [(True, "watermark"), (False, None), (False, "usable"), (False, "blurry"), (False, "")]
)
def test_a_label_that_contradicts_itself_is_not_kept(database: Database, usable: bool, reason: str | None) -> None:
    with pytest.raises(InvalidLabel):
        say(database, usable=usable, reason=reason)
    assert labels(database) == []


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.CLINICIAN)])
def test_only_clinicians_label(sqlite: Database, role: Role) -> None:
    with pytest.raises(NotPermitted):
        say(sqlite, usable=True, caller=Caller("x", frozenset({role}), None))


@pytest.mark.parametrize(
    "caller",
    [
        Caller("x", frozenset({Role.CLINICIAN}), frozenset({"south"})),
        Caller("x", frozenset({Role.ADMINISTRATOR}), frozenset()),
        Caller("x", frozenset({Role.CLINICIAN}), None, patient="1"),
    ],
)
def test_nobody_labels_photos_beyond_their_scope(sqlite: Database, caller: Caller) -> None:
    with pytest.raises(NotPermitted):
        say(sqlite, usable=True, caller=caller)
    assert labels(sqlite) == []


def test_labels_are_read_within_the_scope_page_by_page(database: Database) -> None:
    everywhere = Caller("key:3", frozenset({Role.CLINICIAN}), None)
    for hospital in ("north", "south", "north", "south"):
        say(database, usable=True, caller=everywhere, hospital=hospital)
    assert [label.number for label in labels(database, limit=3)] == [1, 2, 3]
    assert [label.number for label in labels(database, after=3)] == [4]
    assert [label.number for label in labels(database, DOCTOR)] == [1, 3]
    with pytest.raises(NotPermitted):
        labels(database, Caller("x", frozenset({Role.APP}), None))
    with pytest.raises(NotPermitted):
        labels(database, Caller("x", frozenset({Role.TRAINER}), None, patient="1"))


def test_a_label_leaves_an_entry_in_the_audit_trail(database: Database) -> None:
    say(database, usable=True)
    with database.read() as session:
        (entry,) = session.scalars(select(AuditRow)).all()
    assert (entry.caller_id, entry.hospital_id, entry.subject) == ("key:1", "north", "photo/p1")
