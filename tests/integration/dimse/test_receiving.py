"""Our provider: whom it lets in, what it bounds, what it hands on."""

import io
import logging
import os
import resource
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from pydicom import dcmread
from pydicom.uid import (
    DermoscopicPhotographyImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    VLPhotographicImageStorage,
)
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import build_context

from dimse.addresses import Timeouts
from dimse.association import Obstacle, break_off, request_association
from dimse.echo import echo
from dimse.errors import CannotListen
from dimse.incoming import Peer, ProviderConfig, ReceivedInstance
from dimse.listening import SPARE_CONNECTIONS
from dimse.reactions import Reaction
from dimse.receive import StorageProvider
from dimse.send import StorageSender
from dimse.status import Status
from dimse.storing import held_whole
from tests.integration.dimse.conftest import HASTY, Providing, data_set_of, eventually, run_dcmtk
from tests.peers import LOOPBACK
from tests.unit.dimse.samples import Sample, photo

StartProvider = Callable[..., Providing]

BRIEF = Timeouts(acse_seconds=0.3, network_seconds=0.5)


def send(providing: Providing, sample: Sample, title: str = "CAMERA") -> Reaction:
    with StorageSender(providing.remote, title) as sender:
        return sender.send(sample.outgoing).reaction


def connect(providing: Providing) -> socket.socket:
    return socket.create_connection((LOOPBACK, providing.remote.port), 5)


def closed_by_peer(connection: socket.socket, seconds: float = 5) -> bool:
    connection.settimeout(seconds)
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def test_a_port_in_use_is_said_to_be(providing: StartProvider) -> None:
    taken = providing().remote.port
    with pytest.raises(CannotListen, match=str(taken)):
        StorageProvider(ProviderConfig(LOOPBACK, taken, "DERMGATE"), held_whole(lambda instance: 0)).start()


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.1"])
def test_a_caller_that_is_not_listed_is_rejected_for_good(providing: StartProvider, address: str) -> None:
    """By title, or by title and address: it reads the same (PS3.8: permanent, user, calling AE not recognised)."""
    ours = providing(peers=(Peer("OTHER", LOOPBACK), Peer("CAMERA" if address != LOOPBACK else "THIRD", address)))
    result = echo(ours.remote, "CAMERA")
    assert result.obstacle is Obstacle.REJECTED
    assert "does not know our AE title CAMERA" in result.words
    assert send(ours, photo()) is Reaction.CONFIGURATION
    assert ours.received == []


def test_a_listed_caller_is_let_in(providing: StartProvider) -> None:
    assert send(providing(peers=(Peer("CAMERA", LOOPBACK),)), photo()) is Reaction.STORED


def test_a_wrong_called_title_is_rejected_where_that_is_asked_for(providing: StartProvider) -> None:
    ours = providing(ae_title="SKIN", require_called_ae_title=True)
    assert "does not answer to the AE title DERMGATE" in echo(ours.remote, "CAMERA").words


@pytest.mark.parametrize("length", [1, 5, 6, 7, 127, 1023])
def test_a_caller_that_takes_a_few_bytes_at_a_time_is_rejected(providing: StartProvider, length: int) -> None:
    """The answer could not be cut so small; the thread that tried would end without a word."""
    ours = providing()
    ae = AE("CAMERA")
    ae.add_requested_context(VLPhotographicImageStorage, JPEGBaseline8Bit)
    association = ae.associate(LOOPBACK, ours.remote.port, max_pdu=length)
    assert association.is_rejected


def test_more_associations_than_allowed_are_told_to_come_back(providing: StartProvider) -> None:
    ours = providing(max_associations=2)
    with ExitStack() as stack:
        for _ in range(2):
            sender = stack.enter_context(StorageSender(ours.remote, "CAMERA"))
            assert sender.send(photo().outgoing).reaction is Reaction.STORED
        refused = echo(ours.remote, "CAMERA")
        assert refused.obstacle is Obstacle.REJECTED
        assert "as many associations as it allows" in refused.words
    assert eventually(lambda: echo(ours.remote, "CAMERA").ok)


