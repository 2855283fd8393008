from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from gateway.access.caller import Caller, NotPermitted, Role, Scope
from gateway.access.tables import AuditRow
from gateway.database import Database
from gateway.events.log import EventType, read
from gateway.review.referrals import (
    WAITING,
    ReferralState,
    UnknownReferral,
    find_referral,
    list_referrals,
    refer,
    referral_of,
    shown_referral,
)
from gateway.review.tables import ReferralRow
from tests.integration.review.cases import case, opened

CLINICIAN = Caller("key:1", frozenset({Role.CLINICIAN}), frozenset({"north"}))


def send(database: Database, *reasons: str, case_id: str = "1") -> None:
    with database.write() as unit_of_work:
        refer(unit_of_work, hospital="north", case_id=case_id, reasons=reasons)


def told(database: Database) -> list[list[str]]:
    """The reasons of each `referral.opened`."""
    with database.read() as session:
        events = read(session, Scope(None), after=0, limit=100, types=[EventType.REFERRAL_OPENED])
        return [event.data["reasons"] for event in events]


def listed(
    database: Database,
    caller: Caller = CLINICIAN,
    *,
    states: Collection[ReferralState] = WAITING,
    limit: int = 10,
) -> list[str]:
    """The cases of the referrals that a caller is shown."""
    with database.write() as unit_of_work:
        return [each.case_id for each, _ in list_referrals(unit_of_work, caller, states=states, limit=limit)]


def test_a_case_that_was_never_referred_says_so(database: Database) -> None:
    opened(database)
    with database.read() as session:
        assert referral_of(session, "1") is None
        assert shown_referral(session, "1", "en") == {"state": "none", "reasons": [], "opinion": None}
        assert shown_referral(session, None, "en") == {"state": "none", "reasons": [], "opinion": None}


def test_a_referral_is_opened_with_its_reasons_and_told(database: Database) -> None:
    opened(database)
    send(database, "undecided", "malignant", "undecided")
    with database.read() as session:
        assert shown_referral(session, "1", "en") == {
            "state": "open",
            "reasons": ["undecided", "malignant"],
            "opinion": None,
        }
        (event,) = read(session, Scope(None), after=0, limit=10)
        referral = referral_of(session, "1")
    assert referral is not None
    assert (event.type, event.hospital) == (EventType.REFERRAL_OPENED, "north")
    assert event.subject == f"referral/{referral.id}"
    assert event.data == {"case_id": "1", "reasons": ["undecided", "malignant"]}


def test_a_second_photo_adds_its_reasons_and_tells_nobody_again(database: Database) -> None:
    opened(database)
    send(database, "undecided")
    send(database, "unknown", "undecided")
    with database.read() as session:
        assert shown_referral(session, "1", "en")["reasons"] == ["undecided", "unknown"]
    assert told(database) == [["undecided"]]


def test_a_referral_that_was_answered_is_opened_again_by_what_comes_after(database: Database) -> None:
    opened(database)
    send(database, "undecided")
    with database.write() as unit_of_work:
        unit_of_work.session.scalars(select(ReferralRow)).one().state = ReferralState.ANSWERED.value
    send(database, "malignant")
    with database.read() as session:
        assert shown_referral(session, "1", "en")["state"] == "open"
    assert told(database) == [["undecided"], ["malignant"]]


def test_photos_of_one_case_that_are_referred_at_once_open_one_referral(database: Database) -> None:
    opened(database)
    reasons = [f"reason {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(send, database, reason) for reason in reasons]:
            done.result(timeout=30)
    with database.read() as session:
        assert sorted(shown_referral(session, "1", "en")["reasons"]) == reasons
    assert len(told(database)) == 1


def test_a_referral_that_is_not_committed_is_not_told(database: Database) -> None:
    opened(database)

    def attempt() -> None:
        with database.write() as unit_of_work:
            refer(unit_of_work, hospital="north", case_id="1", reasons=["undecided"])
            raise RuntimeError("meant")

    with pytest.raises(RuntimeError, match="meant"):
        attempt()
    assert told(database) == []


def test_those_who_wait_are_listed_the_oldest_first_within_the_hospital(database: Database) -> None:
    for name in ("1", "2", "3"):
        opened(database, case(name))
        send(database, "undecided", case_id=name)
    with database.write() as unit_of_work:
        answered = select(ReferralRow).where(ReferralRow.case_id == "2")
        unit_of_work.session.scalars(answered).one().state = ReferralState.ANSWERED.value
    elsewhere = Caller("key:2", frozenset({Role.CLINICIAN}), frozenset({"south"}))
    assert listed(database) == ["1", "3"]
    assert listed(database, limit=1) == ["1"]
    assert listed(database, states=[ReferralState.ANSWERED]) == ["2"]
    assert listed(database, elsewhere) == []


def test_who_lists_referrals_leaves_an_entry_in_the_audit_trail(database: Database) -> None:
    listed(database)
    with database.read() as session:
        (entry,) = session.scalars(select(AuditRow))
    assert (entry.caller_id, entry.action, entry.subject) == ("key:1", "query", "referrals")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.CLINICIAN)])
def test_others_than_clinicians_see_no_referrals(sqlite: Database, role: Role) -> None:
    with pytest.raises(NotPermitted):
        listed(sqlite, Caller("x", frozenset({role}), None))


def test_a_patient_sees_no_list_of_referrals(sqlite: Database) -> None:
    with pytest.raises(NotPermitted):
        listed(sqlite, Caller("x", frozenset({Role.CLINICIAN}), None, patient="1"))


def test_a_referral_of_another_hospital_is_told_as_one_that_is_not_there(database: Database) -> None:
    opened(database)
    send(database, "undecided")
    with database.read() as session:
        referral = referral_of(session, "1")
        assert referral is not None
        assert find_referral(session, Scope(None), referral.id) == referral
        for scope, referral_id in ((Scope(frozenset({"south"})), referral.id), (Scope(None), "f" * 32)):
            with pytest.raises(UnknownReferral, match=f"there is no referral {referral_id}"):
                find_referral(session, scope, referral_id)
