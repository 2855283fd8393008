"""Queueing, claiming and leases, on both databases."""

from datetime import timedelta

import pytest

from dimse.reactions import Reaction
from gateway.config import DEFAULT_HOSPITAL, DeliverySettings
from gateway.database import Database, now
from gateway.delivery import claims
from gateway.delivery.bell import QUEUED
from gateway.delivery.enqueue import enqueue
from gateway.delivery.outbox import Outbox, Policy
from gateway.delivery.outcomes import Attempt, record_attempt
from gateway.delivery.rules import Limits
from gateway.delivery.superseding import supersede
from tests.integration.delivery.hospital import (
    archive_instances,
    archived_and_queued,
    attempts,
    destination,
    queue,
    rows,
    states,
)

LEASE = timedelta(seconds=60)
FAR = timedelta(days=1)


def _claim(database: Database, worker: str = "one", limit: int = 10, *, after: timedelta = timedelta()) -> list[int]:
    at = now() + after
    with database.write() as unit_of_work:
        held = claims.claim(unit_of_work, "pacs", worker, limit=limit, at=at, until=at + LEASE)
    return [claim.delivery_id for claim in held]


def _queue_and_fail(database: Database, instance_id: int) -> None:
    with database.write() as unit_of_work:
        enqueue(unit_of_work, DEFAULT_HOSPITAL, instance_id, 1, [destination("rolled-back")])
        raise ZeroDivisionError


def test_nothing_goes_to_another_hospital_nor_back_to_where_it_came_from(database: Database) -> None:
    [instance_id] = archive_instances(database, 1)
    wanted = [
        destination("own"),
        destination("sender", ae_title="CAMERA"),
        destination("foreign", hospital="elsewhere"),
    ]
    with database.write() as unit_of_work:
        names = enqueue(unit_of_work, DEFAULT_HOSPITAL, instance_id, 1, wanted, not_back_to="CAMERA")
    assert names == ("own",)
    assert [row.destination for row in rows(database)] == ["own"]


def test_queueing_again_changes_nothing(database: Database) -> None:
    instance_ids = archived_and_queued(database, 1, destination())
    held = _claim(database)
    queue(database, instance_ids, destination(), destination("second"))
    assert [(row.id in held, row.destination, row.state) for row in rows(database)] == [
        (True, "pacs", "sending"),
        (False, "second", "queued"),
    ]


def test_what_is_rolled_back_was_never_queued_and_wakes_nobody(database: Database) -> None:
    [instance_id] = archive_instances(database, 1)
    heard = QUEUED.rings("rolled-back")
    with pytest.raises(ZeroDivisionError):
        _queue_and_fail(database, instance_id)
    assert rows(database) == []
    assert QUEUED.rings("rolled-back") == heard


def test_a_commit_wakes_the_couriers_of_the_process(database: Database) -> None:
    heard = QUEUED.rings("pacs")
    archived_and_queued(database, 1, destination())
    assert QUEUED.rings("pacs") > heard


def test_a_claimed_row_is_nobody_elses(database: Database) -> None:
    archived_and_queued(database, 3, destination())
    first = _claim(database, "one", limit=2)
    second = _claim(database, "two")
    assert len(first) == 2
    assert len(second) == 1
    assert not set(first) & set(second)


def test_rows_are_claimed_longest_due_first(database: Database) -> None:
    archived_and_queued(database, 5, destination())
    assert _claim(database, limit=3) == [row.id for row in rows(database)][:3]


