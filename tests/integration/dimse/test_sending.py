"""Sending to peers that misbehave, and what is negotiated with those that do not."""

import io
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest.mock import ANY

import pytest
from pydicom.uid import (
    DermoscopicPhotographyImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    VLPhotographicImageStorage,
)
from pynetdicom import evt
from pynetdicom.dsutils import decode
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.presentation import build_context

from dimse.addresses import RemoteAE, Timeouts
from dimse.encoded import EncodedDataSet
from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.outgoing import SendResult
from dimse.pdata import BLOCK_BYTES
from dimse.reactions import Reaction
from dimse.send import StorageSender
from tests.integration.dimse.conftest import HASTY, Pacs, data_set_of, eventually
from tests.peers import LOOPBACK, free_port
from tests.unit.dimse.samples import photo

StartPacs = Callable[..., Pacs]
Listener = Callable[[Callable[[socket.socket], None]], RemoteAE]

NO_JPEG = [build_context(VLPhotographicImageStorage, [ExplicitVRLittleEndian])]


class _FailingLater(io.BytesIO):
    """A file on a disk that gives out after some reads."""

    def __init__(self, file: bytes, reads: int) -> None:
        super().__init__(file)
        self._reads = reads

    def read(self, size: int | None = -1) -> bytes:
        self._reads -= 1
        if self._reads < 0:
            raise OSError(5, "Input/output error")
        return super().read(size)


def send_one(remote: RemoteAE, timeouts: Timeouts = HASTY, *, decompress: bool = True) -> SendResult:
    with StorageSender(remote, "DERMGATE", timeouts, decompress=decompress) as sender:
        return sender.send(photo().outgoing)


def test_a_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    result = send_one(RemoteAE(LOOPBACK, free_port(), "PACS"))
    assert (result.status, result.reaction) == (None, Reaction.UNREACHABLE)
    assert "connection refused" in result.message


def test_a_silent_port_is_unreachable(listener: Listener) -> None:
    assert send_one(listener(lambda connection: None)).reaction is Reaction.UNREACHABLE


def test_a_rejection_of_our_title_waits_for_an_administrator(pacs: StartPacs) -> None:
    result = send_one(pacs(require_calling_aet=["OTHER"]).remote)
    assert result.reaction is Reaction.CONFIGURATION
    assert "register" in result.message


def test_a_full_peer_is_unreachable_for_the_moment(listener: Listener) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"\x03\x00\x00\x00\x00\x04\x00\x02\x03\x02")

    result = send_one(listener(script))
    assert result.reaction is Reaction.BUSY
    assert "as many associations as it allows" in result.message


@pytest.mark.parametrize(
    ("status", "reaction"),
    [
        (0xA700, Reaction.RETRY),
        (0xB000, Reaction.STORED_WITH_WARNING),
        (0xC123, Reaction.RETRY_ONCE),
        (0x0111, Reaction.CONFIRM_DUPLICATE),
    ],
)
def test_the_peers_status_comes_back_with_its_reaction(pacs: StartPacs, status: int, reaction: Reaction) -> None:
    result = send_one(pacs(answer=lambda event: status).remote)
    assert (result.status, result.reaction) == (status, reaction)
    assert f"0x{status:04X}" in result.message


def test_what_the_peer_comments_comes_back_apart_from_the_message(pacs: StartPacs) -> None:
    """It may quote the patient's name, so no message of ours holds it."""

    def answer(event: evt.Event) -> object:
        status = decode(io.BytesIO(), True, True)
        status.Status, status.ErrorComment, status.OffendingElement = 0xB000, "Nobody\tNever", [0x00100010, 0x00100020]
        return status

    result = send_one(pacs(answer=answer).remote)
    assert result.peer_comment == "NobodyNever"
    assert result.offending_elements == ("00100010", "00100020")
    assert "(00100010, 00100020)" in result.message
    assert "Nobody" not in result.message


def test_an_abort_instead_of_an_answer_leaves_the_outcome_unknown(pacs: StartPacs) -> None:
    def answer(event: evt.Event) -> int:
        event.assoc.abort()
        return 0

    assert send_one(pacs(answer=answer).remote).reaction is Reaction.UNKNOWN_OUTCOME


