"""Part 10 files from outside: what is read, and how each kind of hostile bytes is refused."""

import time
import zlib
from io import BytesIO

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomweb.archive import Span
from dicomweb.dicom_json import to_json
from dicomweb.part10 import Part10, read_identity, read_part10
from dicomweb.part10_errors import (
    MalformedError,
    MissingIdentityError,
    NotDicomError,
    Part10Error,
    TooDeepError,
    TooLargeError,
    TruncatedError,
    UnsupportedTransferSyntaxError,
)
from dicomweb.walker import Limits
from tests.unit.dicomweb.samples import (
    EXPLICIT,
    IMPLICIT,
    JPEG_BASELINE,
    UNDEFINED,
    element,
    encapsulated,
    header,
    jpeg,
    part10,
    photo,
    sequence,
)

DEFLATED = "1.2.840.10008.1.2.1.99"


def cut(data: bytes, spans: tuple[Span, ...]) -> bytes:
    return b"".join(data[span.offset : span.offset + span.length] for span in spans)


@pytest.mark.parametrize("data", [b"", b"DICM", b"\xff\xd8\xff" * 100, bytes(128) + b"DICN" + bytes(100)])
def test_bytes_without_the_prefix_are_no_dicom(data: bytes) -> None:
    with pytest.raises(NotDicomError, match="byte 128"):
        read_part10(data)


def test_a_file_without_transfer_syntax_is_refused() -> None:
    data = bytes(128) + b"DICM" + element(0x00020003, "UI", "1.2") + element(0x00080060, "CS", "XC")
    with pytest.raises(UnsupportedTransferSyntaxError, match=r"0002,0010"):
        read_part10(data)


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2.2", "../../etc/passwd", "1.2.840.113619.5.2"])
def test_syntaxes_that_are_not_read_are_refused(uid: str) -> None:
    with pytest.raises(UnsupportedTransferSyntaxError):
        read_part10(part10(b"", uid))


def test_every_truncation_of_a_photo_is_refused() -> None:
    data = photo(frames=[b"\xff\xd8" + bytes(60)])
    for length in range(len(data) - 80, len(data)):
        with pytest.raises(Part10Error):
            read_part10(data[:length])
    assert read_part10(data).number_of_frames == 1


def test_a_length_past_the_end_names_tag_and_offset_but_no_value() -> None:
    data = part10(header(0x00100010, "PN", 60_000) + b"Hong^Gildong")
    with pytest.raises(TruncatedError, match=r"\(0010,0010\) says 60000 bytes at byte \d+") as caught:
        read_part10(data)
    assert "Hong" not in str(caught.value)


def test_an_item_longer_than_its_sequence_is_refused() -> None:
    inner = header(0xFFFEE000, "", 1000) + element(0x00080100, "SH", "1")
    data = part10(header(0x00082218, "SQ", len(inner)) + inner + bytes(2000))
    with pytest.raises(TruncatedError):
        read_part10(data)


def test_an_element_longer_than_its_item_is_refused() -> None:
    item = header(0x00080104, "LO", 500) + b"x" * 10
    with pytest.raises(TruncatedError):
        read_part10(part10(sequence(0x00082218, [item]) + element(0x00204000, "LT", "y" * 600)))


@pytest.mark.parametrize("undefined", [True, False])
def test_sequences_nested_ten_thousand_deep_are_refused_at_once(undefined: bool) -> None:
    if undefined:
        nested = (header(0x00082218, "SQ", UNDEFINED) + header(0xFFFEE000, "", UNDEFINED)) * 10_000
    else:
        nested = b""
        for _ in range(200):
            nested = sequence(0x00082218, [nested])
    started = time.monotonic()
    with pytest.raises(TooDeepError, match="deeper than 32"):
        read_part10(part10(nested))
    assert time.monotonic() - started < 0.5


