"""Storage commitment that is refused, or not answered."""

import pytest

from gateway.database import Database
from gateway.events.log import EventType
from tests.integration.delivery.hospital import (
    archived_and_queued,
    rows,
    states,
    uids,
    wait_until,
)
from tests.integration.delivery.listener import listening
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import (
    AT_ONCE,
    come_to,
    committing,
    events_of,
    sent_unproven,
    to_be_proved_now,
    working,
)


def test_what_is_refused_is_sent_again_until_it_is_committed(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        instance_ids = archived_and_queued(database, 6, there)
        refused = set(sorted(uids(database, instance_ids))[:2])
        pacs.refuses = set(refused)
        with working(database, there):
            wait_until(lambda: all(pacs.received[uid] >= 2 for uid in refused), "what is refused comes again")
            pacs.refuses.clear()
            come_to(database, {"committed": 6})
    assert all(pacs.received[uid] == 1 for uid in set(pacs.received) - refused)


def test_what_is_always_refused_is_dead_with_the_reason(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        instance_ids = archived_and_queued(database, 2, there)
        pacs.refuses = set(sorted(uids(database, instance_ids))[:1])
        with working(database, there):
            come_to(database, {"committed": 1, "dead": 1})
        assert sorted(pacs.received.values()) == [1, 4]
    [dead] = [row for row in rows(database) if row.state == "dead"]
    assert "sent 4 times: storage commitment refused, 0x0112: it does not hold it" in (dead.last_message or "")
    assert EventType.DELIVERY_DEAD in {event.type for event in events_of(database)}


@pytest.mark.parametrize(("reason", "state"), [(0x0122, "not_accepted"), (0x0119, "dead")])
def test_a_kind_that_is_not_kept_is_not_sent_again(sqlite: Database, reason: int, state: str) -> None:
    with ProvablePacs(reason=reason) as pacs:
        there = committing(pacs)
        instance_ids = archived_and_queued(sqlite, 1, there)
        pacs.refuses = uids(sqlite, instance_ids)
        with working(sqlite, there):
            come_to(sqlite, {state: 1})
        assert set(pacs.received.values()) == {1}


def test_what_is_not_answered_in_time_is_asked_again_and_a_late_answer_is_believed(database: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs, idle_seconds=0.01)
        sent_unproven(database, there, 2)
        to_be_proved_now(database)
        with working(database, there, settings=AT_ONCE):
            wait_until(lambda: len(pacs.requests) >= 2, "asked again")
        first, second, *_ = pacs.requests
        assert first[0] != second[0], "under another transaction"
        assert sorted(first[1]) == sorted(second[1])
        with listening(database, [there]) as port:
            assert pacs.report(*first, port=port) == 0
    assert states(database) == {"committed": 2}
    assert {row.proof_transaction_uid for row in rows(database)} == {first[0]}


def test_a_failure_that_is_told_too_late_has_nothing_sent_again(sqlite: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs, idle_seconds=0.01)
        archived_and_queued(sqlite, 1, there)
        with working(sqlite, there, settings=AT_ONCE):
            wait_until(lambda: len(pacs.requests) >= 2, "asked again")
        first, *_ = pacs.requests
        pacs.refuses = set(first[1])
        with listening(sqlite, [there]) as port:
            assert pacs.report(*first, port=port) == 0
    assert states(sqlite) == {"sent": 1}


def test_a_destination_that_never_answers_is_queried_in_the_end(database: Database) -> None:
    with ProvablePacs(reporting="never") as pacs:
        there = committing(pacs, idle_seconds=0.01)
        archived_and_queued(database, 2, there)
        with working(database, there, settings=AT_ONCE):
            come_to(database, {"confirmed": 2})
        assert len(pacs.requests) == 3
    assert {row.proof_kind for row in rows(database)} == {"query"}


def test_where_storage_commitment_is_not_taken_a_query_confirms(database: Database) -> None:
    with ProvablePacs(commits=False) as pacs:
        there = committing(pacs)
        archived_and_queued(database, 3, there)
        with working(database, there):
            come_to(database, {"confirmed": 3})
    assert {(row.proof_kind, row.prove_at) for row in rows(database)} == {("query", None)}


def test_where_neither_is_taken_it_stays_sent_and_says_so(sqlite: Database) -> None:
    with ProvablePacs(commits=False, finds=False) as pacs:
        there = committing(pacs)
        archived_and_queued(sqlite, 3, there)
        with working(sqlite, there):
            wait_until(lambda: all("not proven:" in (row.last_message or "") for row in rows(sqlite)), "it is said")
    assert states(sqlite) == {"sent": 3}


def test_a_duplicate_is_looked_for_and_then_committed(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = committing(pacs)
        archived_and_queued(sqlite, 2, there)
        with working(sqlite, there):
            come_to(sqlite, {"committed": 2})
        pacs.status = 0x0111
        with sqlite.write() as unit_of_work:
            for row in rows(sqlite):
                row.state = "queued"
                unit_of_work.session.merge(row)
        with working(sqlite, there):
            come_to(sqlite, {"committed": 2})
    assert set(pacs.questions.values()) == {1}
    assert all(row.confirmed_at is not None for row in rows(sqlite))
