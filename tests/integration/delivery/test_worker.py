"""The worker with a PACS in this process, on both databases."""

import errno
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from dimse.outgoing import OutgoingInstance, SendResult
from dimse.reactions import Reaction
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Scope
from gateway.access.tables import AuditRow
from gateway.archive.tables import InstanceRow
from gateway.config import DeliverySettings, Destination
from gateway.database import Database, now
from gateway.delivery import claims
from gateway.events.log import EventType, read
from tests.integration.delivery.hospital import (
    PROMPT,
    Pacs,
    archived_and_queued,
    attempts,
    destination,
    queue,
    rows,
    source_of,
    states,
    uids,
    wait_until,
    worker_for,
)
from tests.peers import LOOPBACK, free_port


@contextmanager
def working(database: Database, *destinations: Destination, **values: Any) -> Iterator[None]:
    worker = worker_for(database, *destinations, **values)
    worker.start()
    try:
        yield
    finally:
        assert worker.stop(10)


def _come_to(database: Database, expected: dict[str, int], seconds: float = 20) -> None:
    wait_until(lambda: states(database) == expected, f"{expected}", seconds)


def test_a_destination_that_is_down_loses_nothing_and_burns_no_attempt(database: Database) -> None:
    pacs = Pacs()
    there = destination(port=pacs.port)
    instance_ids = archived_and_queued(database, 30, there)
    with working(database, there):
        wait_until(lambda: any(row.last_message for row in rows(database)), "the failure is said")
        wait_until(lambda: states(database) == {"queued": 30}, "everything waits")
        assert all(row.attempts == 0 for row in rows(database))
        assert any("nothing listens" in (row.last_message or "") for row in rows(database))
        pacs.start()
        _come_to(database, {"sent": 30})
    pacs.stop()
    assert set(pacs.received) == uids(database, instance_ids)


