"""multipart/related bodies: parsed alike however they arrive, refused where they are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.multipart import (
    MultipartError,
    MultipartParser,
    MultipartTooLargeError,
    PartBegin,
    PartData,
    PartEnd,
    closing,
    part_head,
)

Parts = list[tuple[dict[str, str], bytes]]


def parse(body: bytes, *, step: int | None = None, boundary: str = "bb") -> Parts:
    parser = MultipartParser(boundary)
    parts: Parts = []
    step = step or max(len(body), 1)
    for start in range(0, len(body), step):
        for event in parser.feed(body[start : start + step]):
            if isinstance(event, PartBegin):
                parts.append((dict(event.headers), b""))
            elif isinstance(event, PartData):
                assert event.data
                parts[-1] = (parts[-1][0], parts[-1][1] + event.data)
            else:
                assert isinstance(event, PartEnd)
    parser.finish()
    return parts


def build(*contents: bytes, boundary: str = "bb") -> bytes:
    framed = b"".join(part_head(boundary, {"Content-Type": "application/dicom"}) + content for content in contents)
    return framed + closing(boundary)


HEADERS = {"content-type": "application/dicom"}
AWKWARD = [b"", b"\r\n", b"x--bb", b"\r\n--b", b"\r\n--bbx\r\n", b"\r\n--bb-", b"a\r\n--bb \tx", b"\r\r\n\r\n--"]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, None])
def test_parts_come_out_as_they_went_in_however_the_bytes_arrive(step: int | None) -> None:
    assert parse(build(*AWKWARD), step=step) == [(HEADERS, content) for content in AWKWARD]


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4), st.integers(1, 20))
def test_any_content_without_the_boundary_comes_out_again(contents: list[bytes], step: int) -> None:
    assert [content for _, content in parse(build(*contents), step=step)] == contents


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_body_is_parsed_or_refused_and_alike_in_any_pieces(junk: bytes, step: int) -> None:
    body = b"--bb\r\n" + junk.replace(b"x", b"\r\n--bb")
    results = []
    for pieces in (step, None):
        try:
            results.append(parse(body, step=pieces))
        except MultipartError:
            results.append([])
    assert results[0] == results[1]


@pytest.mark.parametrize("step", [1, None])
def test_preamble_epilogue_padding_and_missing_headers_are_taken(step: int | None) -> None:
    first = b"ignored\r\n--bb  \r\nCONTENT-type:application/dicom\r\nX: y\r\n\r\nabc"
    body = first + b"\r\n--bb\t\r\n\r\ndef\r\n--bb--\r\nepilogue"
    assert parse(body, step=step) == [({**HEADERS, "x": "y"}, b"abc"), ({}, b"def")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no boundary"),
        (b"nothing of the kind" * 50, "no boundary"),
        (b"--bb\r\nA: b\r\n\r\ncut short", "ends inside part 1"),
        (b"--bb\r\nA: b\r\n\r\nx\r\n--bb", "ends inside part 1"),
        (b"--bb\r\nno colon\r\n\r\nx\r\n--bb--", "header line of part 1"),
        (b"--bb\r\n: no name\r\n\r\nx\r\n--bb--", "header line of part 1"),
    ],
)
def test_bodies_that_are_no_multipart_are_refused_in_words(body: bytes, words: str) -> None:
    with pytest.raises(MultipartError, match=words):
        parse(body)


def test_a_header_block_without_end_is_refused_early() -> None:
    parser = MultipartParser("bb", max_header_bytes=100)
    parser.feed(b"--bb\r\n")
    parser.feed(b"A: bbbb\r\n" * 10)
    with pytest.raises(MultipartTooLargeError):
        parser.feed(b"A: bbbb\r\n" * 2)


def test_too_many_parts_are_refused() -> None:
    parser = MultipartParser("bb", max_parts=3)
    with pytest.raises(MultipartTooLargeError, match="more than 3 parts"):
        parser.feed(b"--bb\r\n\r\n" * 1 + b"\r\n--bb\r\n\r\n" * 5)


@pytest.mark.parametrize("boundary", ["", "x" * 71, "a\r\nb", "ends with space ", "ü"])
def test_a_boundary_that_is_none_is_refused(boundary: str) -> None:
    with pytest.raises(MultipartError, match="boundary"):
        MultipartParser(boundary)


def test_nothing_of_a_large_part_is_kept() -> None:
    parser = MultipartParser("bb")
    parser.feed(b"--bb\r\n\r\n")
    chunk = b"\r\n--b" * 20_000
    for _ in range(5):
        given_out = sum(len(event.data) for event in parser.feed(chunk) if isinstance(event, PartData))
        assert len(chunk) - 10 <= given_out <= len(chunk) + 10
