"""What a destination said it stored is looked for, on both databases and with real PACS."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from dimse.addresses import RemoteAE, Timeouts
from gateway.access.caller import Scope
from gateway.archive.tables import PatientRow
from gateway.config import DimseDestination
from gateway.database import Database, now
from gateway.delivery.enqueue import enqueue
from gateway.delivery.proving import due, findings
from gateway.delivery.proving.finding import FindProver
from gateway.delivery.proving.keeper import Means
from gateway.delivery.proving.prover import CannotAsk, ProofKind, SentObject
from gateway.delivery.proving.rules import Step
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow
from gateway.events.log import EventType, read
from tests.integration.delivery.hospital import (
    FIRST_PATIENT,
    archived_and_queued,
    attempts,
    destination,
    queue,
    rows,
    states,
    uids,
    wait_until,
    worker_for,
)
from tests.integration.delivery.provable import ProvablePacs
from tests.integration.delivery.proving import sent_unproven, to_be_proved_now
from tests.peers import LOOPBACK, Orthanc, free_port, require


@contextmanager
def working(database: Database, *destinations: DimseDestination, **values: Any) -> Iterator[None]:
    worker = worker_for(database, *destinations, **values)
    worker.start()
    try:
        yield
    finally:
        assert worker.stop(10)


def _come_to(database: Database, expected: dict[str, int], seconds: float = 20) -> None:
    wait_until(lambda: states(database) == expected, f"{expected}, not {states(database)}", seconds)


def _at(pacs: ProvablePacs, **values: Any) -> DimseDestination:
    return destination(port=pacs.port, proof=values.pop("proof", "query"), **values)


def test_a_pacs_that_says_success_and_keeps_nothing_is_found_out(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        instance_ids = archived_and_queued(database, 3, there)
        pacs.forgets = uids(database, instance_ids)
        with working(database, there):
            _come_to(database, {"dead": 3})
        assert set(pacs.received.values()) == {4}, "sent once, and again as often as is set"
    [first, *_] = rows(database)
    assert (first.resends, first.attempts, first.prove_at) == (3, 4, None)
    assert "sent 4 times: the destination said that it stored it, but a query does not find it" in (
        first.last_message or ""
    )
    with database.read() as session:
        events = read(session, Scope(None), after=0, limit=10)
    assert [event.type for event in events] == [EventType.DELIVERY_DEAD] * 3


def test_what_was_lost_once_is_sent_again_and_then_found(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        instance_ids = archived_and_queued(database, 5, there)
        lost = set(sorted(uids(database, instance_ids))[:2])
        pacs.forgets = set(lost)
        with working(database, there):
            wait_until(lambda: all(pacs.received[uid] == 2 for uid in lost), "the lost ones come again")
            pacs.forgets.clear()
            _come_to(database, {"confirmed": 5})
    assert all(pacs.received[uid] == 1 for uid in set(pacs.received) - lost), "what was found is not sent again"
    assert {row.proof_kind for row in rows(database)} == {"query"}
    assert all(row.confirmed_at is not None and row.prove_at is None for row in rows(database))


def test_what_was_sent_long_ago_and_is_sent_again_does_not_die_of_age_when_the_destination_is_down(
    database: Database,
) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        sent_unproven(database, there, 1)
    long_ago = now() - timedelta(days=30)
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(queued_at=long_ago))
        [one] = due.load(unit_of_work.session, [rows(database)[0].id])
        again = Step(DeliveryState.FAILED, "sent again")
        findings.take_step(unit_of_work, there.name, one, again, now())
    with working(database, there):
        wait_until(lambda: "nothing listens" in (rows(database)[0].last_message or ""), "the destination is down")
    assert states(database) == {"failed": 1}


def test_without_queries_it_stays_sent_and_says_that_nothing_is_proven(database: Database) -> None:
    with ProvablePacs(finds=False) as pacs:
        there = _at(pacs)
        archived_and_queued(database, 2, there)
        with working(database, there):
            wait_until(lambda: all("not proven" in (row.last_message or "") for row in rows(database)), "it is said")
    assert states(database) == {"sent": 2}
    assert rows(database)[0].last_message == "sent, but not proven: the destination takes no queries"
    assert all(row.prove_at is None for row in rows(database))


def test_a_pacs_that_matches_no_lists_of_uids_is_asked_one_by_one(sqlite: Database) -> None:
    with ProvablePacs(lists=False) as pacs:
        there = _at(pacs)
        archived_and_queued(sqlite, 6, there)
        with working(sqlite, there):
            _come_to(sqlite, {"confirmed": 6})
    assert set(pacs.received.values()) == {1}


@pytest.mark.parametrize("status", [0xA900, 0xC000, 0xC0FF])
def test_a_pacs_that_refuses_lists_of_uids_is_asked_one_by_one(sqlite: Database, status: int) -> None:
    with ProvablePacs(lists=False, of_lists=status) as pacs:
        there = _at(pacs)
        archived_and_queued(sqlite, 6, there)
        with working(sqlite, there):
            _come_to(sqlite, {"confirmed": 6})
    assert set(pacs.received.values()) == {1}


def test_a_duplicate_is_confirmed_where_it_is_the_same(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        archived_and_queued(database, 2, there)
        with working(database, there):
            _come_to(database, {"confirmed": 2})
        pacs.status = 0x0111
        again = _at(pacs, name="again", proof="none")
        archived_again(database, again)
        with working(database, again):
            wait_until(lambda: all(row.state == "confirmed" for row in rows(database)), "both say so")
    assert {row.last_status for row in rows(database)} == {"0000", "0111"}


def test_a_duplicate_that_the_destination_does_not_show_where_it_belongs_is_dead_and_not_sent_again(
    database: Database,
) -> None:
    with ProvablePacs(status=0x0111) as pacs:
        there = _at(pacs)
        archived_and_queued(database, 1, there)
        with working(database, there):
            _come_to(database, {"dead": 1})
        assert set(pacs.received.values()) == {1}
    assert "does not show it where it belongs" in (rows(database)[0].last_message or "")


def test_a_duplicate_of_what_was_corrected_within_its_patient_is_not_called_proven(sqlite: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        archived_and_queued(sqlite, 1, there)
        with working(sqlite, there):
            _come_to(sqlite, {"confirmed": 1})
        pacs.status = 0x0111
        with sqlite.write() as unit_of_work:
            [row] = rows(sqlite)
            unit_of_work.session.execute(update(PatientRow).values(patient_id=FIRST_PATIENT))
            enqueue(unit_of_work, "default", row.instance_id, 2, [there])
        with working(sqlite, there):
            wait_until(lambda: "the correction was to replace" in (rows(sqlite)[1].last_message or ""), "it is said")
    assert states(sqlite) == {"confirmed": 1, "sent": 1}


def test_a_pacs_that_does_not_answer_queries_now_is_asked_again_and_nothing_is_counted(database: Database) -> None:
    pacs = ProvablePacs().start()
    there = _at(pacs)
    sent_unproven(database, there, 2)
    pacs.stop()
    to_be_proved_now(database)
    with working(database, there, poll_seconds=0.1):
        wait_until(
            lambda: all("not proven yet" in (row.last_message or "") for row in rows(database)), "the failure is said"
        )
        assert {(row.state, row.looks) for row in rows(database)} == {("sent", 0)}
        pacs.start()
        _come_to(database, {"confirmed": 2})
    pacs.stop()


def test_what_a_killed_process_was_looking_for_is_looked_for_by_the_next(database: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        sent_unproven(database, there, 2)
        to_be_proved_now(database)
        with database.write() as unit_of_work:
            soon = now() + timedelta(seconds=1)
            assert len(due.take_due(unit_of_work, there.name, limit=10, at=now(), until=soon)) == 2
        with working(database, there):
            _come_to(database, {"confirmed": 2})


def test_a_look_that_takes_longer_than_a_lease_is_nobody_elses(postgresql: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        archived_and_queued(postgresql, 2, there)
        stuck = _Stuck()
        with working(postgresql, there, means=lambda _destination: stuck.means(), lease_seconds=1):
            assert stuck.asked.wait(10)
            wait_until(lambda: states(postgresql) == {"sent": 2}, "both are sent")
            with working(postgresql, there, lease_seconds=1):
                time.sleep(2.5)
                in_hand = set(stuck.looked_for)
                assert in_hand, "a second lease is over"
                assert not in_hand & set(pacs.questions), "what the other has in hand is not looked for"


def test_two_processes_do_not_look_for_the_same_object(postgresql: Database) -> None:
    with ProvablePacs() as pacs:
        there = _at(pacs)
        archived_and_queued(postgresql, 60, there)
        with working(postgresql, there), working(postgresql, there):
            _come_to(postgresql, {"confirmed": 60})
    assert set(pacs.questions.values()) == {1}


def test_what_is_wrong_is_logged_without_a_uid(sqlite: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with ProvablePacs(finds=False) as pacs:
        there = _at(pacs)
        instance_ids = archived_and_queued(sqlite, 1, there)
        with working(sqlite, there):
            wait_until(lambda: "nothing is proven there" in caplog.text, "it is logged")
    assert not any(uid in caplog.text for uid in uids(sqlite, instance_ids))


def test_a_store_only_peer_that_ignores_what_it_gets_is_never_called_proven(sqlite: Database, tmp_path: Path) -> None:
    port = free_port()
    command = [str(require("storescp")), "--ignore", "--output-directory", str(tmp_path), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        there = destination(port=port, proof="query")
        archived_and_queued(sqlite, 2, there)
        with working(sqlite, there):
            wait_until(lambda: all("not proven" in (row.last_message or "") for row in rows(sqlite)), "it is said")
        process.kill()
    assert states(sqlite) == {"sent": 2}
    assert not list(tmp_path.glob("*.dcm"))


def test_orthanc_shows_what_it_holds(sqlite: Database, orthanc: Orthanc) -> None:
    there = destination(port=orthanc.dicom_port, ae_title=orthanc.ae_title, proof="query")
    instance_ids = archived_and_queued(sqlite, 50, there)
    with working(sqlite, there):
        _come_to(sqlite, {"confirmed": 50})
    assert {len(orthanc.instances(uid)) for uid in uids(sqlite, instance_ids)} == {1}
    assert len(attempts(sqlite)) == 50


class QueryRetrieveScp:
    """DCMTK's dcmqrscp with one storage area."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        area = folder / "area"
        area.mkdir()
        configuration = folder / "dcmqrscp.cfg"
        configuration.write_text(
            f"NetworkTCPPort = {self.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\nDCMQR {area} RW (100, 1024mb) ANY\nAETable END\n"
        )
        self._process = subprocess.Popen(
            [str(require("dcmqrscp")), "--config", str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"TCP_NODELAY": "1"},
        )

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()