def test_a_queue_goes_over_one_association_and_every_attempt_is_written_down(database: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    archived_and_queued(database, 30, there)
    with working(database, there):
        _come_to(database, {"sent": 30})
    assert pacs.associations == 1
    assert all(count == 1 for count in pacs.received.values())
    for row in rows(database):
        assert (row.attempts, row.last_status, row.claimed_by) == (1, "0000", None)
        assert row.sent_at is not None
    assert [(attempt.number, attempt.outcome, attempt.status) for attempt in attempts(database)] == [
        (1, "stored", "0000")
    ] * 30
    assert all(attempt.started_at <= attempt.ended_at for attempt in attempts(database))


def test_what_is_queued_while_it_works_goes_at_once(database: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    with working(database, there, poll_seconds=30):
        archived_and_queued(database, 1, there)
        _come_to(database, {"sent": 1})
        asked = time.monotonic()
        archived_and_queued(database, 1, there)
        _come_to(database, {"sent": 2})
        assert time.monotonic() - asked < 5, "the bell, not the poll, woke it"


def test_every_transfer_is_audited_in_its_transaction(database: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    instance_ids = archived_and_queued(database, 3, there)
    with working(database, there):
        _come_to(database, {"sent": 3})
    with database.read() as session:
        entries = list(
            session.execute(
                select(AuditRow.subject, AuditRow.detail).where(AuditRow.action == Action.TRANSFERRED.value)
            )
        )
    assert {entry.subject for entry in entries} == uids(database, instance_ids)
    assert entries[0].detail["destination"] == "pacs"


@pytest.mark.parametrize("answers", [True, False])
def test_what_was_sent_and_not_taken_is_audited_too(sqlite: Database, pacs: Pacs, answers: bool) -> None:
    pacs.status = 0x0117
    there = destination(port=pacs.port, dimse_seconds=0.2)
    [uid] = uids(sqlite, archived_and_queued(sqlite, 1, there))
    if not answers:
        pacs.answers.clear()
    with working(sqlite, there):
        wait_until(lambda: bool(attempts(sqlite)), "it is tried")
        pacs.answers.set()
    with sqlite.read() as session:
        entry = session.execute(select(AuditRow).where(AuditRow.action == Action.TRANSFERRED.value)).first()
    assert entry is not None
    assert (entry[0].subject, entry[0].outcome) == (uid, Outcome.MINOR_FAILURE)
    assert entry[0].detail["outcome"] == ("permanent" if answers else "unknown_outcome")


def test_a_permanent_refusal_is_dead_with_its_reason_and_an_event(database: Database, pacs: Pacs) -> None:
    pacs.status = 0x0117
    there = destination(port=pacs.port)
    archived_and_queued(database, 1, there)
    with working(database, there):
        _come_to(database, {"dead": 1})
    [row] = rows(database)
    assert (row.last_status, row.attempts) == ("0117", 1)
    assert "refused for good" in (row.last_message or "")
    with database.read() as session:
        [event] = read(session, Scope(None), after=0, limit=10)
    assert event.type is EventType.DELIVERY_DEAD
    assert event.subject == str(row.id)
    assert event.data["destination"] == "pacs"


def test_a_refused_instance_does_not_hold_up_the_others(database: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    instance_ids = archived_and_queued(database, 10, there)
    pacs.refused_uids = uids(database, instance_ids[:1])
    with working(database, there):
        _come_to(database, {"dead": 1, "sent": 9})


@pytest.mark.parametrize(("status", "text"), [(0xB000, "changed by the peer"), (0x0111, "has this instance already")])
def test_warnings_and_duplicates_are_sent_with_the_words_kept(
    sqlite: Database, pacs: Pacs, status: int, text: str
) -> None:
    pacs.status = status
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 1, there)
    with working(sqlite, there):
        _come_to(sqlite, {"sent": 1})
    [row] = rows(sqlite)
    assert row.last_status == f"{status:04X}"
    assert text in (row.last_message or "")


def test_a_peer_out_of_resources_is_tried_again_until_it_recovers(sqlite: Database, pacs: Pacs) -> None:
    pacs.status = 0xA700
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 1, there)
    with working(sqlite, there):
        wait_until(lambda: rows(sqlite)[0].attempts >= 2, "two attempts")
        pacs.status = 0x0000
        _come_to(sqlite, {"sent": 1})
    outcomes = [attempt.outcome for attempt in attempts(sqlite)]
    assert outcomes == ["retry"] * (len(outcomes) - 1) + ["stored"]
    assert [attempt.number for attempt in attempts(sqlite)] == list(range(1, len(outcomes) + 1))


def test_what_hardly_ever_passes_is_dead_after_two_attempts(sqlite: Database, pacs: Pacs) -> None:
    pacs.status = 0xC000
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 1, there)
    with working(sqlite, there):
        _come_to(sqlite, {"dead": 1})
    assert rows(sqlite)[0].attempts == 2


def test_a_refused_delivery_that_is_too_old_is_dead(sqlite: Database, pacs: Pacs) -> None:
    pacs.status = 0xA700
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 1, there)
    with working(sqlite, there, clock=lambda: now() + timedelta(hours=169)):
        _come_to(sqlite, {"dead": 1})
    assert "given up after 168 hours" in (rows(sqlite)[0].last_message or "")


def test_what_is_too_old_for_a_destination_that_is_down_is_dead_after_a_look(database: Database) -> None:
    there = destination(port=free_port())
    archived_and_queued(database, 5, there)
    settings = DeliverySettings(retry_seconds=0.05, give_up_hours=1)
    with working(database, there, settings=settings, clock=lambda: now() + timedelta(hours=2)):
        _come_to(database, {"dead": 5})
    with database.read() as session:
        events = read(session, Scope(None), after=0, limit=10)
    assert [event.type for event in events] == [EventType.DELIVERY_DEAD] * 5
    assert all("nothing listens" in event.data["reason"] for event in events)