def test_an_answer_that_takes_too_long_leaves_the_outcome_unknown(pacs: StartPacs) -> None:
    over = threading.Event()

    def answer(event: evt.Event) -> int:
        over.wait(10)
        return 0

    started = time.monotonic()
    result = send_one(pacs(answer=answer).remote)
    over.set()
    assert result.reaction is Reaction.UNKNOWN_OUTCOME
    assert "no answer came within" in result.message
    assert time.monotonic() - started < 5


def test_rubbish_instead_of_an_answer_leaves_the_outcome_unknown(pacs: StartPacs) -> None:
    def answer(event: evt.Event) -> int:
        connection = event.assoc.dul.socket
        assert connection is not None
        connection.send(b"HTTP/1.1 500 no\r\n\r\n")
        time.sleep(0.3)
        return 0

    result = send_one(pacs(answer=answer).remote, Timeouts(acse_seconds=1, dimse_seconds=30))
    assert result.reaction is Reaction.UNKNOWN_OUTCOME


def test_a_peer_that_stops_reading_does_not_hold_us_for_ever(pacs: StartPacs) -> None:
    """Its window full, our send blocks; the network timeout ends it."""
    over = threading.Event()
    peer = pacs()

    def stall(event: evt.Event) -> None:
        if isinstance(event.pdu, P_DATA_TF):
            over.wait(20)

    assert peer.server is not None
    peer.server.bind(evt.EVT_PDU_RECV, stall)
    padding = b"\xfc\xff\xfc\xffOB\0\0" + struct.pack("<L", 16_000_000) + bytes(16_000_000)
    sample = photo()
    large = replace(sample.outgoing, open_file=lambda: io.BytesIO(sample.file + padding))
    started = time.monotonic()
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        result = sender.send(large)
    took = time.monotonic() - started
    over.set()
    assert result.reaction is Reaction.UNKNOWN_OUTCOME
    assert took < 10


def test_storage_that_fails_while_a_picture_is_to_be_decompressed_is_not_the_peers_refusal(pacs: StartPacs) -> None:
    instance = replace(photo().outgoing, open_file=lambda: _FailingLater(photo().file, reads=1))
    with (
        StorageSender(pacs(contexts=NO_JPEG).remote, "DERMGATE", HASTY) as sender,
        pytest.raises(UnavailableInstance, match="Input/output"),
    ):
        sender.send(instance)


