"""DCMTK's storescp with the faults that it can be given, through the outbox, and sound again afterwards."""

import pytest

from tests.integration.delivery.hospital import attempts, rows, states, wait_until
from tests.integration.delivery.leaving import PHOTO, House, Receiver, original, there

pytestmark = pytest.mark.peer

EVERY_SYNTAX = "+xa"
IMPATIENT = {"acse_seconds": 0.5, "dimse_seconds": 0.5}


def test_a_storescp_that_refuses_costs_no_attempt_and_gets_it_later(house: House, receiver: Receiver) -> None:
    receiver.start("--refuse")
    with house.delivering(there(receiver), PHOTO):
        wait_until(lambda: "rejected" in (rows(house.database)[0].last_message or ""), "the reason is told")
        wait_until(lambda: states(house.database) == {"queued": 1}, "it waits")
        assert attempts(house.database) == []
        receiver.stop()
        receiver.start(EVERY_SYNTAX)
        wait_until(lambda: states(house.database) == {"sent": 1}, "it is sent")
    assert [held.SOPInstanceUID for held in receiver.objects()] == [original().SOPInstanceUID]


@pytest.mark.parametrize(
    "fault",
    [("--abort-after",), ("--abort-during",), ("--sleep-during", "2")],
    ids=lambda fault: fault[0],
)
def test_a_storescp_that_fails_within_the_association_gets_the_same_object_again(
    house: House, receiver: Receiver, fault: tuple[str, ...]
) -> None:
    receiver.start(EVERY_SYNTAX, *fault)
    with house.delivering(there(receiver, **IMPATIENT), PHOTO):
        wait_until(lambda: len(attempts(house.database)) >= 1, "it has failed")
        assert {attempt.outcome for attempt in attempts(house.database)} == {"unknown_outcome"}
        receiver.stop()
        receiver.start(EVERY_SYNTAX)
        wait_until(lambda: states(house.database) == {"sent": 1}, "it is sent")
    [held] = receiver.objects()
    assert (held.SOPInstanceUID, held.PixelData) == (original().SOPInstanceUID, original().PixelData)


def test_a_storescp_that_is_slow_but_sound_is_waited_for(house: House, receiver: Receiver) -> None:
    receiver.start(EVERY_SYNTAX, "--sleep-after", "1")
    with house.delivering(there(receiver), PHOTO):
        wait_until(lambda: states(house.database) == {"sent": 1}, "it is sent")
    assert len(attempts(house.database)) == 1


def test_what_a_storescp_says_it_has_is_sent_though_it_keeps_nothing(house: House, receiver: Receiver) -> None:
    """Its word is all there is where no proof is asked for."""
    receiver.start(EVERY_SYNTAX, "--ignore")
    with house.delivering(there(receiver), PHOTO):
        wait_until(lambda: states(house.database) == {"sent": 1}, "it is sent")
    assert receiver.objects() == []