def test_nesting_up_to_the_limit_is_read_and_told_in_json() -> None:
    nested = element(0x00080104, "LO", "deep")
    for _ in range(32):
        nested = sequence(0x00082218, [nested], undefined=True)
    members = to_json(read_part10(part10(nested)).header)
    for _ in range(32):
        (members,) = members["00082218"]["Value"]
    assert members["00080104"]["Value"] == ["deep"]


def test_too_many_elements_are_refused() -> None:
    items = header(0xFFFEE000, "", 0) * 2000
    data = part10(header(0x00082218, "SQ", len(items)) + items)
    with pytest.raises(TooLargeError, match="more than 1000 elements"):
        read_part10(data, limits=Limits(elements=1000))


@pytest.mark.parametrize(
    "data_set",
    [
        element(0x00100010, "PN", b"\\" * 60_000),
        element(0x00081030, "LO", b"a\\" * 30_000 + b"b"),
        element(0x00209165, "AT", b"\0\0\0\0" * 16_000) + element(0x00280009, "AT", b"\0\0\0\0" * 16_000),
    ],
)
def test_many_values_count_as_many_elements(data_set: bytes) -> None:
    """A megabyte of backslashes is a million person names of some hundred bytes each."""
    with pytest.raises(TooLargeError, match="more than 30000 elements"):
        read_part10(part10(data_set), limits=Limits(elements=30_000))


def test_long_lists_of_numbers_stay_in_the_file() -> None:
    data = part10(element(0x30060050, "DS", "1\\" * 20_000))
    assert read_part10(data, limits=Limits(elements=10)).bulk["30060050"].vr == "DS"


def test_a_file_meta_of_many_values_is_refused() -> None:
    data = part10(b"")
    at = 132 + 12
    with pytest.raises(TooLargeError):
        read_part10(data[:at] + element(0x00020016, "AE", b"\\" * 60_000) + data[at:])


def test_the_fragments_of_all_elements_are_counted_together() -> None:
    icons = sequence(0x00880200, [encapsulated([b""] * 9), encapsulated([b""] * 9)])
    assert read_part10(part10(icons), limits=Limits(fragments=18)).bulk
    with pytest.raises(TooLargeError, match="fragments"):
        read_part10(part10(icons), limits=Limits(fragments=17))


def test_pixel_data_that_stands_twice_is_refused() -> None:
    with pytest.raises(MalformedError, match="twice"):
        read_part10(part10(element(0x7FE00010, "OB", b"12") * 2))


def test_a_header_over_the_limit_is_refused_without_being_kept() -> None:
    data = part10(b"".join(element(0x00204000 + n * 0x10000, "UT", "x" * 5000) for n in range(0, 40, 2)))
    with pytest.raises(TooLargeError, match="header over 50000 bytes"):
        read_part10(data, limits=Limits(header_bytes=50_000))


def test_a_deflate_bomb_is_stopped_at_the_limit() -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = deflater.compress(bytes(200 * 1024 * 1024)) + deflater.flush()
    started = time.monotonic()
    with pytest.raises(TooLargeError, match="inflates to more than"):
        read_part10(part10(bomb, DEFLATED), limits=Limits(inflated_bytes=1024 * 1024))
    assert time.monotonic() - started < 1


def test_a_deflated_data_set_is_read_but_nothing_in_it_has_a_place() -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    data_set = element(0x00100020, "LO", "P-1") + element(0x7FE00010, "OW", bytes(5000))
    data = part10(deflater.compress(data_set) + deflater.flush(), DEFLATED)
    read = read_part10(data)
    assert read.header.PatientID == "P-1"
    assert (read.bulk, read.frames) == ({}, ())
    for damaged in (data[:-20], data[:-40] + b"\xff" * 40):
        with pytest.raises(MalformedError):
            read_part10(damaged)


