import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.text import identifier, paragraphs, single_line


@pytest.mark.parametrize("text", ["x" * 65, "P\\1", "P\n1", "P\x001", "P  1"])
def test_an_identifier_that_would_have_to_change_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidFactsError) as refusal:
        identifier(text, 64, "patient_id")
    assert refusal.value.field == "patient_id"
    assert text not in str(refusal.value)


def test_an_identifier_is_kept_but_for_the_spaces_around_it() -> None:
    assert identifier(" P 1-ㄱ ", 64, "patient_id") == "P 1-ㄱ"


def test_lines_of_a_comment_are_kept_and_nothing_else_that_controls() -> None:
    assert paragraphs("first\\ \x07line\n\n second\r\nthird\n", 100) == "first line\r\n\r\nsecond\r\nthird"
    assert paragraphs("x" * 50, 20) == "x" * 20


@given(st.text())
def test_a_line_fits_its_limit_and_can_be_written(text: str) -> None:
    line = single_line(text, 16)
    line.encode("utf-8")
    assert len(line) <= 16
    assert line == line.strip()
    assert "\\" not in line
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in line)
    assert single_line(line, 16) == line
