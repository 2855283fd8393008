"""Somebody asks for a doctor: who may, what comes of it, and that asking twice is one referral."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from gateway.access.caller import Caller, NotPermitted, Role, Scope
from gateway.access.tables import AuditRow
from gateway.archive.tables import PatientRow
from gateway.database import Database
from gateway.events.log import EventType, read
from gateway.review.asking import ask_for_doctor
from gateway.review.cases import UnknownCase
from gateway.review.documents import ReferralView
from gateway.review.referrals import Referral, ReferralState, refer, referral_of
from gateway.review.tables import ReferralRow
from tests.integration.faces import app_over, key_for, served
from tests.integration.review.cases import case, opened

APP = Caller("key:1", frozenset({Role.APP}), frozenset({"north"}))


def ask(database: Database, caller: Caller = APP, case_id: str = "1") -> Referral:
    with database.write() as unit_of_work:
        return ask_for_doctor(unit_of_work, caller, case_id)[0]


def told(database: Database) -> list[list[str]]:
    """The reasons of each `referral.opened`."""
    with database.read() as session:
        events = read(session, Scope(None), after=0, limit=100, types=[EventType.REFERRAL_OPENED])
        return [event.data["reasons"] for event in events]


def patient_row(database: Database, patient_id: str) -> str:
    with database.write() as unit_of_work:
        row = PatientRow(
            hospital_id="north", issuer_of_patient_id="SNUH", patient_id=patient_id, birth_date="", sex="",
            attributes={},
        )  # fmt: skip
        unit_of_work.session.add(row)
        unit_of_work.session.flush()
        return str(row.id)


@pytest.mark.parametrize("role", [Role.TRAINER, Role.VIEWER, Role.MODALITY, Role.GATEWAY, Role.MONITOR])
def test_who_sends_no_photos_asks_for_no_doctor(sqlite: Database, role: Role) -> None:
    opened(sqlite)
    with pytest.raises(NotPermitted):
        ask(sqlite, Caller("x", frozenset({role}), None))
    assert told(sqlite) == []


@pytest.mark.parametrize(
    ("caller", "case_id"), [(Caller("x", frozenset({Role.APP}), frozenset({"south"})), "1"), (APP, "2")]
)
def test_a_case_that_the_caller_does_not_see_is_not_there(sqlite: Database, caller: Caller, case_id: str) -> None:
    opened(sqlite)
    with pytest.raises(UnknownCase):
        ask(sqlite, caller, case_id)
    assert told(sqlite) == []


def test_a_patient_asks_for_the_own_case_alone(sqlite: Database) -> None:
    opened(sqlite)
    own, other = (patient_row(sqlite, patient_id) for patient_id in ("12345678", "87654321"))
    with pytest.raises(UnknownCase):
        ask(sqlite, Caller("x", frozenset({Role.APP}), frozenset({"north"}), patient=other))
    assert ask(sqlite, Caller("x", frozenset({Role.APP}), frozenset({"north"}), patient=own)).reasons == ["asked"]


def test_asked_twice_is_one_referral_told_once(database: Database) -> None:
    opened(database)
    first = ask(database)
    assert (first.state, first.reasons) == (ReferralState.OPEN, ["asked"])
    assert ask(database) == first
    assert told(database) == [["asked"]]


def test_many_who_ask_at_once_open_one_referral(database: Database) -> None:
    opened(database)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, database) for _ in range(8)]
        assert len({each.result(timeout=30).id for each in asked}) == 1
    assert told(database) == [["asked"]]


def test_asking_adds_to_a_referral_that_waits_already(database: Database) -> None:
    opened(database)
    with database.write() as unit_of_work:
        refer(unit_of_work, hospital="north", case_id="1", reasons=["malignant"])
    assert ask(database).reasons == ["malignant", "asked"]
    assert told(database) == [["malignant"]]


@pytest.mark.parametrize("state", [ReferralState.CLAIMED, ReferralState.VIDEO_REQUESTED])
def test_asking_takes_no_referral_from_the_doctor_who_works_on_it(sqlite: Database, state: ReferralState) -> None:
    opened(sqlite)
    ask(sqlite)
    _put(sqlite, state)
    assert ask(sqlite).state == state


def test_a_referral_that_was_answered_opens_anew_when_somebody_asks_anew(database: Database) -> None:
    opened(database)
    before = ask(database)
    _put(database, ReferralState.ANSWERED)
    again = ask(database)
    assert (again.id, again.state) == (before.id, ReferralState.OPEN)
    assert again.opened_at > before.opened_at
    assert told(database) == [["asked"], ["asked"]]


def test_asking_is_entered_in_the_audit_trail(sqlite: Database) -> None:
    opened(sqlite)
    ask(sqlite)
    with sqlite.read() as session:
        (entry,) = session.scalars(select(AuditRow))
    assert (entry.caller_id, entry.action, entry.subject) == ("key:1", "procedure-record", "case/1")
    assert entry.hospital_id == "north"


@pytest.fixture
def client(sqlite: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client with an app's key, of a gateway that has one case."""
    opened(sqlite, case("a" * 32))
    with served(app_over(sqlite, tmp_path)) as made:
        made.headers.update(key_for(sqlite, Role.APP, hospitals=["north"]))
        yield made


@pytest.mark.parametrize(("case_id", "status"), [("f" * 32, 404), ("x", 422), ("A" * 32, 422)])
def test_a_case_that_is_not_there_is_told_so_over_http(client: httpx.Client, case_id: str, status: int) -> None:
    response = client.post(f"/api/v1/cases/{case_id}/referral")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content",
    [b'{"note": "it bleeds"}', b"note=it+bleeds", b'"it bleeds"', b"[1]", b"[]", b"0", b'""', b"[" * 100_000, b"\xff"],
)
def test_words_that_no_doctor_would_read_are_refused_and_nothing_is_asked(
    client: httpx.Client, sqlite: Database, content: bytes
) -> None:
    response = client.post(f"/api/v1/cases/{'a' * 32}/referral", content=content)
    assert response.status_code == 422
    (fault,) = response.json()["errors"]
    assert fault["field"] == "body"
    assert "note" in fault["fault"]
    assert "bleeds" not in response.text
    assert told(sqlite) == []


@pytest.mark.parametrize("content", [b"", b"{}", b" {} ", b"{ }", b"{\r\n}\r\n", b"null", b" "])
def test_a_body_that_says_nothing_is_none(client: httpx.Client, content: bytes) -> None:
    assert client.post(f"/api/v1/cases/{'a' * 32}/referral", content=content).status_code == 200


def test_who_may_not_ask_is_told_so_before_the_body_is_looked_at(client: httpx.Client) -> None:
    headers = {"Authorization": "Bearer wrong"}
    assert client.post(f"/api/v1/cases/{'a' * 32}/referral", content=b"words", headers=headers).status_code == 401


def test_an_app_asks_over_http_and_asks_again(client: httpx.Client, sqlite: Database) -> None:
    path = f"/api/v1/cases/{'a' * 32}/referral"
    first, again = (client.post(path) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 200
    view = ReferralView.model_validate(first.json())
    assert (view.state, view.reasons, view.opinion) == (ReferralState.OPEN, ["asked"], None)
    with sqlite.read() as session:
        found = referral_of(session, "a" * 32)
    assert found is not None
    assert found.id == view.id
    assert client.post(path, headers={"Authorization": "Bearer wrong"}).status_code == 401


def _put(database: Database, state: ReferralState) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.scalars(select(ReferralRow)).one().state = state.value