def test_an_old_delivery_still_gets_its_attempt(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 3, there)
    with working(sqlite, there, clock=lambda: now() + timedelta(hours=999)):
        _come_to(sqlite, {"sent": 3})


def test_a_destination_that_hangs_does_not_slow_another(sqlite: Database, pacs: Pacs) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:  # takes the connection and never says a word
        alive = destination("alive", port=pacs.port)
        hanging = destination("hanging", port=silent.getsockname()[1], acse_seconds=60)
        instance_ids = archived_and_queued(sqlite, 20, hanging)
        queue(sqlite, instance_ids, alive)
        worker = worker_for(sqlite, hanging, alive)
        worker.start()
        _come_to(sqlite, {"sent": 20, "sending": 20})
        assert worker.stop(0.1), "though the peer has not even taken the association"
    assert states(sqlite) == {"sent": 20, "queued": 20}
    assert {attempt.destination for attempt in attempts(sqlite)} == {"alive"}


def test_a_destination_that_takes_and_never_answers_is_left_alone_after_two(sqlite: Database) -> None:
    there = destination()
    archived_and_queued(sqlite, 20, there)
    with working(sqlite, there, senders=lambda _there: _Mute(), settings=DeliverySettings(retry_seconds=60)):
        _come_to(sqlite, {"failed": 2, "queued": 18})
        time.sleep(0.3)
        assert states(sqlite) == {"failed": 2, "queued": 18}
    assert [attempt.outcome for attempt in attempts(sqlite)] == ["unknown_outcome"] * 2


class _Mute:
    """A sender whose peer never answers."""

    def send(self, instance: OutgoingInstance) -> SendResult:
        return SendResult(None, Reaction.UNKNOWN_OUTCOME, "no answer came")

    def close(self) -> None: ...

    def abort(self) -> None: ...


def test_several_associations_share_a_queue_without_meeting(database: Database, pacs: Pacs) -> None:
    pacs.delay_seconds = 0.02
    there = destination(port=pacs.port, max_associations=3)
    archived_and_queued(database, 60, there)
    with working(database, there, settings=PROMPT.model_copy(update={"batch": 5})):
        _come_to(database, {"sent": 60})
    assert pacs.associations == 3
    assert pacs.crossings == set()
    assert set(pacs.received.values()) == {1}


def test_an_instance_that_left_the_archive_is_cancelled(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    gone, kept = archived_and_queued(sqlite, 2, there)
    holds = source_of(sqlite)
    with working(sqlite, there, source=lambda number, revision: None if number == gone else holds(number, revision)):
        _come_to(sqlite, {"cancelled": 1, "sent": 1})
    assert set(pacs.received) == uids(sqlite, [kept])


def test_a_deleted_instance_takes_its_deliveries_along(database: Database) -> None:
    [instance_id] = archived_and_queued(database, 1, destination())
    with database.write() as unit_of_work:
        unit_of_work.session.delete(unit_of_work.session.get(InstanceRow, instance_id))
    assert rows(database) == []


def test_a_clean_stop_finishes_the_instance_in_hand_and_leaves_the_rest_queued(database: Database, pacs: Pacs) -> None:
    pacs.delay_seconds = 0.3
    there = destination(port=pacs.port)
    archived_and_queued(database, 20, there)
    worker = worker_for(database, there)
    worker.start()
    wait_until(lambda: states(database)["sent"] >= 1, "one is sent")
    assert worker.stop(10)
    counted = states(database)
    assert counted["sent"] == len(pacs.received)
    assert counted["sent"] + counted["queued"] == 20
    assert counted["queued"] >= 5


def test_a_stop_that_has_no_time_breaks_off_and_queues_again(sqlite: Database) -> None:
    pacs = Pacs().start()
    pacs.answers.clear()
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 3, there)
    worker = worker_for(sqlite, there)
    worker.start()
    wait_until(lambda: pacs.associations == 1, "an association")
    assert worker.stop(0.1), "though the peer does not answer"
    pacs.answers.set()
    pacs.stop()
    assert states(sqlite) == {"queued": 3}
    assert attempts(sqlite) == []


