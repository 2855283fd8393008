"""A whole gateway is asked for storage commitment: by a modality, by Orthanc, by those who may not."""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydicom.uid import VLPhotographicImageStorage
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from sqlalchemy import select

from dimse.addresses import RemoteAE, Timeouts
from dimse.commitment_data import CommitmentReport, CommitmentRequest, Reference
from dimse.commitment_reporting import call_and_report
from gateway.access.audit import Action
from gateway.access.caller import Caller, Role
from gateway.access.tables import AuditRow
from gateway.archive.tables import InstanceRow
from gateway.config import Settings
from gateway.database import now
from gateway.hospitals.committing import PeerCommitments, Ways
from gateway.hospitals.peers import caller_of_peer
from gateway.hospitals.tables import CommitmentReportRow
from gateway.runtime import Gateway
from tests.integration.archive.acts import store
from tests.integration.dimse.asking_commitment import COMMITMENT, INSTANCE, Modality, asked, committed_in, failed_in
from tests.peers import LOOPBACK, Orthanc, Remote, free_port
from tests.unit.archive.samples import photo

OWNER = Caller("owner", frozenset({Role.ADMINISTRATOR}), frozenset({"default"}))
NORTH = Caller("owner", frozenset({Role.ADMINISTRATOR}), frozenset({"north"}))
ABSENT = (VLPhotographicImageStorage, "1.2.3.4")


