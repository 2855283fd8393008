"""A connection that two may read, the library and who sends."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest

from dimse.transport import HIGHEST_PDU_BYTES, BoundedSocket, PduTooLong

ANSWER = b"\x04\0\0\0\0\x04data"
EMPTY = b"\x04\0\0\0\0\x06\0\0\0\x02\x01\x01"
CANCEL = b"\x04\0\0\0\0\x06cancel"


class Line:
    """A bounded socket without an association, and the peer's end of the wire."""

    def __init__(self) -> None:
        ours, self.peer = socket.socketpair()
        self.events: list[str] = []
        self.bounded = BoundedSocket.__new__(BoundedSocket)
        self.bounded._turn = threading.Condition()
        self.bounded.socket = ours
        self.bounded._is_connected = True
        self.bounded._assoc = SimpleNamespace(network_timeout=0.3, dul=SimpleNamespace(event_queue=self))  # type: ignore[assignment]
        self.bounded._hang_bell()

    def put(self, event: str) -> None:
        self.events.append(event)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr("dimse.transport._acknowledge_at_once", lambda _connection: None)  # no TCP underneath
    made = Line()
    yield made
    made.bounded.hang_up()
    made.peer.close()


def _soon() -> float:
    return time.monotonic() + 0.1


def test_the_library_reads_nothing_while_the_socket_is_held(line: Line) -> None:
    line.peer.sendall(ANSWER)
    with line.bounded.held():
        assert not line.bounded.ready
        assert line.bounded.next_pdu(_soon()) == ANSWER
    assert not line.bounded.ready
    line.peer.sendall(ANSWER)
    assert line.bounded.ready


def test_what_the_library_has_begun_to_read_is_waited_for(line: Line) -> None:
    line.peer.sendall(ANSWER)
    assert line.bounded.ready
    read = bytearray()

    def library() -> None:
        time.sleep(0.05)
        read.extend(line.bounded.recv(6) + line.bounded.recv(4))
        assert not line.bounded.ready

    reading = threading.Thread(target=library)
    reading.start()
    with line.bounded.held():
        assert read == ANSWER
    reading.join()


def test_a_library_that_never_ends_its_reading_is_not_waited_for_long(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dimse.transport.HANDOVER_SECONDS", 0.05)
    line.peer.sendall(ANSWER)
    assert line.bounded.ready
    with pytest.raises(ConnectionError), line.bounded.held():
        pass


def test_what_is_handed_back_is_read_by_the_library_in_its_order(line: Line) -> None:
    with line.bounded.held():
        line.bounded.hand_back(CANCEL)
        held_back = line.bounded.ready
    line.peer.sendall(ANSWER)
    assert (held_back, line.bounded.ready) == (False, True)
    assert bytes(line.bounded.recv(6) + line.bounded.recv(6)) == CANCEL
    assert bytes(line.bounded.recv(6) + line.bounded.recv(4)) == ANSWER


def test_a_flood_of_what_is_no_answer_is_not_kept(line: Line) -> None:
    with line.bounded.held():
        line.bounded.hand_back(bytes(HIGHEST_PDU_BYTES))
        with pytest.raises(PduTooLong):
            line.bounded.hand_back(CANCEL)


def test_a_pdu_of_four_gigabytes_is_refused_before_it_is_read(line: Line) -> None:
    line.peer.sendall(b"\x04\0\xff\xff\xff\xff")
    with line.bounded.held(), pytest.raises(PduTooLong):
        line.bounded.next_pdu(_soon())


def test_silence_ends_at_the_deadline(line: Line) -> None:
    with line.bounded.held(), pytest.raises(TimeoutError):
        line.bounded.next_pdu(_soon())


def test_half_a_pdu_is_waited_for_no_longer_than_the_network_may_take(line: Line) -> None:
    line.peer.sendall(ANSWER[:8])
    started = time.monotonic()
    with line.bounded.held(), pytest.raises(TimeoutError):
        line.bounded.next_pdu(time.monotonic() + 60)
    assert time.monotonic() - started < 5


def test_a_peer_that_always_has_more_to_say_is_listened_to_until_the_deadline(line: Line) -> None:
    def peer() -> None:
        with suppress(OSError):
            while True:
                line.peer.sendall(EMPTY * 1000)

    talking = threading.Thread(target=peer)
    talking.start()
    until, latest = _soon(), time.monotonic() + 2

    def listen() -> None:
        while time.monotonic() < latest:
            line.bounded.next_pdu(until)

    with line.bounded.held(), pytest.raises(TimeoutError):
        listen()
    line.bounded.hang_up()
    talking.join()


@pytest.mark.parametrize("sent", [b"", ANSWER[:3], ANSWER[:8]])
def test_a_peer_that_leaves_is_told_from_one_that_is_silent(line: Line, sent: bytes) -> None:
    line.peer.sendall(sent)
    line.peer.close()
    with line.bounded.held(), pytest.raises(ConnectionError):
        line.bounded.next_pdu(_soon())


def test_who_reads_slowly_gets_everything_in_order(line: Line) -> None:
    pieces = [bytes([number % 251]) * 9_973 for number in range(60)]
    received = bytearray()

    def peer() -> None:
        while block := line.peer.recv(30_000):
            received.extend(block)

    reading = threading.Thread(target=peer)
    reading.start()
    line.bounded.send_all(pieces, time.monotonic() + 10)
    line.bounded.hang_up()
    reading.join()
    assert bytes(received) == b"".join(pieces)


def test_who_reads_nothing_is_given_up(line: Line) -> None:
    with pytest.raises(TimeoutError):
        line.bounded.send_all([bytes(16_000_000)], time.monotonic() + 60)


def test_who_reads_a_little_at_a_time_is_given_up_at_the_deadline(line: Line) -> None:
    ended = threading.Event()

    def peer() -> None:
        while not ended.wait(0.05):
            line.peer.recv(4000)

    reading = threading.Thread(target=peer)
    reading.start()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        line.bounded.send_all([bytes(16_000_000)], time.monotonic() + 0.8)
    ended.set()
    reading.join()
    assert time.monotonic() - started < 5


def test_a_connection_that_is_closed_here_is_an_error_to_both(line: Line) -> None:
    line.bounded.hang_up()
    with pytest.raises(OSError, match="descriptor"), line.bounded.held():
        line.bounded.next_pdu(_soon())
    with pytest.raises(OSError, match="descriptor"):
        line.bounded.send_all([b"x"], _soon())