def test_a_start_on_sqlite_takes_up_at_once_what_a_dead_process_had_in_hand(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 3, there)
    with sqlite.write() as unit_of_work:
        claims.claim(unit_of_work, "pacs", "dead", limit=3, at=now(), until=now() + timedelta(hours=1))
    with working(sqlite, there):
        _come_to(sqlite, {"sent": 3}, seconds=5)


def test_a_lease_that_ended_hands_the_row_to_another_worker(postgresql: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    archived_and_queued(postgresql, 3, there)
    with postgresql.write() as unit_of_work:
        claims.claim(unit_of_work, "pacs", "dead", limit=3, at=now(), until=now() + timedelta(seconds=60))
    with working(postgresql, there):
        time.sleep(0.3)
        assert states(postgresql) == {"sending": 3}
    with working(postgresql, there, clock=lambda: now() + timedelta(seconds=61)):
        _come_to(postgresql, {"sent": 3})


def test_leases_are_renewed_while_something_long_is_sent(postgresql: Database, pacs: Pacs) -> None:
    pacs.delay_seconds = 1.5
    there = destination(port=pacs.port)
    archived_and_queued(postgresql, 1, there)
    with (
        working(postgresql, there, lease_seconds=0.6),
        working(postgresql, there, lease_seconds=0.6),
    ):
        _come_to(postgresql, {"sent": 1})
    assert set(pacs.received.values()) == {1}


def test_a_defect_met_while_sending_one_does_not_stop_the_others(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    broken, *_sound = archived_and_queued(sqlite, 4, there)
    holds = source_of(sqlite)

    def source(instance_id: int, revision: int) -> Any:
        outgoing = holds(instance_id, revision)
        if instance_id == broken:
            return _Unopenable(outgoing)
        return outgoing

    with working(sqlite, there, source=source):
        _come_to(sqlite, {"dead": 1, "sent": 3})
    [dead] = [row for row in rows(sqlite) if row.state == "dead"]
    assert "DOE" not in (dead.last_message or "")
    assert dead.attempts == 5


class _Unopenable:
    """An instance whose encoding meets a defect that quotes a patient's name."""

    def __init__(self, outgoing: Any) -> None:
        self.pair = outgoing.pair

    def opened(self) -> Any:
        raise ZeroDivisionError("DOE^JOHN")


def test_a_defect_met_while_looking_one_up_does_not_stop_the_others(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    broken, *_sound = archived_and_queued(sqlite, 4, there)
    holds = source_of(sqlite)

    def source(instance_id: int, revision: int) -> OutgoingInstance | None:
        if instance_id == broken:
            raise ZeroDivisionError("DOE^JOHN")
        return holds(instance_id, revision)

    with working(sqlite, there, source=source):
        _come_to(sqlite, {"dead": 1, "sent": 3})


class _Flaky:
    """A source that fails some times, either when it is asked or when the file is opened, before it holds."""

    def __init__(self, database: Database, failures: int) -> None:
        self.failures = failures
        self._holds = source_of(database)

    def fail(self, error: Exception) -> None:
        if self.failures:
            self.failures -= 1
            raise error

    def without_its_index(self, instance_id: int, revision: int) -> OutgoingInstance | None:
        self.fail(OperationalError("SELECT", {}, Exception("gone")))
        return self._holds(instance_id, revision)

    def without_its_disk(self, instance_id: int, revision: int) -> OutgoingInstance | None:
        outgoing = self._holds(instance_id, revision)
        assert outgoing is not None

        def open_file() -> BinaryIO:
            self.fail(OSError(errno.EIO, "Input/output error"))
            return outgoing.open_file()

        return replace(outgoing, open_file=open_file)


def test_storage_that_is_away_for_a_while_kills_no_delivery(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 1, there)
    with working(sqlite, there, source=_Flaky(sqlite, 7).without_its_disk):
        _come_to(sqlite, {"sent": 1})
    assert rows(sqlite)[0].attempts == 8
    assert "cannot give it now" in (attempts(sqlite)[0].message or "")


def test_a_database_that_is_away_for_a_while_burns_no_attempt(sqlite: Database, pacs: Pacs) -> None:
    there = destination(port=pacs.port)
    archived_and_queued(sqlite, 2, there)
    flaky = _Flaky(sqlite, 3)
    with working(sqlite, there, source=flaky.without_its_index):
        _come_to(sqlite, {"sent": 2})
    assert flaky.failures == 0
    assert [row.attempts for row in rows(sqlite)] == [1, 1]


def test_a_destination_that_allows_fewer_associations_is_not_taken_to_be_down(
    sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    pacs = Pacs(most_associations=1, delay_seconds=0.005).start()
    there = destination(port=pacs.port, max_associations=3)
    with working(sqlite, there, settings=PROMPT.model_copy(update={"batch": 5})), caplog.at_level(logging.INFO):
        archived_and_queued(sqlite, 1, there)
        _come_to(sqlite, {"sent": 1})
        archived_and_queued(sqlite, 60, there)
        _come_to(sqlite, {"sent": 61})
    pacs.stop()
    assert set(pacs.received.values()) == {1}
    said = [record.message for record in caplog.records if record.name.startswith("gateway.delivery")]
    assert [line for line in said if "fewer associations than set" in line]
    assert not [line for line in said if "is down" in line]


def test_a_worker_that_was_stopped_beyond_its_lease_sends_nothing_of_what_others_took(sqlite: Database) -> None:
    there = destination()
    archived_and_queued(sqlite, 3, there)
    late = _Late(sqlite)
    with working(sqlite, there, senders=lambda _there: late, clock=late.clock):
        wait_until(lambda: late.sent == 1 and states(sqlite) == {"sending": 3}, "the others are another worker's")
        time.sleep(0.2)
    assert late.sent == 1
    assert {row.claimed_by for row in rows(sqlite)} == {"other"}
    assert attempts(sqlite) == []


class _Late:
    """A sender in whose first send the process stands still for an hour, while another worker claims everything."""

    def __init__(self, database: Database) -> None:
        self.sent = 0
        self._database = database

    def clock(self) -> datetime:
        return now() + timedelta(hours=self.sent)

    def send(self, instance: OutgoingInstance) -> SendResult:
        self.sent += 1
        with self._database.write() as unit_of_work:
            claims.claim(
                unit_of_work, "pacs", "other", limit=10, at=self.clock(), until=self.clock() + timedelta(days=1)
            )
        return SendResult(0, Reaction.STORED, "stored")

    def close(self) -> None: ...

    def abort(self) -> None: ...


def test_what_waits_for_a_destination_that_is_no_longer_set_says_so_and_keeps_waiting(database: Database) -> None:
    archived_and_queued(database, 3, destination("former"))
    at = now() - timedelta(hours=1)
    with database.write() as unit_of_work:
        claims.claim(unit_of_work, "former", "dead", limit=1, at=now(), until=at)
    with working(database, destination(port=free_port())):
        wait_until(lambda: states(database) == {"queued": 3}, "the one left behind waits again")
        wait_until(lambda: all(row.last_message for row in rows(database)), "the reason is said")
    assert {row.last_message for row in rows(database)} == {"the settings name no such destination"}


def test_what_is_too_old_for_a_destination_that_is_no_longer_set_is_dead(database: Database) -> None:
    archived_and_queued(database, 2, destination("former"))
    with working(database, destination(port=free_port()), clock=lambda: now() + timedelta(hours=169)):
        _come_to(database, {"dead": 2})
    with database.read() as session:
        events = read(session, Scope(None), after=0, limit=10)
    assert [event.type for event in events] == [EventType.DELIVERY_DEAD] * 2
    assert all("name no such destination" in event.data["reason"] for event in events)