@contextmanager
def running(folder: Path, **sections: Any) -> Iterator[Gateway]:
    """A gateway with two photos that only listens for DIMSE."""
    archive = {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"}
    sections = {"archive": archive, "dimse": {"port": 0}, **sections}
    with Gateway(Settings.model_validate(sections), frozenset({"dimse"})) as gateway:
        store(gateway.archive, photo(), photo(), caller=OWNER)
        yield gateway


def stored(gateway: Gateway) -> list[tuple[str, str]]:
    with gateway.database.read() as session:
        rows = session.execute(select(InstanceRow.sop_class_uid, InstanceRow.sop_instance_uid).order_by(InstanceRow.id))
        return [(row[0], row[1]) for row in rows]


def owed(gateway: Gateway) -> list[CommitmentReportRow]:
    with gateway.database.read() as session:
        rows = list(session.scalars(select(CommitmentReportRow)))
        session.expunge_all()
        return rows


def peer(modality: Modality, **values: Any) -> dict[str, Any]:
    return {"ae_title": modality.ae_title, "host": LOOPBACK, "may": ["commit"], **values}


def test_what_is_no_request_is_refused_and_the_association_lives(tmp_path: Path) -> None:
    with running(tmp_path) as gateway, Modality(gateway.dimse_port).associated() as association:
        assert asked(association, "1.2.3", []) == 0x0115
        assert asked(association, "1.2.3", [ABSENT], action=2) == 0x0123
        status, _reply = association.send_n_action(None, 1, COMMITMENT, "1.2.3")
        assert status.Status == 0x0112
        assert asked(association, "1.2.3", stored(gateway)) == 0
    assert len(owed(gateway)) == 1


def test_who_may_not_is_told_so(tmp_path: Path) -> None:
    modality = Modality(0)
    with running(tmp_path, peers=[peer(modality, may=["echo", "find"])]) as gateway:
        modality.gateway_port = gateway.dimse_port
        with modality.associated() as association:
            assert asked(association, "1.2.3", stored(gateway)) == 0x0124
    assert not owed(gateway)


def test_a_report_comes_on_the_same_association_with_what_is_kept_and_what_is_not(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        first, second = stored(gateway)
        modality = Modality(gateway.dimse_port)
        with modality.associated() as association:
            conflict = ("1.2.840.10008.5.1.4.1.1.7", second[1])
            assert asked(association, "1.2.3.1", [first, ABSENT, conflict]) == 0
            modality.wait()
        [(event_type, report)] = modality.reports
        assert (event_type, report.TransactionUID) == (2, "1.2.3.1")
        assert committed_in(report) == {first[1]}
        assert failed_in(report) == {ABSENT[1]: 0x0112, second[1]: 0x0119}
        with gateway.database.read() as session:
            trail = session.scalars(select(AuditRow.detail).where(AuditRow.action == Action.QUERIED.value)).all()
    assert {"instances": 3, "committed": 1} in trail
    [row] = owed(gateway)
    assert (row.message, row.settled_at is not None) == ("reported", True)


def test_a_damaged_object_is_not_committed(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        for path in (tmp_path / "objects").rglob("*.dcm"):
            path.chmod(0o600)
            path.write_bytes(path.read_bytes()[:-2] + b"\1\1")
        modality = Modality(gateway.dimse_port)
        with modality.associated() as association:
            assert asked(association, "1.2.3.1", stored(gateway)) == 0
            modality.wait()
    assert set(failed_in(modality.reports[0][1]).values()) == {0x0110}


def test_what_another_hospital_holds_is_not_told(tmp_path: Path) -> None:
    modality = Modality(0)
    hospitals = [{"name": "default"}, {"name": "north"}]
    with running(tmp_path, peers=[peer(modality, hospital="north")], hospitals=hospitals) as gateway:
        modality.gateway_port = gateway.dimse_port
        with modality.associated() as association:
            assert asked(association, "1.2.3.1", stored(gateway)) == 0
            modality.wait()
    assert set(failed_in(modality.reports[0][1]).values()) == {0x0112}


def test_a_modality_that_leaves_is_called_at_its_port(tmp_path: Path) -> None:
    modality = Modality(0)
    with running(tmp_path, peers=[peer(modality, port=modality.port)]) as gateway, modality.listening():
        modality.gateway_port = gateway.dimse_port
        _ask_and_leave(gateway, modality)
        modality.wait()
    assert committed_in(modality.reports[0][1]) == {uid for _class, uid in stored(gateway)}


def test_a_modality_that_leaves_and_has_no_port_is_given_up_in_words(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        modality = Modality(gateway.dimse_port)
        _ask_and_leave(gateway, modality)
        deadline = time.monotonic() + 15
        while owed(gateway)[0].settled_at is None and not modality.reports:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert modality.reports or "names no port" in (owed(gateway)[0].message or "")


def _ask_and_leave(gateway: Gateway, modality: Modality) -> None:
    with modality.associated() as association:
        assert asked(association, "1.2.3.1", stored(gateway)) == 0
        association.abort()


def test_the_same_request_is_reported_again_and_another_under_its_uid_refused(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        modality = Modality(gateway.dimse_port)
        with modality.associated() as association:
            assert asked(association, "1.2.3.1", stored(gateway)) == 0
            modality.wait()
            assert asked(association, "1.2.3.1", [ABSENT]) == 0x0115
            assert asked(association, "1.2.3.1", stored(gateway)) == 0
            modality.wait(2)
    assert modality.reports[0][1] == modality.reports[1][1]


def test_a_report_that_is_not_taken_is_owed_on(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        modality = Modality(gateway.dimse_port, status=0x0110)
        with modality.associated() as association:
            assert asked(association, "1.2.3.1", stored(gateway)) == 0
            modality.wait()
            time.sleep(0.3)
            assert owed(gateway)[0].message != "reported"


def test_a_modality_that_was_down_is_called_again_and_given_up_in_the_end(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        pairs = stored(gateway)
    with running(tmp_path / "second") as gateway:
        clock = _Clock()
        modality = Modality(gateway.dimse_port)
        commitments = PeerCommitments(gateway.database, _ways(gateway, modality), lambda *_: 0, clock)
        assert _take(commitments, modality, "1.2.3.1", pairs) == 0
        assert _take(commitments, modality, "1.2.3.2", pairs) == 0
        for _ in range(4):
            clock.at += timedelta(minutes=10)
            commitments.work()
        assert {row.attempts for row in owed(gateway)} == {2}
        assert "connection refused" in (owed(gateway)[0].message or "")
        with modality.listening():
            clock.at += timedelta(minutes=10)
            commitments.work()
        assert len(modality.reports) == 2
        assert {row.message for row in owed(gateway)} == {"reported"}
        assert _take(commitments, modality, "1.2.3.3", pairs) == 0
        clock.at += timedelta(days=4)
        commitments.work()
        assert "given up" in (owed(gateway)[2].message or "")


def test_a_modality_that_is_down_is_called_once_a_round_and_holds_up_no_other(tmp_path: Path) -> None:
    called: list[str] = []

    def call(remote: RemoteAE, _report: CommitmentReport) -> str | None:
        called.append(remote.ae_title)
        return "it is down" if remote.ae_title == "DOWN" else None

    with running(tmp_path) as gateway:
        clock, modality = _Clock(), Modality(gateway.dimse_port)
        ways = replace(_ways(gateway, modality), call=call)
        commitments = PeerCommitments(gateway.database, ways, lambda *_: 0, clock)
        request = (Reference(*ABSENT),)
        for number in range(20):
            assert commitments.take("DOWN", CommitmentRequest(f"1.2.{number}", request)) == 0
        assert commitments.take("UP", CommitmentRequest("1.2.20", request)) == 0
        for _round in range(2):
            clock.at += timedelta(minutes=1)
            commitments.work()
        assert called == ["DOWN", "UP", "DOWN"]
        assert sorted(row.attempts for row in owed(gateway)) == [0] * 19 + [1, 1], "in turn"


class _Clock:
    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


def _ways(gateway: Gateway, modality: Modality) -> Ways:
    return Ways(
        caller_of=lambda title: caller_of_peer((), title, "commit"),
        commitments_for=gateway.archive.commitments_for,
        address_of=lambda title: RemoteAE(LOOPBACK, modality.port, title),
        call=lambda remote, report: call_and_report(remote, "DERMGATE", report, Timeouts(connect_seconds=2)),
    )


def _take(commitments: PeerCommitments, modality: Modality, uid: str, pairs: list[tuple[str, str]]) -> int:
    request = CommitmentRequest(uid, tuple(Reference(*pair) for pair in pairs))
    return commitments.take(modality.ae_title, request)


def test_what_was_owed_when_a_gateway_was_killed_is_reported_by_the_next(tmp_path: Path) -> None:
    modality = Modality(0)
    peers = [peer(modality, port=modality.port)]
    with running(tmp_path, peers=peers) as gateway:
        modality.gateway_port = gateway.dimse_port
        _ask_and_leave(gateway, modality)
        with gateway.database.write() as unit_of_work:
            row = unit_of_work.session.scalars(select(CommitmentReportRow)).one()
            row.settled_at, row.result, row.next_attempt_at = None, None, now()
    modality.reports.clear()
    with modality.listening(), running(tmp_path, peers=peers):
        modality.wait()
    assert len(committed_in(modality.reports[0][1])) == 2


# pynetdicom leaves its socket open where the peer was the first to close it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_flood_of_reports_ends_its_association_and_costs_others_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        with Modality(gateway.dimse_port).associated() as association:
            context_id = association.accepted_contexts[0].context_id
            assert context_id is not None
            for number in range(300):
                if not association.is_established:
                    break
                message = N_EVENT_REPORT()
                message.MessageID = number
                message.AffectedSOPClassUID, message.AffectedSOPInstanceUID = COMMITMENT, INSTANCE
                message.EventTypeID = 1
                message.EventInformation = BytesIO(struct.pack("<HH2sH", 0x0008, 0x1195, b"UI", 6) + b"1.2.3\0")
                association.dimse.send_msg(message, context_id)
        modality = Modality(gateway.dimse_port)
        with modality.associated() as association:
            assert asked(association, "1.2.3.1", stored(gateway)) == 0
            modality.wait()


def test_a_request_beyond_every_bound_ends_its_association(tmp_path: Path) -> None:
    with running(tmp_path) as gateway:
        with Modality(gateway.dimse_port).associated() as association:
            context_id = association.accepted_contexts[0].context_id
            assert context_id is not None
            message = N_ACTION()
            message.MessageID, message.ActionTypeID = 1, 1
            message.RequestedSOPClassUID, message.RequestedSOPInstanceUID = COMMITMENT, INSTANCE
            message.ActionInformation = BytesIO(bytes(8 * 1024**2))
            association.dimse.send_msg(message, context_id)
            deadline = time.monotonic() + 10
            while association.is_established:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert not owed(gateway)


@pytest.mark.peer
def test_orthanc_asks_and_hears_the_report(tmp_path: Path) -> None:
    port = free_port()
    with Orthanc(remotes={"dermgate": Remote("DERMGATE", port)}) as orthanc:
        peers = [{"ae_title": orthanc.ae_title, "host": LOOPBACK, "port": orthanc.dicom_port, "may": ["commit"]}]
        with running(tmp_path, dimse={"port": port}, peers=peers) as gateway:
            pairs = [*stored(gateway), ABSENT]
            answer = httpx.post(
                f"{orthanc.url}/modalities/dermgate/storage-commitment",
                json={"DicomInstances": pairs},
                trust_env=False,
                timeout=100,
            ).raise_for_status()
            path = answer.json()["Path"]
            deadline = time.monotonic() + 20
            while (report := orthanc.get(path))["Status"] == "Pending":
                assert time.monotonic() < deadline, "Orthanc heard nothing"
                time.sleep(0.1)
    assert report["Status"] == "Failure"
    assert {one["SOPInstanceUID"] for one in report["Success"]} == {uid for _class, uid in pairs[:2]}
    assert [one["SOPInstanceUID"] for one in report["Failures"]] == [ABSENT[1]]
