"""Cursors of listings: their own are read, others refused."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.submission import InvalidCursor, _cursor, _place
from gateway.intake.tables import SubmissionRow


def test_a_cursor_leads_back_to_its_row() -> None:
    row = SubmissionRow(id="0" * 32, received_at=datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC))
    assert _place(_cursor(row)) == (row.received_at, row.id)


@given(st.one_of(st.text(max_size=100), st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode())))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        _place(text)


@pytest.mark.parametrize(
    "inside",
    ["0001-01-01T00:00:00+14:00 " + "0" * 32, "2026-01-01T00:00:00 " + "0" * 32, "2026-01-01T00:00:00+00:00 a\0b"],
)
def test_moments_that_no_row_has_are_refused(inside: str) -> None:
    with pytest.raises(InvalidCursor):
        _place(base64.urlsafe_b64encode(inside.encode()).decode())