@pytest.mark.peer
def test_dcmqrscp_shows_what_it_holds(sqlite: Database, tmp_path: Path) -> None:
    scp = QueryRetrieveScp(tmp_path)
    there = destination(port=scp.port, ae_title="DCMQR", proof="query")
    archived_and_queued(sqlite, 30, there)
    with working(sqlite, there):
        _come_to(sqlite, {"confirmed": 30})
    scp.kill()
    assert len(attempts(sqlite)) == 30


def archived_again(database: Database, there: DimseDestination) -> None:
    """Queue what is archived already for another destination."""
    queue(database, [row.instance_id for row in rows(database)], there)


class _Stuck:
    """Means whose query never ends before it is told to."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go_on = threading.Event()
        self.looked_for: list[str] = []

    kind = ProofKind.QUERY

    def means(self) -> Means:
        """As a worker is given them."""
        return Means(self)

    def held(self, objects: Sequence[SentObject]) -> frozenset[str]:
        """Wait; then nothing was found."""
        self.looked_for.extend(one.sop_instance_uid for one in objects)
        self.asked.set()
        self.go_on.wait(20)
        raise CannotAsk("broken off")

    def abort(self) -> None:
        """End."""
        self.go_on.set()


@pytest.mark.peer
def test_who_hangs_up_on_queries_may_not_know_our_title_and_the_reason_says_so() -> None:
    sent = SentObject("1.2.3", "1.2.3.4", "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.3.4.5")
    with Orthanc(DicomAlwaysAllowFind=False) as orthanc:
        prover = FindProver(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE", Timeouts())
        with pytest.raises(CannotAsk, match="broke off before it had answered: perhaps our title DERMGATE is not reg"):
            prover.held([sent])
