"""What a further object adds to what is known."""

from gateway.archive.learning import corrected, filled
from gateway.archive.tables import NUMBER_UNKNOWN

KNOWN = {"modality": "", "series_number": NUMBER_UNKNOWN, "attributes": {"0008103E": {"vr": "LO"}}}
TOLD = {"modality": "XC", "series_number": 3, "attributes": {"00080060": {"vr": "CS", "Value": ["XC"]}}}


def test_what_is_known_is_not_overwritten() -> None:
    known = {"modality": "SR", "series_number": 1, "attributes": {"00080060": {"vr": "CS", "Value": ["SR"]}}}
    assert filled(known, TOLD) == {}


def test_what_is_empty_is_filled() -> None:
    assert filled(KNOWN, TOLD) == {
        "modality": "XC",
        "series_number": 3,
        "attributes": {"00080060": {"vr": "CS", "Value": ["XC"]}, "0008103E": {"vr": "LO"}},
    }


def test_what_says_nothing_changes_nothing() -> None:
    assert filled(TOLD, KNOWN | {"attributes": {}}) == {}


def test_a_correction_also_takes_away() -> None:
    assert corrected(TOLD, KNOWN) == KNOWN
    assert corrected(TOLD, TOLD) == {}