def test_connections_that_never_ask_keep_nobody_out_and_are_closed(providing: StartProvider) -> None:
    ours = providing(max_associations=1, timeouts=BRIEF)
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(ours)) for _ in range(SPARE_CONNECTIONS)]
        assert echo(ours.remote, "CAMERA").ok
        assert all(closed_by_peer(connection) for connection in idle)


def test_beyond_the_room_the_oldest_that_has_asked_for_nothing_is_closed(providing: StartProvider) -> None:
    ours = providing(max_associations=1)
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(ours)) for _ in range(SPARE_CONNECTIONS + 3)]
        assert closed_by_peer(connections[0])
        assert closed_by_peer(connections[1])
        assert not closed_by_peer(connections[-1], 0.1)
        assert send(ours, photo()) is Reaction.STORED


def test_an_association_is_never_closed_for_another_connection(providing: StartProvider) -> None:
    ours = providing(max_associations=2)
    with StorageSender(ours.remote, "CAMERA") as sender, ExitStack() as stack:
        assert sender.send(photo().outgoing).reaction is Reaction.STORED
        for _ in range(SPARE_CONNECTIONS + 10):
            stack.enter_context(connect(ours))
        assert sender.send(photo(2).outgoing).reaction is Reaction.STORED
    assert len(ours.received) == 2


def test_a_stranger_costs_no_thread(providing: StartProvider) -> None:
    ours = providing(peers=(Peer("CAMERA", "192.0.2.1"),))
    before = set(threading.enumerate())
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(ours)) for _ in range(20)]
        assert all(closed_by_peer(connection) for connection in connections)
        assert not [one for one in set(threading.enumerate()) - before if "Acceptor" in one.name]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x01\x00\xff\xff\xff\xff" + bytes(1000),
        b"\x04\x00\x00\x00\x00\x02ab",
        b"\x01\x00\x00",
    ],
    ids=["http", "a request of 4 GiB", "data without an association", "half a head"],
)
def test_rubbish_ends_its_connection_and_nothing_else(providing: StartProvider, rubbish: bytes) -> None:
    ours = providing(timeouts=BRIEF)
    with connect(ours) as connection:
        connection.sendall(rubbish)
        assert closed_by_peer(connection)
    assert echo(ours.remote, "CAMERA").ok


