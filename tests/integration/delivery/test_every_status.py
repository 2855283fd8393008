"""Every status that a C-STORE can be answered with, and what becomes of the delivery (PS3.7 Annex C, PS3.4 B.2.3)."""

from dataclasses import dataclass

import pytest

from dimse.reactions import Reaction
from gateway.database import Database
from tests.integration.delivery.hospital import Pacs, attempts, rows, states, wait_until
from tests.integration.delivery.one_delivery import sent_bare, working


@dataclass(frozen=True)
class Fate:
    """What an answer leads to: the reaction, the state in the end, and after how many attempts."""

    reaction: Reaction
    state: str
    attempts: int


KEPT = Fate(Reaction.STORED, "sent", 1)
KEPT_WITH_WARNING = Fate(Reaction.STORED_WITH_WARNING, "sent", 1)
KNOWN_ALREADY = Fate(Reaction.CONFIRM_DUPLICATE, "sent", 1)
DEAD_AT_ONCE = Fate(Reaction.PERMANENT, "dead", 1)
NOT_ITS_CLASS = Fate(Reaction.MISMATCH, "dead", 1)
CLASS_NOT_TAKEN = Fate(Reaction.FALLBACK_CLASS, "not_accepted", 1)
TRIED_ONCE_MORE = Fate(Reaction.RETRY_ONCE, "dead", 2)
TRIED_A_FEW_TIMES = Fate(Reaction.RETRY_FEW, "dead", 5)
OUR_DEFECT = Fate(Reaction.PROTOCOL_MISUSE, "dead", 3)

STATUSES = {
    0x0000: KEPT,
    0x0001: KEPT_WITH_WARNING,
    0xB000: KEPT_WITH_WARNING,
    0xB006: KEPT_WITH_WARNING,
    0xB007: KEPT_WITH_WARNING,
    0xB123: KEPT_WITH_WARNING,
    0x0107: KEPT_WITH_WARNING,
    0x0116: KEPT_WITH_WARNING,
    0x0111: KNOWN_ALREADY,
    0x0110: TRIED_A_FEW_TIMES,
    0xA900: NOT_ITS_CLASS,
    0xA9FF: NOT_ITS_CLASS,
    0xC000: TRIED_ONCE_MORE,
    0xC211: TRIED_ONCE_MORE,
    0xCFFF: TRIED_ONCE_MORE,
    0x0105: DEAD_AT_ONCE,
    0x0106: DEAD_AT_ONCE,
    0x0112: DEAD_AT_ONCE,
    0x0117: DEAD_AT_ONCE,
    0x0118: DEAD_AT_ONCE,
    0x0119: DEAD_AT_ONCE,
    0x0120: DEAD_AT_ONCE,
    0x0121: DEAD_AT_ONCE,
    0x0122: CLASS_NOT_TAKEN,
    0x0210: OUR_DEFECT,
    0x0211: OUR_DEFECT,
    0x0212: OUR_DEFECT,
    0x0002: TRIED_A_FEW_TIMES,  # of no standard
    0xFF00: TRIED_A_FEW_TIMES,  # pending: of another service
    0xFE00: TRIED_A_FEW_TIMES,
}

PATIENT_STATUSES = {
    0xA700: Reaction.RETRY,
    0xA7FF: Reaction.RETRY,
    0x0213: Reaction.RETRY,
    0x0124: Reaction.CONFIGURATION,
}
"""Tried again until they pass: more often than any that is ever given up."""
MORE_THAN_ANY = 6


def _shown(value: object) -> str:
    return f"{value:04X}" if isinstance(value, int) else ""


@pytest.mark.parametrize(("status", "fate"), STATUSES.items(), ids=_shown)
def test_a_status_has_its_reaction_and_its_end(sqlite: Database, pacs: Pacs, status: int, fate: Fate) -> None:
    pacs.status = status
    bare = sent_bare(sqlite, pacs.port)
    assert (bare.status, bare.reaction) == (status, fate.reaction)
    with working(sqlite, pacs.port):
        wait_until(lambda: states(sqlite)[fate.state] == 1, f"it is {fate.state}")
    assert {attempt.outcome for attempt in attempts(sqlite)} == {fate.reaction.value}
    assert {attempt.status for attempt in attempts(sqlite)} == {f"{status:04X}"}
    assert len(attempts(sqlite)) == fate.attempts
    assert f"0x{status:04X}" in (rows(sqlite)[-1].last_message or "")


@pytest.mark.parametrize(("status", "reaction"), PATIENT_STATUSES.items())
def test_what_passes_is_tried_until_it_has_passed(
    sqlite: Database, pacs: Pacs, status: int, reaction: Reaction
) -> None:
    pacs.status = status
    assert sent_bare(sqlite, pacs.port).reaction is reaction
    with working(sqlite, pacs.port):
        wait_until(lambda: len(attempts(sqlite)) >= MORE_THAN_ANY, "it is tried and tried")
        assert {attempt.outcome for attempt in attempts(sqlite)} == {reaction.value}
        pacs.status = 0
        wait_until(lambda: states(sqlite)["sent"] == 1, "it is sent")
