"""A whole gateway moves and gives what it holds to real peers: DCMTK's movescu and getscu, storescp, Orthanc."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID, Comprehensive3DSRStorage, ExplicitVRLittleEndian, JPEGBaseline8Bit
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from dimse.contexts import offered_contexts
from dimse.outgoing import OutgoingInstance
from dimse.query_models import STUDY_ROOT_FIND
from dimse.retrieve_models import PATIENT_ROOT_MOVE, STUDY_ROOT_GET, STUDY_ROOT_MOVE
from dimse.retrieving import RetrieveStatus
from dimse.sockets import AcceptedSocket
from gateway.access.audit import Action
from gateway.access.caller import Caller, Role
from gateway.config import Settings
from gateway.runtime import Gateway
from tests.integration.archive.acts import last_audit, store
from tests.integration.dimse.conftest import Receiver, data_set_of, eventually, run_dcmtk
from tests.peers import LOOPBACK, Orthanc, Remote, free_port
from tests.unit.archive.samples import set_unchecked
from tests.unit.dimse.samples import Sample, photo

OWNER = Caller("owner", frozenset({Role.ADMINISTRATOR}), frozenset({"default"}))
StartReceiver = Callable[..., Receiver]


def study_of(samples: list[Sample]) -> list[Sample]:
    """The photos as one study of one series."""
    first = dcmread_of(samples[0])
    return [sample_in(first, number, sample) for number, sample in enumerate(samples)]


def dcmread_of(sample: Sample) -> Dataset:
    return dcmread(BytesIO(sample.file))


def sample_in(first: Dataset, number: int, sample: Sample) -> Sample:
    ds = dcmread_of(sample)
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.InstanceNumber = (
        first.StudyInstanceUID,
        first.SeriesInstanceUID,
        number + 1,
    )
    written = BytesIO()
    ds.save_as(written, enforce_file_format=True)
    return Sample(
        written.getvalue(),
        OutgoingInstance(
            str(ds.SOPClassUID),
            str(ds.SOPInstanceUID),
            str(ds.file_meta.TransferSyntaxUID),
            partial(BytesIO, written.getvalue()),
        ),
    )


@contextmanager
def holding(folder: Path, samples: list[Sample], **sections: Any) -> Iterator[Gateway]:
    archive = {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"}
    sections = {"archive": archive, "dimse": {"port": 0}, **sections}
    with Gateway(Settings.model_validate(sections), frozenset({"dimse"})) as gateway:
        store(gateway.archive, *(sample.file for sample in samples), caller=OWNER)
        yield gateway


def destination(port: int, ae_title: str = "PACS", **more: Any) -> dict[str, Any]:
    return {"name": ae_title.lower(), "host": LOOPBACK, "port": port, "ae_title": ae_title, **more}


def study_uid(sample: Sample) -> str:
    return str(dcmread_of(sample).StudyInstanceUID)


def moved(gateway: Gateway, *options: str) -> subprocess.CompletedProcess[str]:
    port = str(gateway.dimse_port)
    return run_dcmtk("movescu", "-d", "-S", "-aet", "VIEWER", "-aec", "DERMGATE", *options, LOOPBACK, port)


@contextmanager
def requesting(
    gateway: Gateway,
    sop_class: str,
    samples: Sequence[Sample] = (),
    **events: Any,
) -> Iterator[Association]:
    ae = AE("VIEWER")
    ae.add_requested_context(UID(sop_class))
    roles: list[Any] = []
    for context in offered_contexts([sample.outgoing.pair for sample in samples]):
        assert context.abstract_syntax is not None
        ae.add_requested_context(context.abstract_syntax, context.transfer_syntax)
        roles.append(build_role(context.abstract_syntax, scp_role=True))
    handlers: list[Any] = [(getattr(evt, name), handler) for name, handler in events.items()]
    association = ae.associate(LOOPBACK, gateway.dimse_port, ae_title="DERMGATE", ext_neg=roles, evt_handlers=handlers)
    assert association.is_established
    try:
        yield association
    finally:
        association.release()


def identifier(level: str, **keys: str) -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        set_unchecked(ds, keyword, value)
    return ds


def store_request(event: evt.Event) -> C_STORE:
    assert isinstance(event.request, C_STORE)
    return event.request


def move(gateway: Gateway, asked: Dataset, to: str = "PACS", sop_class: str = STUDY_ROOT_MOVE) -> list[Dataset]:
    with requesting(gateway, sop_class) as association:
        return [status for status, _ in association.send_c_move(asked, to, UID(sop_class), msg_id=11)]


@pytest.mark.peer
def test_movescu_moves_a_study_to_storescp_byte_for_byte(tmp_path: Path, storescp: StartReceiver) -> None:
    receiver = storescp("+xa", "+B")
    samples = study_of([photo(seed) for seed in range(3)])
    with holding(tmp_path, [*samples, photo(9)], destinations=[destination(receiver.remote.port)]) as gateway:
        done = moved(
            gateway, "-k", "QueryRetrieveLevel=STUDY", "-aem", "PACS", "-k", f"StudyInstanceUID={study_uid(samples[0])}"
        )
        assert eventually(lambda: last_audit(gateway.database).action == Action.TRANSFERRED)
        audited = last_audit(gateway.database)
    assert done.returncode == 0, done.stderr
    assert receiver.data_sets() == sorted(data_set_of(sample.file) for sample in samples)
    assert re.search(r"Completed Suboperations\s*: 3", done.stdout + done.stderr)
    assert audited.detail == {"instances": 3, "to": "PACS"}


@pytest.mark.peer
def test_an_unknown_destination_is_told_as_such(tmp_path: Path) -> None:
    sample = photo()
    with holding(tmp_path, [sample]) as gateway:
        (final,) = move(gateway, identifier("STUDY", StudyInstanceUID=study_uid(sample)), "NOWHERE")
    assert final.Status == RetrieveStatus.MOVE_DESTINATION_UNKNOWN


def test_a_destination_of_another_hospital_is_not_known(tmp_path: Path) -> None:
    sample = photo()
    sections = {
        "destinations": [destination(free_port(), hospital="north")],
        "hospitals": [{"name": "north"}],
    }
    with holding(tmp_path, [sample], **sections) as gateway:
        (final,) = move(gateway, identifier("STUDY", StudyInstanceUID=study_uid(sample)))
    assert final.Status == RetrieveStatus.MOVE_DESTINATION_UNKNOWN


@pytest.mark.parametrize(
    ("may", "hospital", "status"),
    [
        (["find", "get"], "default", RetrieveStatus.NOT_AUTHORISED),
        (["move"], "default", RetrieveStatus.CANNOT_PERFORM_SUB_OPERATIONS),
        (["move"], "north", RetrieveStatus.SUCCESS),
    ],
    ids=["not allowed", "allowed, and nothing listens there", "another hospital's see nothing of it"],
)
def test_a_listed_peer_may_what_its_line_says(tmp_path: Path, may: list[str], hospital: str, status: int) -> None:
    sample = photo()
    peers = [{"ae_title": "VIEWER", "host": LOOPBACK, "may": may, "hospital": hospital, "port": free_port()}]
    with holding(tmp_path, [sample], peers=peers, hospitals=[{"name": "north"}]) as gateway:
        *_, final = move(gateway, identifier("STUDY", StudyInstanceUID=study_uid(sample)), "VIEWER")
    assert final.Status == status


@pytest.mark.parametrize(
    ("asked", "sop_class", "status"),
    [
        (identifier("STUDY"), STUDY_ROOT_MOVE, RetrieveStatus.IDENTIFIER_MISMATCH),
        (identifier("STUDY", StudyInstanceUID="1.2.*"), STUDY_ROOT_MOVE, RetrieveStatus.UNABLE_TO_PROCESS),
        (identifier("PATIENT", PatientID="P*"), PATIENT_ROOT_MOVE, RetrieveStatus.IDENTIFIER_MISMATCH),
        (identifier("SERIES", SeriesInstanceUID="1.2"), STUDY_ROOT_MOVE, RetrieveStatus.IDENTIFIER_MISMATCH),
        (identifier("STUDY", StudyInstanceUID="1.2", SeriesInstanceUID="1.3"), STUDY_ROOT_MOVE, 0xA900),
        (identifier("PATIENT", PatientID="P"), STUDY_ROOT_MOVE, RetrieveStatus.IDENTIFIER_MISMATCH),
        (identifier("STUDY", StudyInstanceUID="1.2.3.4"), STUDY_ROOT_MOVE, RetrieveStatus.SUCCESS),
    ],
)
def test_what_an_identifier_must_hold(tmp_path: Path, asked: Dataset, sop_class: str, status: int) -> None:
    with holding(tmp_path, [], destinations=[destination(free_port())]) as gateway:
        (final,) = move(gateway, asked, sop_class=sop_class)
    assert final.Status == status


def test_more_than_may_be_retrieved_at_once_is_refused(tmp_path: Path) -> None:
    samples = study_of([photo(seed) for seed in range(3)])
    sections = {"dimse": {"port": 0, "max_retrieved": 2}, "destinations": [destination(free_port())]}
    with holding(tmp_path, samples, **sections) as gateway:
        (final,) = move(gateway, identifier("STUDY", StudyInstanceUID=study_uid(samples[0])))
    assert final.Status == RetrieveStatus.CANNOT_CALCULATE_MATCHES


def test_failures_are_counted_and_listed(tmp_path: Path, pacs: Callable[..., Any]) -> None:
    samples = study_of([photo(seed) for seed in range(4)])
    bad = samples[1].outgoing.sop_instance_uid
    odd = samples[2].outgoing.sop_instance_uid

    def answer(event: evt.Event) -> int:
        uid = store_request(event).AffectedSOPInstanceUID
        return 0xC000 if uid == bad else 0xB000 if uid == odd else 0

    peer = pacs(answer)
    with (
        holding(tmp_path, samples, destinations=[destination(peer.remote.port)]) as gateway,
        requesting(gateway, PATIENT_ROOT_MOVE) as association,
    ):
        asked = identifier("STUDY", PatientID="P-0001", StudyInstanceUID=study_uid(samples[0]))
        *pending, (final, failed) = association.send_c_move(asked, "PACS", PATIENT_ROOT_MOVE)
    assert final.Status == RetrieveStatus.SOME_FAILED
    counts = final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations, final.NumberOfWarningSuboperations
    assert counts == (2, 1, 1)
    assert "NumberOfRemainingSuboperations" not in final
    assert failed is not None
    assert failed.FailedSOPInstanceUIDList == bad
    assert {status.Status for status, _ in pending} == {RetrieveStatus.PENDING}
    assert pending[0][0].NumberOfRemainingSuboperations == 3
    assert len(peer.offered) == 1


def test_the_mover_is_named_in_each_store(tmp_path: Path, pacs: Callable[..., Any]) -> None:
    named: list[tuple[str, int]] = []

    def answer(event: evt.Event) -> int:
        request = store_request(event)
        named.append((str(request.MoveOriginatorApplicationEntityTitle), int(request.MoveOriginatorMessageID or 0)))
        return 0

    peer, sample = pacs(answer), photo()
    with holding(tmp_path, [sample], destinations=[destination(peer.remote.port)]) as gateway:
        move(gateway, identifier("STUDY", StudyInstanceUID=study_uid(sample)))
    assert named == [("VIEWER", 11)]


def test_a_cancelled_move_ends_at_once_and_says_what_is_left(tmp_path: Path, pacs: Callable[..., Any]) -> None:
    def answer(event: evt.Event) -> int:
        time.sleep(0.15)
        return 0

    peer = pacs(answer)
    samples = study_of([photo(seed) for seed in range(20)])
    with (
        holding(tmp_path, samples, destinations=[destination(peer.remote.port)]) as gateway,
        requesting(gateway, STUDY_ROOT_MOVE) as association,
    ):
        asked = identifier("STUDY", StudyInstanceUID=study_uid(samples[0]))
        responses = association.send_c_move(asked, "PACS", STUDY_ROOT_MOVE, msg_id=5)
        next(responses)
        association.send_c_cancel(5, query_model=STUDY_ROOT_MOVE)
        *_, (final, _) = responses
    assert final.Status == RetrieveStatus.CANCELLED
    assert final.NumberOfRemainingSuboperations == 20 - final.NumberOfCompletedSuboperations > 10


def test_a_mover_that_leaves_ends_its_move(tmp_path: Path, pacs: Callable[..., Any]) -> None:
    def answer(event: evt.Event) -> int:
        time.sleep(0.1)
        return 0

    peer = pacs(answer)
    samples = study_of([photo(seed) for seed in range(20)])
    with holding(tmp_path, samples, destinations=[destination(peer.remote.port)]) as gateway:
        with requesting(gateway, STUDY_ROOT_MOVE) as association:
            next(
                association.send_c_move(
                    identifier("STUDY", StudyInstanceUID=study_uid(samples[0])), "PACS", STUDY_ROOT_MOVE
                )
            )
            association.abort()
        assert eventually(lambda: peer.released == 1)
        assert len(peer.stored) < 20


def test_a_mover_that_takes_no_answers_is_left(
    tmp_path: Path, pacs: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of an answer may have gone: whatever came behind it could not be read."""

    def answer(event: evt.Event) -> int:
        time.sleep(0.12)
        return 0

    def taken_by_nobody(*_: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(AcceptedSocket, "send_all", taken_by_nobody)
    peer = pacs(answer)
    samples = study_of([photo(seed) for seed in range(20)])
    with (
        holding(tmp_path, samples, destinations=[destination(peer.remote.port)]) as gateway,
        requesting(gateway, STUDY_ROOT_MOVE) as association,
    ):
        asked = identifier("STUDY", StudyInstanceUID=study_uid(samples[0]))
        statuses = [status for status, _ in association.send_c_move(asked, "PACS", STUDY_ROOT_MOVE)]
        assert eventually(lambda: association.is_aborted)
        assert eventually(lambda: peer.released == 1)
    assert not any(statuses)
    assert len(peer.stored) < 5


def test_a_long_move_outlives_the_idle_time(tmp_path: Path, pacs: Callable[..., Any]) -> None:
    """The mover says nothing meanwhile, which is no idleness."""

    def answer(event: evt.Event) -> int:
        time.sleep(0.4)
        return 0

    peer = pacs(answer)
    samples = study_of([photo(seed) for seed in range(3)])
    sections = {"dimse": {"port": 0, "idle_seconds": 0.5}, "destinations": [destination(peer.remote.port)]}
    with holding(tmp_path, samples, **sections) as gateway, requesting(gateway, STUDY_ROOT_MOVE) as association:
        for _ in range(2):
            asked = identifier("STUDY", StudyInstanceUID=study_uid(samples[0]))
            *_, (final, _) = association.send_c_move(asked, "PACS", STUDY_ROOT_MOVE)
            assert final.Status == RetrieveStatus.SUCCESS


@pytest.mark.peer
@pytest.mark.parametrize(
    ("options", "syntax"), [(["+xy"], JPEGBaseline8Bit), ([], ExplicitVRLittleEndian)], ids=["JPEG", "uncompressed"]
)
def test_getscu_gets_a_study(tmp_path: Path, options: list[str], syntax: str) -> None:
    samples = study_of([photo(seed) for seed in range(3)])
    got = tmp_path / "got"
    got.mkdir()
    with holding(tmp_path, samples) as gateway:
        done = run_dcmtk(
            "getscu", "-S", "-aet", "VIEWER", "-aec", "DERMGATE", *options, "+B", "-od", got, LOOPBACK,
            str(gateway.dimse_port), "-k", "QueryRetrieveLevel=STUDY", "-k",
            f"StudyInstanceUID={study_uid(samples[0])}",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = [dcmread(path) for path in got.iterdir()]
    assert {str(ds.SOPInstanceUID) for ds in files} == {sample.outgoing.sop_instance_uid for sample in samples}
    assert {ds.file_meta.TransferSyntaxUID for ds in files} == {syntax}
    if syntax == JPEGBaseline8Bit:
        assert sorted(data_set_of(path.read_bytes()) for path in got.iterdir()) == sorted(
            data_set_of(sample.file) for sample in samples
        )


@pytest.mark.peer
def test_getscu_that_prefers_jpeg_gets_the_reports_of_a_study_too(tmp_path: Path) -> None:
    report = photo(2, ExplicitVRLittleEndian, Comprehensive3DSRStorage)
    samples = study_of([photo(), report])
    got = tmp_path / "got"
    got.mkdir()
    with holding(tmp_path, samples) as gateway:
        done = run_dcmtk(
            "getscu", "-S", "+xy", "-aet", "VIEWER", "-aec", "DERMGATE", "-od", got, LOOPBACK, str(gateway.dimse_port),
            "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study_uid(samples[0])}",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {dcmread(path).file_meta.TransferSyntaxUID for path in got.iterdir()} == {
        JPEGBaseline8Bit, ExplicitVRLittleEndian,
    }  # fmt: skip


def test_what_the_requestor_takes_no_context_for_fails(tmp_path: Path) -> None:
    sample = photo()
    with holding(tmp_path, [sample]) as gateway, requesting(gateway, STUDY_ROOT_GET) as association:
        asked = identifier("STUDY", StudyInstanceUID=study_uid(sample))
        *_, (final, failed) = association.send_c_get(asked, STUDY_ROOT_GET)
    assert final.Status == RetrieveStatus.CANNOT_PERFORM_SUB_OPERATIONS
    assert failed is not None
    assert failed.FailedSOPInstanceUIDList == sample.outgoing.sop_instance_uid


def test_a_get_is_cancelled(tmp_path: Path) -> None:
    samples = study_of([photo(seed) for seed in range(30)])
    got: list[str] = []

    def take(event: evt.Event) -> int:
        got.append(str(store_request(event).AffectedSOPInstanceUID))
        if len(got) == 3:
            event.assoc.send_c_cancel(6, query_model=STUDY_ROOT_GET)
        time.sleep(0.02)
        return 0

    with (
        holding(tmp_path, samples) as gateway,
        requesting(gateway, STUDY_ROOT_GET, samples, EVT_C_STORE=take) as association,
    ):
        asked = identifier("STUDY", StudyInstanceUID=study_uid(samples[0]))
        *_, (final, _) = association.send_c_get(asked, STUDY_ROOT_GET, msg_id=6)
    assert final.Status == RetrieveStatus.CANCELLED
    assert len(got) < 30


@pytest.mark.peer
def test_orthanc_has_a_study_moved_to_itself(tmp_path: Path) -> None:
    samples = study_of([photo(seed) for seed in range(3)])
    port = free_port()
    with Orthanc(remotes={"gateway": Remote("DERMGATE", port)}) as orthanc:
        sections = {
            "dimse": {"port": port},
            "peers": [
                {"ae_title": "ORTHANC", "host": LOOPBACK, "may": ["echo", "find", "move"], "port": orthanc.dicom_port}
            ],
        }
        with holding(tmp_path, samples, **sections):
            asked = {"Level": "Study", "Resources": [{"StudyInstanceUID": study_uid(samples[0])}]}
            orthanc._client.post("/modalities/gateway/move", json=asked).raise_for_status()
        assert len(orthanc.instances()) == 3
        held = [orthanc.fetch_file(one) for one in orthanc.instances()]
    assert {str(dcmread_file(file).SOPInstanceUID) for file in held} == {
        sample.outgoing.sop_instance_uid for sample in samples
    }


def dcmread_file(file: bytes) -> Dataset:
    return dcmread(BytesIO(file))


def test_what_is_found_says_who_gives_it(tmp_path: Path) -> None:
    sample = photo()
    with holding(tmp_path, [sample]) as gateway, requesting(gateway, STUDY_ROOT_FIND) as association:
        asked = identifier("STUDY", StudyInstanceUID="", RetrieveAETitle="")
        (_, found), *_ = association.send_c_find(asked, STUDY_ROOT_FIND)
    assert found is not None
    assert found.RetrieveAETitle == "DERMGATE"
