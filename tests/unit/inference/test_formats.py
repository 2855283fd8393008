"""What the walkers refuse before any decoder runs, and what they read."""

import io
import struct
import time
from typing import Any

import pytest
from PIL import Image, ImageFile

from inference.errors import NotAPicture, PictureError, TooManyPixels, TruncatedPicture, UnsupportedPicture
from inference.formats.decoding import decoded_frames, layout_of
from inference.formats.jpeg2000 import find_codestream
from inference.formats.layout import MAX_FRAMES, Layout, check_pixels
from inference.formats.sniffing import sniff
from inference.picture import decode_picture
from tests.unit.inference.pictures import encoded, gradient

MILLION = 1_000_000
SECONDS = 2.0
SMALL = gradient(40, 30)


def walked(data: bytes) -> Layout:
    return layout_of(sniff(data), data)


def tiff(*pages: dict[int, tuple[int, int]], loop: bool = False) -> bytes:
    """A TIFF of directories of whole numbers, tag to (type, value); the last may point back to the first."""
    parts, position = [b"II*\0\x08\0\0\0"], 8
    for number, fields in enumerate(pages, start=1):
        position += 2 + 12 * len(fields) + 4
        following = position if number < len(pages) else 8 if loop else 0
        entries = [struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in sorted(fields.items())]
        parts += [struct.pack("<H", len(fields)), *entries, struct.pack("<I", following)]
    return b"".join(parts)


def page(**changes: Any) -> dict[int, tuple[int, int]]:
    """A grey page without pixels of its own; `changes` are tags as `t256=(3, 10)`."""
    plain = {256: (4, 64), 257: (4, 48), 258: (3, 8), 259: (3, 1), 262: (3, 1), 273: (4, 8), 277: (3, 1), 279: (4, 1)}
    return plain | {int(tag[1:]): value for tag, value in changes.items()}


def replaced(data: bytes, mark: bytes, skip: int, value: bytes) -> bytes:
    """The file with `value` at `skip` bytes behind the first `mark`."""
    at = data.index(mark) + len(mark) + skip
    return data[:at] + value + data[at + len(value) :]


def bmp(width: int, height: int, coding: int = 0, depth: int = 24) -> bytes:
    return b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, width, height, 1, depth, coding) + bytes(20)


J2K = encoded(SMALL, "JPEG2000", no_jp2=True)
AVIF = encoded(SMALL, "AVIF", speed=10)
WEBP = encoded(SMALL, "WEBP", lossless=True)
VAST = struct.pack(">2I", 60_000, 60_000)

VAST_GIF = b"GIF89a" + struct.pack("<HHBBB", 60_000, 60_000, 0, 0, 0)
BOMBS = {
    "bmp": bmp(60_000, 60_000),
    "tiff": tiff(page(t256=(4, 60_000), t257=(4, 60_000))),
    "gif": b"GIF89a"
    + struct.pack("<HHBBB", 60_000, 60_000, 0, 0, 0)
    + b","
    + struct.pack("<4HB", 0, 0, 1, 1, 0)
    + b"\2\0;",
    "webp": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\x00\xff\xff\x00",
    "avif": replaced(AVIF, b"ispe", 4, VAST),
    "jpeg2000": replaced(replaced(J2K, b"\xff\x51", 4, VAST), b"\xff\x51", 20, VAST),
}


