"""A peer that breaks off, says nothing or says what it must not, at each moment of an association."""

import pytest

from dimse.reactions import Reaction
from gateway.database import Database
from tests.integration.delivery.hospital import Pacs, attempts, rows, states, wait_until
from tests.integration.delivery.one_delivery import LITTLE_PATIENCE, PATIENCE, sent_bare, working
from tests.integration.delivery.sabotage import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RQ,
    P_DATA,
    RELEASE,
    Harm,
    Plot,
    Saboteur,
    Wire,
    cut,
    swallowed,
    told,
)


def let_through_then(harm: Harm) -> Harm:
    """It arrives, and then the harm is done."""

    def act(wire: Wire, pdu: bytes) -> None:
        wire.tell(pdu)
        harm(wire, pdu)

    return act


def half(wire: Wire, pdu: bytes) -> None:
    """It begins to arrive."""
    wire.tell(pdu[: len(pdu) // 2])
    wire.cut()


def as_answer_to_another(wire: Wire, pdu: bytes) -> None:
    """It arrives with another Message ID Being Responded To (0000,0120)."""
    at = pdu.index(b"\0\0\x20\x01\x02\0\0\0") + 8
    wire.tell(pdu[:at] + b"\x99\x99" + pdu[at + 2 :])


def as_answer_to_an_echo(wire: Wire, pdu: bytes) -> None:
    """It arrives as a C-ECHO response: Command Field (0000,0100) of 0x8030."""
    at = pdu.index(b"\0\0\0\x01\x02\0\0\0") + 8
    wire.tell(pdu[:at] + b"\x30\x80" + pdu[at + 2 :])


UNREACHABLE, UNKNOWN = Reaction.UNREACHABLE, Reaction.UNKNOWN_OUTCOME
BEFORE = {
    "hangs up at the door": Plot(ASSOCIATE_RQ, cut),
    "aborts the request": Plot(ASSOCIATE_RQ, told(ABORT)),
    "says nothing to the request": Plot(ASSOCIATE_RQ, swallowed),
    "says something else than DICOM": Plot(ASSOCIATE_RQ, told(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "accepts without a word on what it takes": Plot(ASSOCIATE_RQ, told(b"\x02\0\0\0\0\x44\0\x01" + bytes(66))),
    "begins to accept and hangs up": Plot(ASSOCIATE_AC, half, spoken_by_pacs=True),
}
"""Nothing was sent: the destination waits, not the delivery."""
AFTER = {
    "hangs up once it has accepted": Plot(ASSOCIATE_AC, let_through_then(cut), spoken_by_pacs=True),
    "aborts once it has accepted": Plot(ASSOCIATE_AC, let_through_then(told(ABORT)), spoken_by_pacs=True),
    "releases once it has accepted": Plot(ASSOCIATE_AC, let_through_then(told(RELEASE)), spoken_by_pacs=True),
    "hangs up while it is sent": Plot(P_DATA, cut),
    "aborts while it is sent": Plot(P_DATA, told(ABORT)),
    "says nothing to what is sent": Plot(P_DATA, swallowed),
    "hangs up instead of the answer": Plot(P_DATA, cut, spoken_by_pacs=True),
    "aborts instead of the answer": Plot(P_DATA, told(ABORT), spoken_by_pacs=True),
    "releases instead of the answer": Plot(P_DATA, told(RELEASE), spoken_by_pacs=True),
    "never answers": Plot(P_DATA, swallowed, spoken_by_pacs=True),
    "answers by half": Plot(P_DATA, half, spoken_by_pacs=True),
    "answers with something else than DICOM": Plot(P_DATA, told(b"HTTP/1.1 500 \r\n\r\n"), spoken_by_pacs=True),
    "announces four gigabytes of answer": Plot(P_DATA, told(b"\x04\0\xff\xff\xff\xff"), spoken_by_pacs=True),
    "answers with a value longer than its PDU": Plot(
        P_DATA, told(b"\x04\0\0\0\0\x06\0\0\xff\xff\x01\x03"), spoken_by_pacs=True
    ),
    "answers to another message": Plot(P_DATA, as_answer_to_another, spoken_by_pacs=True),
    "answers as if to an echo": Plot(P_DATA, as_answer_to_an_echo, spoken_by_pacs=True),
}
"""It may have been stored: the same instance goes again."""


def patience_with(plot: Plot) -> float:
    """Seconds: who is silent is not waited for long, who answers is given the time it takes."""
    return LITTLE_PATIENCE if plot.harm is swallowed else PATIENCE


@pytest.mark.parametrize("plot", BEFORE.values(), ids=BEFORE.keys())
def test_a_peer_that_fails_before_the_association_costs_no_attempt(
    sqlite: Database, pacs: Pacs, saboteur: Saboteur, plot: Plot
) -> None:
    saboteur.plot = plot
    patience = patience_with(plot)
    assert sent_bare(sqlite, saboteur.port, patience).reaction is UNREACHABLE
    with working(sqlite, saboteur.port, patience):
        wait_until(lambda: bool(rows(sqlite)[-1].last_message), "the reason is told")
        wait_until(lambda: states(sqlite)["queued"] == 2, "it waits, as nothing had happened")
        assert attempts(sqlite) == []
        saboteur.plot = None
        wait_until(lambda: states(sqlite)["sent"] == 1, "it is sent")
    assert set(pacs.received.values()) == {1}


@pytest.mark.parametrize("plot", AFTER.values(), ids=AFTER.keys())
def test_a_peer_that_fails_within_the_association_gets_the_same_instance_again(
    sqlite: Database, pacs: Pacs, saboteur: Saboteur, plot: Plot
) -> None:
    saboteur.plot = plot
    patience = patience_with(plot)
    bare = sent_bare(sqlite, saboteur.port, patience)
    assert (bare.status, bare.reaction) == (None, UNKNOWN)
    with working(sqlite, saboteur.port, patience):
        wait_until(lambda: len(attempts(sqlite)) >= 2, "it is tried again")
        assert {(attempt.outcome, attempt.status) for attempt in attempts(sqlite)} == {(UNKNOWN.value, None)}
        saboteur.plot = None
        wait_until(lambda: states(sqlite)["sent"] == 1, "it is sent")
    assert attempts(sqlite)[-1].outcome == Reaction.STORED.value