def test_damaged_requests_end_their_connections_and_nothing_else(providing: StartProvider) -> None:
    """Association requests with bytes changed at random: some pass, most do not, none leaves a thread behind."""
    ours = providing(timeouts=BRIEF, max_associations=100)
    request = recorded_request(ours)
    before = set(threading.enumerate())
    random = Random(7)
    for _ in range(60):
        damaged = bytearray(request)
        for _ in range(random.randint(1, 4)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        with connect(ours) as connection:
            connection.sendall(damaged)
    assert echo(ours.remote, "CAMERA").ok
    assert eventually(lambda: set(threading.enumerate()) <= before)


def recorded_request(ours: Providing) -> bytes:
    """The bytes of a good association request."""
    sent: list[bytes] = []
    ae = AE("CAMERA")
    ae.add_requested_context(VLPhotographicImageStorage, JPEGBaseline8Bit)
    association = ae.associate(
        LOOPBACK, ours.remote.port, evt_handlers=[(evt.EVT_DATA_SENT, lambda event: sent.append(event.data))]
    )
    association.release()
    return sent[0]


def test_an_object_that_is_too_large_ends_its_association_and_is_not_handed_on(providing: StartProvider) -> None:
    ours = providing(max_object_bytes=100_000)
    large = photo(transfer_syntax=ExplicitVRLittleEndian, rows=400, columns=600)
    assert send(ours, large) is Reaction.UNKNOWN_OUTCOME
    assert ours.received == []
    assert send(ours, photo()) is Reaction.STORED


def test_many_open_files_break_no_association(providing: StartProvider) -> None:
    """`select` knows no descriptor above 1023; the library asks it, and takes its refusal for a lost connection."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 4096), limits[1]))
    ours = providing()
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        highest = 0
        while highest < 1100:
            highest = os.dup(0)
            stack.callback(os.close, highest)
        assert send(ours, photo()) is Reaction.STORED


def test_a_peer_that_floods_is_logged_once(providing: StartProvider, caplog: pytest.LogCaptureFixture) -> None:
    ours = providing(max_object_bytes=100_000)
    assert send(ours, photo(transfer_syntax=ExplicitVRLittleEndian, rows=800, columns=600)) is Reaction.UNKNOWN_OUTCOME
    lines = [record for record in caplog.records if "aborted: more than" in record.message]
    assert len(lines) == 1


def test_an_idle_association_is_ended(providing: StartProvider) -> None:
    ours = providing(timeouts=Timeouts(network_seconds=0.2))
    others = set(threading.enumerate())
    with StorageSender(ours.remote, "CAMERA") as sender:
        sender.send(photo().outgoing)
        assert eventually(
            lambda: not [one for one in threading.enumerate() if "Acceptor" in one.name and one not in others]
        )


def test_a_store_that_raises_is_answered_and_logged_without_what_it_said(
    providing: StartProvider, caplog: pytest.LogCaptureFixture
) -> None:
    quoted = "^".join(("Nobody", "Never"))

    def answer(instance: ReceivedInstance) -> int:
        raise ValueError(quoted)

    ours = providing(answer=answer)
    with StorageSender(ours.remote, "CAMERA") as sender:
        result = sender.send(photo().outgoing)
    assert result.status == Status.PROCESSING_FAILURE
    assert "ValueError" in caplog.text
    assert "in answer" in caplog.text
    assert "Nobody" not in caplog.text


@pytest.mark.filterwarnings("ignore:.*Invalid value for VR UI")  # pydicom's, of what is sent on purpose
@pytest.mark.parametrize("uid", ["../../etc/passwd", "1.2.3/4", ""])
def test_a_uid_that_is_none_never_reaches_the_store(providing: StartProvider, uid: str) -> None:
    ours = providing()
    assert raw_store(ours, uid) != Status.SUCCESS
    assert ours.received == []


def raw_store(ours: Providing, sop_instance_uid: str) -> int | None:
    """The status of a C-STORE with any text for a UID, None where the association ended instead."""
    context = build_context(VLPhotographicImageStorage, ImplicitVRLittleEndian)
    association = request_association(ours.remote, "CAMERA", [context], HASTY)
    request = C_STORE()
    request.MessageID, request.Priority = 1, 0
    request.AffectedSOPClassUID = VLPhotographicImageStorage
    request._AffectedSOPInstanceUID = sop_instance_uid
    request.DataSet = io.BytesIO(b"\x08\0\x05\0\0\0\0\0")
    association.dimse.send_msg(request, 1)
    _, response = association.dimse.get_msg(block=True)
    association.abort()
    return response.Status if isinstance(response, C_STORE) else None


def test_a_class_sent_under_another_classes_context_is_refused(providing: StartProvider) -> None:
    ours = providing()
    context = build_context(DermoscopicPhotographyImageStorage, JPEGBaseline8Bit)
    association = request_association(ours.remote, "CAMERA", [context], HASTY)
    request = C_STORE()
    request.MessageID, request.Priority = 1, 0
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = VLPhotographicImageStorage, "1.2.3"
    request.DataSet = io.BytesIO(b"\x08\0\x05\0\0\0\0\0")
    association.dimse.send_msg(request, 1)
    _, response = association.dimse.get_msg(block=True)
    association.abort()
    assert isinstance(response, C_STORE)
    assert response.Status == Status.SOP_CLASS_NOT_SUPPORTED
    assert ours.received == []


@pytest.mark.parametrize("status", [Status.OUT_OF_RESOURCES, Status.DUPLICATE_SOP_INSTANCE, Status.SUCCESS])
def test_the_status_of_the_store_is_the_answer(providing: StartProvider, status: Status) -> None:
    ours = providing(answer=lambda instance: status)
    with StorageSender(ours.remote, "CAMERA") as sender:
        assert sender.send(photo().outgoing).status == status


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_what_is_sent_is_handed_on_byte_for_byte(providing: StartProvider, syntax: object) -> None:
    ours, sample = providing(), photo(transfer_syntax=syntax)  # type: ignore[arg-type]  # parametrize types nothing
    assert send(ours, sample) is Reaction.STORED
    (received,) = ours.received
    assert received.data_set == data_set_of(sample.file)
    assert (received.request.calling_ae_title, received.request.called_ae_title) == ("CAMERA", "DERMGATE")
    assert received.request.address == LOOPBACK
    assert received.request.sop_instance_uid == sample.outgoing.sop_instance_uid
    assert received.request.transfer_syntax_uid == syntax
    ds = dcmread(io.BytesIO(received.part10()))
    assert ds.file_meta.SourceApplicationEntityTitle == "CAMERA"
    assert ds.preamble == bytes(128)


def test_stop_lets_a_store_end_and_be_answered_and_gives_the_port_back(providing: StartProvider) -> None:
    began, go_on = threading.Event(), threading.Event()

    def answer(instance: ReceivedInstance) -> int:
        began.set()
        go_on.wait(10)
        return 0

    ours = providing(answer=answer)
    port = ours.remote.port
    results: list[Reaction] = []
    sending = threading.Thread(target=lambda: results.append(send(ours, photo())))
    sending.start()
    began.wait(10)
    stopping = threading.Thread(target=ours.provider.stop)
    stopping.start()
    time.sleep(0.2)
    socket.create_server((LOOPBACK, port)).close()
    assert stopping.is_alive()
    go_on.set()
    sending.join(10)
    stopping.join(10)
    assert results == [Reaction.STORED]


def test_a_provider_starts_again_after_a_stop(providing: StartProvider) -> None:
    ours = providing()
    ours.provider.stop()
    ours.provider.stop()
    ours.provider.start()
    assert send(ours, photo()) is Reaction.STORED


def test_a_provider_starts_once(providing: StartProvider) -> None:
    with pytest.raises(RuntimeError):
        providing().provider.start()


def test_stop_leaves_no_thread_behind(providing: StartProvider) -> None:
    before = set(threading.enumerate())
    ours = providing()
    context = build_context(VLPhotographicImageStorage)
    association = request_association(ours.remote, "CAMERA", [context], HASTY)
    ours.provider.stop()
    break_off(association)
    assert eventually(lambda: set(threading.enumerate()) <= before)


def test_nothing_of_what_is_received_is_logged(providing: StartProvider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ours = providing(answer=lambda instance: Status.CANNOT_UNDERSTAND)
    send(ours, photo())
    assert "Nobody" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("pynetdicom")]


@pytest.mark.peer
def test_echoscu_verifies_us(providing: StartProvider) -> None:
    ours = providing()
    done = run_dcmtk("echoscu", "-aet", "CAMERA", "-aec", "DERMGATE", LOOPBACK, str(ours.remote.port))
    assert done.returncode == 0, done.stderr


@pytest.mark.peer
def test_echoscu_of_an_unlisted_caller_hears_why(providing: StartProvider) -> None:
    ours = providing(peers=(Peer("OTHER", LOOPBACK),))
    done = run_dcmtk("echoscu", "-aet", "CAMERA", LOOPBACK, str(ours.remote.port))
    assert done.returncode != 0
    assert "Calling AE Title Not Recognized" in done.stderr


@pytest.mark.peer
@pytest.mark.parametrize(
    ("option", "syntax"), [("-xy", JPEGBaseline8Bit), ("-xe", ExplicitVRLittleEndian), ("-xi", ImplicitVRLittleEndian)]
)
def test_storescu_stores_with_us(providing: StartProvider, tmp_path: Path, option: str, syntax: object) -> None:
    samples = [photo(seed, transfer_syntax=syntax) for seed in range(3)]  # type: ignore[arg-type]  # as above
    for number, sample in enumerate(samples):
        (tmp_path / f"{number}.dcm").write_bytes(sample.file)
    ours = providing()
    done = run_dcmtk(
        "storescu", option, "-R", "-aet", "CAMERA", "-aec", "DERMGATE", "+sd", LOOPBACK, str(ours.remote.port), tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert {received.request.sop_instance_uid for received in ours.received} == {
        sample.outgoing.sop_instance_uid for sample in samples
    }
    assert {received.request.transfer_syntax_uid for received in ours.received} == {syntax}
    assert {len(dcmread(io.BytesIO(received.part10())).PixelData) for received in ours.received} == {
        len(dcmread(io.BytesIO(sample.file)).PixelData) for sample in samples
    }