@pytest.mark.parametrize("name", BOMBS)
def test_vast_pictures_are_refused_from_the_header(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("pixels were decoded"))
    with pytest.raises(TooManyPixels):
        decode_picture(BOMBS[name], max_pixels=MILLION)
    with pytest.raises(TooManyPixels):
        check_pixels(walked(BOMBS[name]), MILLION)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tiff(page(t50706=(4, 1))), "DNG"),
        (tiff(page(t262=(3, 32803))), "RAW"),
        (tiff(page(t254=(4, 1))), "RAW"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(40), "CR2"),
        (tiff(page(t259=(3, 6))), "coding 6"),
        (tiff(page(t259=(3, 34712))), "coding 34712"),
        (tiff(page(t262=(3, 8))), "Lab"),
        (tiff(page(t258=(3, 32))), "16 bits"),
        (tiff(page(t339=(3, 3))), "floating"),
        (tiff(page(), page(t256=(4, 32))), "pages"),
        (tiff(page(t322=(4, 60_000), t323=(4, 60_000))), "tiles"),
        (tiff(*[page()] * (2 * MAX_FRAMES + 3)), "frames"),
        (bmp(5000, 5000, coding=1, depth=8), "run-length"),
        (bmp(10, 10, coding=4), "coding 4"),
        (replaced(J2K, b"\xff\x51", 4, VAST), "tiles"),
        (replaced(J2K, b"\xff\x52", 8, b"\0\0"), "code blocks"),
        (replaced(J2K, b"\xff\x52", 4, b"\xff\xff"), "layers"),
        (replaced(AVIF, b"nclx", 2, b"\0\x10"), "PQ"),
        (replaced(AVIF, b"nclx", 2, b"\0\x12"), "HLG"),
        (AVIF.replace(b"av01", b"jpeg"), "coding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_taken_is_named(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedPicture, match=words):
        walked(data)


@pytest.mark.parametrize(
    "data",
    [
        tiff(page(t279=(4, 1 << 30))),
        tiff(page())[:60],
        b"II*\0" + struct.pack("<I", 1 << 31),
        WEBP[:-4],
        AVIF[:60],
        J2K[: len(J2K) // 2],
        encoded(SMALL, "GIF")[:-20],
    ],
)
def test_what_ends_too_early_is_truncated(data: bytes) -> None:
    with pytest.raises((TruncatedPicture, NotAPicture)):
        walked(data)


def test_a_chain_of_directories_that_bites_its_tail_ends() -> None:
    assert walked(tiff(page(), page(), loop=True)).frames == 2


def test_a_decoder_gets_no_field_that_it_does_not_need() -> None:
    """Each field of a directory may claim the whole file, and a decoder copies it."""
    data = encoded(SMALL, "TIFF", description="TEXT-SECRET", compression="tiff_lzw")
    layout = walked(data)
    offset = struct.unpack_from("<I", layout.data, 4)[0]
    count = struct.unpack_from("<H", layout.data, offset)[0]
    tags = {struct.unpack_from("<H", layout.data, offset + 2 + 12 * number)[0] for number in range(count)}
    assert {256, 257, 273, 279} <= tags
    assert not tags & {270, 274, 305, 34665, 34675}
    assert next(decoded_frames(layout)).image.size == SMALL.size


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a\x01\0\x01\0\0\0\0" + b"!\xfe" + b"\x01x" * 4_000_000,
        b"GIF89a\x01\0\x01\0\0\0\0" + b"!\xfe\x01x\0" * 1_000_000,
        b"\0\0\0\x18ftypheic" + bytes(12) + struct.pack(">I4sI", 8_000_012, b"meta", 0) + b"\0\0\0\x08free" * 1_000_000,
        b"RIFF" + struct.pack("<I", 8_000_004) + b"WEBP" + b"JUNK\0\0\0\0" * 1_000_000,
        b"\xff\x4f" + b"\xff\x64\0\x02" * 2_000_000,
    ],
    ids=["gif comment", "gif comments", "heif boxes", "webp chunks", "jpeg 2000 comments"],
)
def test_a_flood_of_empty_parts_is_refused_in_time(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(PictureError):
        walked(data)
    assert time.process_time() - started < SECONDS


def test_a_gif_decoder_gets_no_comments() -> None:
    data = encoded(SMALL.convert("P"), "GIF", comment=b"TEXT-SECRET")
    layout = walked(data)
    assert b"TEXT-SECRET" in data
    assert b"TEXT-SECRET" not in layout.data


def test_a_frame_beyond_its_canvas_is_refused() -> None:
    data = encoded(SMALL.convert("P"), "GIF")
    at = data.index(b",\0\0\0\0")
    with pytest.raises(UnsupportedPicture, match="canvas"):
        walked(data[: at + 1] + b"\x05\0" + data[at + 3 :])


def test_white_is_zero_in_sixteen_bits_is_turned_round() -> None:
    ramp = Image.new("I;16", (300, 240), 0xF000)
    data = bytearray(encoded(ramp, "TIFF"))
    at = data.index(struct.pack("<HHI", 262, 3, 1)) + 8
    data[at] = 0
    picture = decode_picture(bytes(data), max_pixels=MILLION)
    assert picture.image.getpixel((5, 5)) == (0x0F, 0x0F, 0x0F)


def test_the_codestream_of_a_file_is_found() -> None:
    inside, facts = find_codestream(encoded(SMALL, "JPEG2000"))
    alone, _ = find_codestream(J2K)
    assert (inside.width, inside.height, inside.components, inside.bits) == (40, 30, 3, 8)
    assert inside.size_bytes == alone.size_bytes == len(J2K)
    assert facts.color_space == 16


def test_the_second_picture_of_a_file_is_never_decoded() -> None:
    target = io.BytesIO()
    first, second = gradient(300, 240), Image.new("RGB", (300, 240), "red")
    first.save(target, "MPO", save_all=True, append_images=[second])
    picture = decode_picture(target.getvalue(), max_pixels=MILLION)
    assert picture.format == "jpeg"
    red, green, _ = picture.image.getpixel((0, 239))  # type: ignore[misc]  # a tuple, the picture being RGB
    assert red < 20
    assert green > 235