@pytest.mark.parametrize(
    ("data_set", "words"),
    [
        (element(0x00100020, "LO", "A") * 2, "appears twice"),
        (element(0x00020010, "UI", "1.2"), "does not belong"),
        (b"\x08\x00\x20\x00\x00\x00\x08\x00" + bytes(8), "no value representation"),
        (header(0xFFFEE000, "", 0), "where an element should be"),
        (header(0x00100020, "UT", UNDEFINED), "has no length"),
        (header(0x00082218, "SQ", UNDEFINED) + header(0x00100020, "", 0) + bytes(8), "where an item"),
        (header(0x7FE00010, "OB", UNDEFINED) + header(0xFFFEE0DD, "", 0), "no offset table"),
    ],
)
def test_bytes_that_no_data_set_has_are_refused_in_words(data_set: bytes, words: str) -> None:
    with pytest.raises(Part10Error, match=words):
        read_part10(part10(element(0x00080060, "CS", "XC") + data_set))


def test_a_photo_is_read_with_its_pixels_left_in_the_file() -> None:
    pictures = [jpeg(1), jpeg(2), jpeg(3)]
    data = photo(frames=pictures)
    read = read_part10(BytesIO(data))
    assert read.header.PatientName == "Hong^Gildong=洪^吉洞=홍^길동"
    assert (read.header.Rows, read.header.InstanceNumber, read.transfer_syntax_uid) == (48, 1, JPEG_BASELINE)
    assert (read.number_of_frames, read.encapsulated, read.size_bytes) == (3, True, len(data))
    assert "PixelData" not in read.header
    assert [cut(data, frame).rstrip(b"\0") for frame in read.frames] == [picture.rstrip(b"\0") for picture in pictures]


def test_native_frames_are_equal_parts() -> None:
    pixels = bytes(range(192)) * 3
    data = photo(native=pixels)
    read = read_part10(data)
    assert [cut(data, frame) for frame in read.frames] == [pixels]
    assert [cut(data, value.spans) for value in read.bulk.values()] == [pixels]


def test_frames_in_several_fragments_are_told_apart_by_table_or_by_start_of_image() -> None:
    fragments = [b"\xff\xd8" + b"a" * 8, b"b" * 10, b"\xff\xd8" + b"c" * 8]
    head = element(0x00280008, "IS", "2")
    for offsets in ([0, 36], []):
        data = part10(head + encapsulated(fragments, offsets), JPEG_BASELINE)
        assert [cut(data, frame) for frame in read_part10(data).frames] == [fragments[0] + fragments[1], fragments[2]]


def test_frames_that_cannot_be_told_apart_are_not_guessed() -> None:
    wrong_table = part10(element(0x00280008, "IS", "2") + encapsulated([b"ab", b"cd", b"ef"], [0, 7]), JPEG_BASELINE)
    video = part10(element(0x00280008, "IS", "300") + encapsulated([b"video!"]), "1.2.840.10008.1.2.4.102")
    lying = part10(element(0x00280010, "US", 60000) + element(0x7FE00010, "OW", bytes(100)))
    assert [read_part10(data).frames for data in (wrong_table, video, lying)] == [(), (), ()]


def test_large_binary_values_are_left_in_the_file_also_inside_sequences() -> None:
    icon = element(0x7FE00010, "OB", bytes(3000))
    data = part10(element(0x00282000, "OB", b"i" * 2000) + sequence(0x00880200, [b"", icon]))
    read = read_part10(data)
    assert {path: cut(data, value.spans) for path, value in read.bulk.items()} == {
        "00282000": b"i" * 2000,
        "00880200/2/7FE00010": bytes(3000),
    }


def test_values_that_are_none_of_their_vr_are_left_out_and_named() -> None:
    data = part10(
        element(0x00200011, "IS", "one")
        + element(0x00189073, "FD", b"123456")
        + element(0x00281050, "DS", "1.5\\x")
        + element(0x00200013, "IS", "2")
    )
    read = read_part10(data)
    assert read.header.InstanceNumber == 2
    assert len(read.header) == 1
    assert len(read.faults) == 3
    assert "one" not in " ".join(read.faults)


