import pytest

from dimse.reactions import Reaction
from dimse.status import CODES, RANGES, Status, meaning_of_store_status

REACTIONS = {
    0x0000: Reaction.STORED,
    0x0001: Reaction.STORED_WITH_WARNING,
    0x0002: Reaction.RETRY_FEW,
    0x0105: Reaction.PERMANENT,
    0x0106: Reaction.PERMANENT,
    0x0107: Reaction.STORED_WITH_WARNING,
    0x0110: Reaction.RETRY_FEW,
    0x0111: Reaction.CONFIRM_DUPLICATE,
    0x0112: Reaction.PERMANENT,
    0x0116: Reaction.STORED_WITH_WARNING,
    0x0117: Reaction.PERMANENT,
    0x0118: Reaction.PERMANENT,
    0x0119: Reaction.PERMANENT,
    0x0120: Reaction.PERMANENT,
    0x0121: Reaction.PERMANENT,
    0x0122: Reaction.FALLBACK_CLASS,
    0x0124: Reaction.CONFIGURATION,
    0x0210: Reaction.PROTOCOL_MISUSE,
    0x0211: Reaction.PROTOCOL_MISUSE,
    0x0212: Reaction.PROTOCOL_MISUSE,
    0x0213: Reaction.RETRY,
    0xA6FF: Reaction.RETRY_FEW,
    0xA700: Reaction.RETRY,
    0xA701: Reaction.RETRY,
    0xA7FF: Reaction.RETRY,
    0xA800: Reaction.RETRY_FEW,
    0xA900: Reaction.MISMATCH,
    0xA9FF: Reaction.MISMATCH,
    0xAA00: Reaction.RETRY_FEW,
    0xB000: Reaction.STORED_WITH_WARNING,
    0xB006: Reaction.STORED_WITH_WARNING,
    0xB007: Reaction.STORED_WITH_WARNING,
    0xBFFF: Reaction.STORED_WITH_WARNING,
    0xC000: Reaction.RETRY_ONCE,
    0xC211: Reaction.RETRY_ONCE,
    0xCFFF: Reaction.RETRY_ONCE,
    0xD000: Reaction.RETRY_FEW,
    0xFE00: Reaction.RETRY_FEW,
    0xFF00: Reaction.RETRY_FEW,
}


@pytest.mark.parametrize(
    ("code", "reaction"), REACTIONS.items(), ids=lambda value: f"{value:#06x}" if isinstance(value, int) else value
)
def test_each_status_has_its_reaction(code: int, reaction: Reaction) -> None:
    assert meaning_of_store_status(code).reaction is reaction


def test_every_sixteen_bit_number_has_a_meaning_in_words() -> None:
    assert all(meaning_of_store_status(code).words for code in range(0x10000))


def test_only_success_and_warnings_count_as_stored() -> None:
    """Nothing that the standard does not call a success or a warning is taken for one."""
    stored = {code for code in range(0x10000) if meaning_of_store_status(code).reaction.is_stored}
    assert stored == {0x0000, 0x0001, 0x0107, 0x0116, *range(0xB000, 0xC000)}


def test_every_named_status_is_explained() -> None:
    assert all(status in CODES or any(status in codes for codes, _ in RANGES) for status in Status)


def test_what_concerns_the_destination_is_told_from_what_concerns_the_instance() -> None:
    assert {reaction for reaction in Reaction if reaction.concerns_destination} == {
        Reaction.UNREACHABLE,
        Reaction.BUSY,
        Reaction.CONFIGURATION,
    }
