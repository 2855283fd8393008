import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.archive import Span
from dicomweb.ranges import ByteRange, UnsatisfiableError, cut, if_range_holds, parse_range


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=5-2", "bytes=--1",
     "bytes=1--2", f"bytes=0-{10**19}", "bytes=٣-٤"],
)  # fmt: skip
def test_what_is_no_range_that_is_served_is_ignored(header: str) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize(
    ("header", "total"), [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_without_a_byte_of_the_body_cannot_be_satisfied(header: str, total: int) -> None:
    with pytest.raises(UnsatisfiableError, match=f"{total} bytes"):
        parse_range(header, total)


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=2-4", 2, 4), ("bytes=2-", 2, 9), ("bytes=-3", 7, 9), ("bytes=-30", 0, 9),
     ("bytes=5-99", 5, 9), ("BYTES= 1-2 ", 1, 2)],
)  # fmt: skip
def test_a_range_is_cut_to_the_body(header: str, first: int, last: int) -> None:
    wanted = parse_range(header, 10)
    assert wanted == ByteRange(first, last)
    assert wanted is not None
    assert wanted.content_range(10) == f"bytes {first}-{last}/10"


@pytest.mark.parametrize(
    ("header", "holds"),
    [(None, True), ('"a"', True), ('W/"a"', False), ('"b"', False), ("Sun, 06 Nov 1994 08:49:37 GMT", False)],
)
def test_only_the_same_representation_is_continued(header: str | None, holds: bool) -> None:
    assert if_range_holds(header, '"a"') is holds


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.data())
def test_the_spans_of_a_range_hold_its_bytes(lengths: list[int], data: st.DataObject) -> None:
    file = bytes(range(256))
    spans = [Span(40 * number, length) for number, length in enumerate(lengths)]
    body = b"".join(file[span.offset : span.offset + span.length] for span in spans)
    first = data.draw(st.integers(0, max(len(body) - 1, 0)))
    wanted = ByteRange(first, data.draw(st.integers(first, max(len(body) - 1, first))))
    pieces = cut(spans, wanted)
    assert (
        b"".join(file[piece.offset : piece.offset + piece.length] for piece in pieces) == body[first : wanted.last + 1]
    )
    assert all(piece.length for piece in pieces)
