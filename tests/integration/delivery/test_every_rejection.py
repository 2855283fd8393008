"""Every way in which an association can be refused, and what becomes of the delivery (PS3.8 9.3.4)."""

import pytest

from dimse.reactions import Reaction
from gateway.database import Database
from tests.integration.delivery.hospital import Pacs, attempts, rows, states, wait_until
from tests.integration.delivery.one_delivery import sent_bare, working
from tests.integration.delivery.sabotage import ASSOCIATE_RQ, Plot, Saboteur, rejection, told

REJECTIONS = {
    (1, 1, 1): (Reaction.CONFIGURATION, "without giving a reason"),
    (1, 1, 2): (Reaction.PROTOCOL_MISUSE, "application context"),
    (1, 1, 3): (Reaction.CONFIGURATION, "does not know our AE title DERMGATE"),
    (1, 1, 7): (Reaction.CONFIGURATION, "does not answer to the AE title PACS"),
    (1, 2, 1): (Reaction.CONFIGURATION, "without giving a reason"),
    (1, 2, 2): (Reaction.PROTOCOL_MISUSE, "version of the protocol"),
    (1, 3, 1): (Reaction.BUSY, "congested"),
    (1, 3, 2): (Reaction.BUSY, "as many associations as it allows"),
    (2, 1, 1): (Reaction.BUSY, "without giving a reason"),
    (2, 1, 2): (Reaction.BUSY, "application context"),
    (2, 1, 3): (Reaction.BUSY, "does not know our AE title"),
    (2, 1, 7): (Reaction.BUSY, "does not answer to the AE title"),
    (2, 2, 1): (Reaction.BUSY, "without giving a reason"),
    (2, 2, 2): (Reaction.BUSY, "version of the protocol"),
    (2, 3, 1): (Reaction.BUSY, "congested"),
    (2, 3, 2): (Reaction.BUSY, "as many associations as it allows"),
    (1, 1, 10): (Reaction.CONFIGURATION, "source 1, reason 10"),  # reserved, as the rest
    (2, 3, 7): (Reaction.BUSY, "source 3, reason 7"),
    (9, 9, 9): (Reaction.BUSY, "source 9, reason 9"),
}


@pytest.mark.parametrize(("numbers", "expected"), REJECTIONS.items(), ids=str)
def test_a_rejected_association_costs_no_attempt_and_is_said_in_words(
    sqlite: Database, pacs: Pacs, saboteur: Saboteur, numbers: tuple[int, int, int], expected: tuple[Reaction, str]
) -> None:
    saboteur.plot = Plot(ASSOCIATE_RQ, told(rejection(*numbers)))
    bare = sent_bare(sqlite, saboteur.port)
    assert (bare.status, bare.reaction) == (None, expected[0])
    with working(sqlite, saboteur.port):
        wait_until(lambda: expected[1] in (rows(sqlite)[-1].last_message or ""), "the reason is told")
        wait_until(lambda: states(sqlite)["queued"] == 2, "it waits, as nothing had happened")
        assert attempts(sqlite) == []
        saboteur.plot = None
        wait_until(lambda: states(sqlite)["sent"] == 1, "it is sent")
    assert set(pacs.received.values()) == {1}
