"""Storage commitment asked of destinations: whoever reports, over whichever association, however late."""

from datetime import timedelta

import pytest

from gateway.database import Database
from gateway.events.log import EventType
from tests.integration.delivery.hospital import (
    PROMPT,
    archived_and_queued,
    destination,
    rows,
    states,
)
from tests.integration.delivery.listener import listening
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import (
    asked_without_answer,
    come_to,
    committing,
    events_of,
    requests_of,
    working,
)


def test_a_report_on_the_same_association_commits_and_the_proof_is_kept(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        archived_and_queued(database, 5, there)
        with working(database, there):
            come_to(database, {"committed": 5})
    known = {transaction_uid for transaction_uid, _uids in pacs.requests}
    for row in rows(database):
        assert (row.proof_kind, row.prove_at) == ("commitment", None)
        assert row.proof_transaction_uid in known
        assert row.committed_at is not None
    events = events_of(database)
    assert [event.type for event in events] == [EventType.DELIVERY_COMMITTED] * 5
    assert {event.subject for event in events} == {str(row.id) for row in rows(database)}
    assert all(event.data["destination"] == "pacs" for event in events)
    assert {(request.outcome, request.sent_at is not None) for request in requests_of(database)} == {("answered", True)}


def test_a_report_on_an_association_of_the_destination_commits(database: Database) -> None:
    with ProvablePacs(reporting="new association") as pacs:
        there = committing(pacs)
        archived_and_queued(database, 5, there)
        with listening(database, [there]) as pacs.caller_port, working(database, there):
            come_to(database, {"committed": 5})
    assert set(pacs.answers) == {0}


def test_a_report_hours_later_and_after_a_restart_commits(database: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs)
        asked_without_answer(database, pacs, there)
        [(transaction_uid, asked)] = pacs.requests
        with listening(database, [there], later=timedelta(hours=5)) as port:
            assert pacs.report(transaction_uid, asked, port=port) == 0
    assert states(database) == {"committed": 3}
    [request] = requests_of(database)
    assert request.answered_at is not None
    assert request.sent_at is not None
    assert request.answered_at - request.sent_at > timedelta(hours=4)


def test_a_report_that_comes_twice_is_taken_twice_and_told_once(database: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs)
        asked_without_answer(database, pacs, there)
        [(transaction_uid, asked)] = pacs.requests
        with listening(database, [there]) as port:
            assert [pacs.report(transaction_uid, asked, port=port) for _ in range(2)] == [0, 0]
    assert states(database) == {"committed": 3}
    assert len(events_of(database)) == 3


@pytest.mark.parametrize(("ae_title", "known"), [("PACS", False), ("STRANGER", True)])
def test_an_unknown_transaction_and_one_of_another_destination_are_not_believed(
    sqlite: Database, ae_title: str, known: bool
) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs)
        asked_without_answer(sqlite, pacs, there)
        [(transaction_uid, asked)] = pacs.requests
        pacs.ae_title = ae_title
        with listening(sqlite, [there, destination("other", ae_title="STRANGER")]) as port:
            status = pacs.report(transaction_uid if known else "1.2.3", asked, port=port)
    assert status == 0x0115
    assert states(sqlite) == {"sent": 3}
    assert requests_of(sqlite)[0].outcome is None


def test_requests_hold_no_more_objects_than_is_set(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        archived_and_queued(sqlite, 35, there)
        settings = PROMPT.model_copy(update={"commitment_references": 10})
        with working(sqlite, there, settings=settings):
            come_to(sqlite, {"committed": 35})
    assert max(len(asked) for _transaction_uid, asked in pacs.requests) <= 10


def test_two_processes_do_not_ask_for_the_same_object(postgresql: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        archived_and_queued(postgresql, 60, there)
        with working(postgresql, there), working(postgresql, there):
            come_to(postgresql, {"committed": 60})
    asked = [uid for _transaction_uid, some in pacs.requests for uid in some]
    assert sorted(asked) == sorted(set(asked))