def test_implicit_vr_and_unknown_vr_read_alike() -> None:
    implicit = element(0x00100020, "LO", "P-1", implicit=True) + element(0x00280106, "US", 7, implicit=True)
    unknown = element(0x00100020, "UN", b"P-1") + element(0x00280106, "UN", b"\7\0")
    for data in (part10(implicit, IMPLICIT), part10(unknown)):
        read = read_part10(data)
        assert (read.header.PatientID, read.header.SmallestImagePixelValue) == ("P-1", 7)


@pytest.mark.parametrize(
    ("term", "raw", "name"),
    [
        ("ISO_IR 100", "Müller^Zoë".encode("latin-1"), "Müller^Zoë"),
        ("\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong^Gildong=洪^吉洞"),
        ("ISO_IR 13\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J", "Yamada^Tarou=山田^太郎"),
        ("NO SUCH SET", b"Kim^\xff", "Kim^ÿ"),
        ("ISO_IR 192", b"Kim^\xff\xfe", "Kim^\ufffd\ufffd"),
    ],
)
def test_names_in_other_character_sets_are_decoded(term: str, raw: bytes, name: str) -> None:
    data = part10(element(0x00080005, "CS", term) + element(0x00100010, "PN", raw))
    assert read_part10(data).header.PatientName == name


def test_identity_is_read_and_checked() -> None:
    identity = read_identity(read_part10(photo()))
    assert identity.sop_instance_uid == "1.2.3.3"
    for bad in ("../../x", "1..2", "1" * 65, "1.2\\1.3", ""):
        with pytest.raises(MissingIdentityError, match="SeriesInstanceUID"):
            read_identity(read_part10(photo(series=bad)))


def test_a_file_meta_that_names_another_instance_is_refused() -> None:
    data = photo().replace(element(0x00020003, "UI", "1.2.3.3"), element(0x00020003, "UI", "1.2.3.4"), 1)
    with pytest.raises(MissingIdentityError, match="MediaStorageSOPInstanceUID"):
        read_identity(read_part10(data))


def test_what_pydicom_reads_is_what_is_read_here() -> None:
    data = photo(extra=[(0x00189073, element(0x00189073, "FD", b"\0\0\0\0\0\0\xf4?"))])
    reference = pydicom.dcmread(BytesIO(data))
    for mine in read_part10(data).header:
        assert mine.value == reference[mine.tag].value


SEED = photo(
    frames=[b"\xff\xd8" + bytes(40)],
    extra=[
        (0x00082218, sequence(0x00082218, [element(0x00080100, "SH", "1"), b""], undefined=True)),
        (0x00400275, sequence(0x00400275, [element(0x00400009, "SH", "SPS")])),
        (0x00990010, element(0x00990010, "LO", "X")),
        (0x00991001, element(0x00991001, "UN", b"\0" * 6)),
    ],
)


def examine(data: bytes) -> Part10 | None:
    """Everything that may be done with a file from outside."""
    try:
        read = read_part10(data)
    except Part10Error:
        return None
    to_json(read.header, read.bulk)
    for spans in (*read.frames, *(value.spans for value in read.bulk.values())):
        assert all(span.offset >= 0 and span.offset + span.length <= len(data) for span in spans)
    return read


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(128, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_mutated_file_is_read_or_refused_and_nothing_else(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for position, value in changes:
        data[position] = value
    examine(bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([EXPLICIT, IMPLICIT, DEFLATED, JPEG_BASELINE]))
def test_any_bytes_as_a_data_set_are_read_or_refused_and_nothing_else(data: bytes, syntax: str) -> None:
    examine(part10(data, syntax))


@settings(max_examples=200, deadline=None)
@given(st.integers(132, len(SEED)), st.integers(0, 64), st.binary(max_size=24))
def test_bytes_cut_out_or_put_in_are_read_or_refused_and_nothing_else(at: int, gone: int, new: bytes) -> None:
    examine(SEED[:at] + new + SEED[at + gone :])