def test_whatever_breaks_off_an_instance_half_way_the_next_one_goes_whole(
    pacs: StartPacs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dimse.pdata.BLOCK_BYTES", 512)
    peer, broken, whole = pacs(maximum_pdu_size=1024), photo(seed=1), photo(seed=2)
    blocks = EncodedDataSet.blocks

    def breaking(data_set: EncodedDataSet, size: int) -> Iterator[bytes]:
        yield next(blocks(data_set, size))
        raise RuntimeError

    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        monkeypatch.setattr(EncodedDataSet, "blocks", breaking)
        with pytest.raises(RuntimeError):
            sender.send(broken.outgoing)
        monkeypatch.setattr(EncodedDataSet, "blocks", blocks)
        assert sender.send(whole.outgoing).reaction is Reaction.STORED
    assert peer.stored == [data_set_of(whole.file)]
    assert len(peer.offered) == 2


def test_a_file_that_is_no_dicom_is_our_own_fault(pacs: StartPacs) -> None:
    broken = replace(photo().outgoing, open_file=lambda: io.BytesIO(b"JPEG"))
    with StorageSender(pacs().remote, "DERMGATE", HASTY) as sender, pytest.raises(UnreadableInstance):
        sender.send(broken)


def test_a_peer_without_jpeg_gets_the_picture_uncompressed_under_the_same_uid(pacs: StartPacs) -> None:
    peer, sample = pacs(contexts=NO_JPEG), photo()
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        result = sender.send(sample.outgoing)
    ds = decode(io.BytesIO(peer.stored[0]), False, True)
    assert result == SendResult(0, Reaction.STORED, ANY, str(ExplicitVRLittleEndian))
    assert ds.SOPInstanceUID == sample.outgoing.sop_instance_uid
    assert ds.PhotometricInterpretation == "RGB"
    assert ds.LossyImageCompression == "01"


def test_a_peer_without_jpeg_is_told_from_one_that_cannot_be_reached(pacs: StartPacs) -> None:
    result = send_one(pacs(contexts=NO_JPEG).remote, decompress=False)
    assert result.reaction is Reaction.NO_PRESENTATION_CONTEXT
    assert str(JPEGBaseline8Bit) in result.message


def test_a_peer_without_the_class_asks_for_another_class(pacs: StartPacs) -> None:
    contexts = [build_context(DermoscopicPhotographyImageStorage, [JPEGBaseline8Bit])]
    result = send_one(pacs(contexts=contexts).remote)
    assert result.reaction is Reaction.FALLBACK_CLASS
    assert str(VLPhotographicImageStorage) in result.message


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_the_stored_data_set_arrives_byte_for_byte(pacs: StartPacs, syntax: object) -> None:
    peer, sample = pacs(), photo(transfer_syntax=syntax)  # type: ignore[arg-type]  # parametrize types nothing
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        assert sender.send(sample.outgoing).transfer_syntax_uid == syntax
    assert peer.stored == [data_set_of(sample.file)]


def test_many_instances_go_over_one_association(pacs: StartPacs) -> None:
    """Each answered, none lost: answers come back faster than the library's threads change places."""
    peer = pacs()
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        results = [sender.send(photo(seed).outgoing) for seed in range(60)]
    assert {result.reaction for result in results} == {Reaction.STORED}
    assert len(peer.stored) == 60
    assert len(peer.offered) == 1
    assert eventually(lambda: peer.released == 1)


def test_a_pair_is_negotiated_when_it_first_comes_and_kept_from_then_on(pacs: StartPacs) -> None:
    peer = pacs()
    jpeg, native = photo().outgoing, photo(transfer_syntax=ExplicitVRLittleEndian).outgoing
    dermoscopic = photo(sop_class=DermoscopicPhotographyImageStorage).outgoing
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        for instance in (jpeg, native, dermoscopic, jpeg, native):
            assert sender.send(instance).reaction is Reaction.STORED
    assert [len(contexts) for contexts in peer.offered] == [2, 3, 5]


def test_an_association_the_peer_has_ended_is_replaced_unnoticed(pacs: StartPacs) -> None:
    peer = pacs(network_timeout=0.2)
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        assert sender.send(photo().outgoing).reaction is Reaction.STORED
        time.sleep(0.5)
        assert sender.send(photo().outgoing).reaction is Reaction.STORED
    assert len(peer.offered) == 2


def test_a_peer_that_releases_meanwhile_is_answered_and_gets_a_new_association(pacs: StartPacs) -> None:
    peer = pacs(network_timeout=0.2)

    def release_when_idle(event: evt.Event) -> None:
        event.assoc.network_timeout_response = "A-RELEASE"

    assert peer.server is not None
    peer.server.bind(evt.EVT_ESTABLISHED, release_when_idle)
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        assert sender.send(photo().outgoing).reaction is Reaction.STORED
        time.sleep(0.4)
        assert sender.send(photo().outgoing).reaction is Reaction.STORED
        assert eventually(lambda: peer.released == 1)
    assert len(peer.offered) == 2


def test_an_idle_association_is_released(pacs: StartPacs) -> None:
    peer = pacs()
    sender = StorageSender(peer.remote, "DERMGATE", HASTY, idle_seconds=0.1)
    sender.send(photo().outgoing)
    assert eventually(lambda: peer.released == 1)
    assert sender.send(photo().outgoing).reaction is Reaction.STORED
    sender.close()
    assert len(peer.offered) == 2


def test_abort_ends_a_send_in_progress_at_once(pacs: StartPacs) -> None:
    arrived, over = threading.Event(), threading.Event()

    def answer(event: evt.Event) -> int:
        arrived.set()
        over.wait(20)
        return 0

    sender = StorageSender(pacs(answer=answer).remote, "DERMGATE", Timeouts(dimse_seconds=60))
    results: list[SendResult] = []
    sending = threading.Thread(target=lambda: results.append(sender.send(photo().outgoing)))
    sending.start()
    arrived.wait(10)
    sender.abort()
    sending.join(5)
    over.set()
    assert [result.reaction for result in results] == [Reaction.UNKNOWN_OUTCOME]
    assert sender.send(photo().outgoing).reaction is Reaction.UNREACHABLE


def test_abort_ends_the_wait_for_a_peer_that_does_not_answer_the_call(listener: Listener) -> None:
    called = threading.Event()
    sender = StorageSender(listener(lambda connection: called.set()), "DERMGATE", Timeouts(acse_seconds=60))
    results: list[SendResult] = []
    sending = threading.Thread(target=lambda: results.append(sender.send(photo().outgoing)))
    sending.start()
    assert called.wait(10)
    sender.abort()
    sending.join(5)
    assert [result.reaction for result in results] == [Reaction.UNREACHABLE]
    assert not [thread for thread in threading.enumerate() if "reactor" in thread.name]


def test_abort_ends_the_wait_for_a_host_that_takes_no_connection(black_hole: RemoteAE) -> None:
    sender = StorageSender(black_hole, "DERMGATE")
    results: list[SendResult] = []
    sending = threading.Thread(target=lambda: results.append(sender.send(photo().outgoing)))
    sending.start()
    assert eventually(lambda: any("reactor" in thread.name for thread in threading.enumerate()))
    sender.abort()
    sending.join(5)
    assert [result.reaction for result in results] == [Reaction.UNREACHABLE]


def test_abort_leaves_no_idle_watch_behind(pacs: StartPacs) -> None:
    before = set(threading.enumerate())
    sender = StorageSender(pacs().remote, "DERMGATE", idle_seconds=60)
    sender.send(photo().outgoing)
    sender.abort()
    assert eventually(
        lambda: not [new for new in set(threading.enumerate()) - before if isinstance(new, threading.Timer)]
    )


def test_a_peer_that_takes_a_few_bytes_at_a_time_is_refused(pacs: StartPacs) -> None:
    result = send_one(pacs(maximum_pdu_size=6).remote)
    assert result.reaction is Reaction.CONFIGURATION
    assert "no more than 6 bytes" in result.message


def test_an_acceptance_that_leaves_out_what_it_must_say_is_refused(listener: Listener) -> None:
    """No user information, so no maximum length: the library would divide by nothing."""

    def item(kind: int, value: bytes) -> bytes:
        return struct.pack(">BxH", kind, len(value)) + value

    syntax = item(0x40, JPEGBaseline8Bit.encode())
    accepted = item(0x21, b"\x01\x00\x00\x00" + syntax)
    body = b"\x00\x01\x00\x00" + b"PACS".ljust(16) + b"DERMGATE".ljust(16) + bytes(32)
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + accepted

    def script(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"\x02\x00" + struct.pack(">L", len(body)) + body)

    result = send_one(listener(script))
    assert result.reaction is Reaction.CONFIGURATION
    assert "does not say how many bytes" in result.message


class _Measured(io.BytesIO):
    """A file whose longest read is noted."""

    longest = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self.longest = max(self.longest, len(block))
        return block


def test_a_large_object_is_read_as_it_goes(pacs: StartPacs) -> None:
    padding = b"\xfc\xff\xfc\xffOB\0\0" + struct.pack("<L", 20_000_000) + bytes(20_000_000)
    sample, peer = photo(), pacs()
    stream = _Measured(sample.file + padding)
    with StorageSender(peer.remote, "DERMGATE") as sender:
        assert sender.send(replace(sample.outgoing, open_file=lambda: stream)).reaction is Reaction.STORED
    assert peer.stored == [data_set_of(sample.file) + padding]
    assert stream.longest <= BLOCK_BYTES


def test_what_was_refused_long_ago_is_offered_again(pacs: StartPacs, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = pacs(contexts=NO_JPEG)
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        for _ in range(3):
            assert sender.send(photo().outgoing).transfer_syntax_uid == ExplicitVRLittleEndian
        assert len(peer.offered) == 1
        monkeypatch.setattr("dimse.session.REFUSALS_LAST_SECONDS", 0)
        assert sender.send(photo().outgoing).transfer_syntax_uid == ExplicitVRLittleEndian
    assert len(peer.offered) == 2


def test_threads_share_a_sender(pacs: StartPacs) -> None:
    peer = pacs()
    reactions: list[Reaction] = []
    with StorageSender(peer.remote, "DERMGATE", HASTY) as sender:
        threads = [
            threading.Thread(target=lambda seed=seed: reactions.append(sender.send(photo(seed).outgoing).reaction))
            for seed in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert reactions == [Reaction.STORED] * 8
    assert len(peer.offered) == 1


def test_nothing_of_what_is_sent_is_logged(pacs: StartPacs, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    send_one(pacs(answer=lambda event: 0xC000).remote)
    assert not [record for record in caplog.records if record.name.startswith("pynetdicom")]
    assert "Nobody" not in caplog.text
