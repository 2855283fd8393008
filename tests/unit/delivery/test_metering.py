"""What goes through a metered sender is counted: answers, bytes that arrived, and whether the destination is down."""

from io import BytesIO
from typing import BinaryIO

import pytest

from dimse.errors import UnreadableInstance
from dimse.outgoing import OutgoingInstance, SendResult
from dimse.reactions import Reaction
from gateway.delivery.breaker import Breaker
from gateway.delivery.metering import MOST_ANSWERS, OTHER, MeteredSender, Meters


class Scripted:
    """Opens what it is given, and answers as told."""

    def __init__(self, *results: SendResult) -> None:
        self.results = list(results)
        self.read: list[bytes] = []

    def send(self, instance: OutgoingInstance) -> SendResult:
        with instance.open_file() as stream:
            self.read.append(stream.read())
        return self.results.pop(0)

    def close(self) -> None: ...

    def abort(self) -> None: ...


def instance(size: int = 1000) -> OutgoingInstance:
    return OutgoingInstance("1.2", "1.2.3", "1.2", lambda: BytesIO(bytes(size)))


def test_answers_and_the_bytes_of_what_arrived_are_counted() -> None:
    meters = Meters()
    sender = Scripted(
        SendResult(0, Reaction.STORED, "stored"),
        SendResult(0xA700, Reaction.RETRY, "full"),
        SendResult(None, Reaction.UNREACHABLE, "nobody"),
        SendResult(0, Reaction.STORED, "stored"),
    )
    metered = MeteredSender(sender, meters.add("pacs", Breaker(5)))
    for _ in range(4):
        metered.send(instance())
    (reading,) = meters.read()
    assert reading.attempts == {("stored", "0000"): 2, ("retry", "A700"): 1, ("unreachable", ""): 1}
    assert reading.sent_bytes == 2000
    assert sender.read == [bytes(1000)] * 4, "each was read from its first byte"


def test_a_peer_that_answers_ever_differently_fills_no_memory() -> None:
    meters = Meters()
    meter = meters.add("pacs", Breaker(5))
    for status in range(10 * MOST_ANSWERS):
        meter.count("retry_few", status, sent_bytes=0, seconds=0)
    attempts = meters.read()[0].attempts
    assert len(attempts) == MOST_ANSWERS + 1
    assert sum(attempts.values()) == 10 * MOST_ANSWERS
    assert attempts[OTHER] == 9 * MOST_ANSWERS


def test_what_cannot_be_read_counts_for_nothing() -> None:
    def opened() -> BinaryIO:
        raise UnreadableInstance("gone")

    meters = Meters()
    metered = MeteredSender(Scripted(), meters.add("pacs", Breaker(5)))
    with pytest.raises(UnreadableInstance):
        metered.send(OutgoingInstance("1.2", "1.2.3", "1.2", opened))
    assert meters.read()[0].attempts == {}


def test_a_destination_is_down_as_long_as_its_breaker_says() -> None:
    meters, breaker = Meters(), Breaker(5)
    meters.add("pacs", breaker)
    assert not meters.read()[0].is_down
    breaker.down()
    assert meters.read()[0].is_down
    assert 0 < meters.read()[0].pause_seconds <= 60
    breaker.answered()
    assert not meters.read()[0].is_down
