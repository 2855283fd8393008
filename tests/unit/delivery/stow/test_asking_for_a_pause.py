"""How long a server wants to be left alone, by its own words and by ours."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.stow.retry_after import LONGEST_SECONDS, retry_after_seconds

AT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("99999999999999999999", LONGEST_SECONDS),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 Mar 2126 12:00:00 GMT", LONGEST_SECONDS),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("1.5", 0.0),
        ("٣", 0.0),
    ],
)
def test_a_pause_is_read_in_both_forms_and_bounded(value: str, seconds: float) -> None:
    assert retry_after_seconds(value, AT) == seconds


@given(st.text(max_size=60))
def test_any_text_gives_a_bounded_pause(value: str) -> None:
    assert 0 <= retry_after_seconds(value, AT) <= LONGEST_SECONDS
