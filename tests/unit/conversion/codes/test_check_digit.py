import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversion.codes.check_digit import is_snomed_identifier


@pytest.mark.parametrize("text", ["39937002", "93937001", "22298007", "", "12345", "0" * 8, "7321100९", "-73211009"])
def test_what_is_no_identifier_is_told(text: str) -> None:
    assert not is_snomed_identifier(text)


@pytest.mark.parametrize("text", ["39937001", "22298006", "73211009", "900000000000207008", "4740000"])
def test_identifiers_in_public_use_are_right(text: str) -> None:
    assert is_snomed_identifier(text)


@given(st.from_regex(r"[1-9][0-9]{5,16}", fullmatch=True))
def test_exactly_one_last_digit_is_right(stem: str) -> None:
    assert sum(is_snomed_identifier(stem + digit) for digit in "0123456789") == 1


@given(st.integers(0, 6), st.integers(0, 9))
def test_one_wrong_digit_is_always_found(place: int, digit: int) -> None:
    """The check's point: every single wrong digit shows."""
    wrong = "39937001"[:place] + str(digit) + "39937001"[place + 1 :]
    assert is_snomed_identifier(wrong) == (wrong == "39937001")