def test_a_row_that_is_not_due_yet_is_left_alone(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    assert _claim(database, after=-FAR) == []


def test_other_destinations_rows_are_left_alone(database: Database) -> None:
    archived_and_queued(database, 1, destination("other"))
    assert _claim(database) == []


def test_an_abandoned_row_is_claimed_again_when_its_lease_is_over(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    held = _claim(database, "dead")
    assert _claim(database, "alive", after=LEASE - timedelta(seconds=1)) == []
    assert _claim(database, "alive", after=LEASE + timedelta(seconds=1)) == held


def test_a_renewed_lease_lasts_longer(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    held = _claim(database, "busy")
    with database.write() as unit_of_work:
        claims.renew(unit_of_work, "busy", held, now() + 2 * LEASE)
    assert _claim(database, "idle", after=LEASE + timedelta(seconds=1)) == []


def test_a_correction_goes_after_the_older_one_that_is_being_sent_however_long_that_takes(database: Database) -> None:
    [instance_id] = archived_and_queued(database, 1, destination())
    at = now()
    with database.write() as unit_of_work:
        [older] = claims.claim(unit_of_work, "pacs", "busy", limit=1, at=at, until=at + LEASE)
        supersede(unit_of_work, DEFAULT_HOSPITAL, instance_id, 2, [destination()])
        claims.renew(unit_of_work, "busy", [older.delivery_id], at + 2 * LEASE)
    assert _claim(database, "idle", after=LEASE + timedelta(seconds=1)) == []
    with database.read() as session:
        assert not claims.anything_due(session, "pacs", now() + LEASE)
    stored = Attempt(at, now(), Reaction.STORED, 0, "stored")
    with database.write() as unit_of_work:
        record_attempt(unit_of_work, older, "busy", stored, Limits.of(DeliverySettings()), chance=0)
    assert _claim(database, "idle") == [row.id for row in rows(database) if row.revision == 2]


def test_a_correction_does_not_wait_for_a_worker_that_is_gone(database: Database) -> None:
    [instance_id] = archived_and_queued(database, 1, destination())
    _claim(database, "dead")
    with database.write() as unit_of_work:
        supersede(unit_of_work, DEFAULT_HOSPITAL, instance_id, 2, [destination()])
    assert _claim(database, "alive") == []
    assert _claim(database, "alive", after=LEASE + timedelta(seconds=1)) == [row.id for row in rows(database)]


def test_a_process_that_stood_still_beyond_its_lease_does_not_take_from_its_own_hands(database: Database) -> None:
    archived_and_queued(database, 2, destination())
    stood_still = [timedelta()]
    limits = Limits.of(DeliverySettings())
    outbox = Outbox(database, "one", Policy(limits, 1, LEASE, 1.0), lambda: now() + stood_still[0])
    [first] = outbox.claim("pacs", 1)
    stood_still[0] = 2 * LEASE
    [second] = outbox.claim("pacs", 2)
    assert second.delivery_id != first.delivery_id
    for held in (first, second):
        assert outbox.holds(held)
        outbox.give_back([held])
    assert not outbox.holds(first)


def test_nobody_renews_or_gives_back_what_another_holds(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    at = now()
    with database.write() as unit_of_work:
        held = claims.claim(unit_of_work, "pacs", "owner", limit=1, at=at, until=at + LEASE)
    with database.write() as unit_of_work:
        claims.renew(unit_of_work, "stranger", [held[0].delivery_id], at + FAR)
        claims.give_back(unit_of_work, held, "stranger")
    [row] = rows(database)
    assert (row.state, row.claimed_by) == ("sending", "owner")
    assert row.claimed_until == at + LEASE


def test_what_is_given_back_waits_as_before_with_the_reason(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    at = now()
    with database.write() as unit_of_work:
        held = claims.claim(unit_of_work, "pacs", "one", limit=1, at=at, until=at + LEASE)
    with database.write() as unit_of_work:
        claims.give_back(unit_of_work, held, "one", "nothing listens there")
    [row] = rows(database)
    assert (row.state, row.attempts, row.claimed_by, row.claimed_until) == ("queued", 0, None, None)
    assert row.last_message == "nothing listens there"
    assert _claim(database) == [row.id]


def test_a_worker_that_lost_its_lease_writes_nothing_down(database: Database) -> None:
    archived_and_queued(database, 1, destination())
    at = now()
    with database.write() as unit_of_work:
        [held] = claims.claim(unit_of_work, "pacs", "slow", limit=1, at=at, until=at + LEASE)
    _claim(database, "quick", after=LEASE + timedelta(seconds=1))
    attempt = Attempt(at, now(), Reaction.STORED, 0, "stored")
    with database.write() as unit_of_work:
        assert record_attempt(unit_of_work, held, "slow", attempt, Limits.of(DeliverySettings()), chance=0) is None
    assert [(row.state, row.claimed_by, row.attempts) for row in rows(database)] == [("sending", "quick", 0)]
    assert attempts(database) == []


def test_a_start_that_owns_the_database_ends_every_lease(database: Database) -> None:
    archived_and_queued(database, 3, destination())
    _claim(database, "dead", limit=2)
    with database.write() as unit_of_work:
        assert claims.release_all(unit_of_work) == 2
    assert states(database) == {"queued": 3}


def test_looking_finds_what_claiming_would_take(database: Database) -> None:
    with database.read() as session:
        assert not claims.anything_due(session, "pacs", now())
    archived_and_queued(database, 1, destination())
    with database.read() as session:
        assert claims.anything_due(session, "pacs", now())
    _claim(database)
    with database.read() as session:
        assert not claims.anything_due(session, "pacs", now())
        assert claims.anything_due(session, "pacs", now() + FAR)
