"""What is decoded is what was checked: sizes said twice, crops, transparency, and what decoders say beside it."""

import contextlib
import struct
import time
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import BmpImagePlugin, Image, Jpeg2KImagePlugin

from inference.errors import NotAPicture, PictureError, TooManyPixels, TruncatedPicture, UnsupportedPicture
from inference.formats.boxes import boxes
from inference.formats.decoding import decoded_frames, layout_of
from inference.formats.layout import Layout, check_pixels
from inference.formats.sniffing import sniff
from inference.picture import decode_picture
from tests.unit.conversion.samples import table_profile
from tests.unit.inference.pictures import encoded, gradient
from tests.unit.inference.test_formats import replaced
from tests.unit.inference.tiffs import page, written

SMALL = gradient(143, 97)
MILLION = 1_000_000
SECONDS = 1.0
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def walked(data: bytes) -> Layout:
    return layout_of(sniff(data), data)


def models_see(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(decode_picture(data, max_pixels=MILLION, min_side=1).image)


@pytest.mark.parametrize("height", [200_000_000, 0x7F000028, 1, 98])
def test_a_jpeg2000_file_that_says_another_size_than_its_codestream_is_refused(height: int) -> None:
    data = replaced(encoded(SMALL, "JPEG2000"), b"ihdr", 0, struct.pack(">I", height))
    with pytest.raises(NotAPicture, match="one size"):
        walked(data)


def test_no_memory_is_taken_for_a_size_that_was_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = walked(encoded(SMALL, "JPEG2000"))
    monkeypatch.setattr(Jpeg2KImagePlugin.Jpeg2KImageFile, "load", lambda image: pytest.fail("pixels were decoded"))
    for data in (layout.data, encoded(SMALL, "JPEG2000", no_jp2=True)):
        vast = Layout("jpeg2000", 143, 98, data)
        with pytest.raises(TruncatedPicture, match="size"):
            next(decoded_frames(vast))


def test_a_decoder_without_enough_memory_refuses_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(BmpImagePlugin.BmpImageFile, "load", fail)
    with pytest.raises(TruncatedPicture):
        models_see(encoded(SMALL, "BMP"))


def test_a_jpeg2000_file_without_its_header_is_refused() -> None:
    data = encoded(SMALL, "JPEG2000").replace(b"jp2h", b"free")
    with pytest.raises(PictureError):
        models_see(data)


def with_aperture(data: bytes, numbers: tuple[int, ...]) -> bytes:
    """A HEIF file of one item whose picture has a clean aperture: the property, its association, and moved offsets."""
    ipco, ipma, iloc, iprp, meta = (data.index(kind) - 4 for kind in (b"ipco", b"ipma", b"iloc", b"iprp", b"meta"))
    ipco_size, ipma_size, iloc_size = (struct.unpack_from(">I", data, at)[0] for at in (ipco, ipma, iloc))
    count_at = ipma + 18
    count = data[count_at]
    number = len(boxes(data, ipco + 8, ipco + ipco_size)) + 1
    clap = struct.pack(">I4s4IiIiI", 40, b"clap", *numbers)
    places = bytearray(data[ipma : ipma + ipma_size])
    places[count_at - ipma] = count + 1
    places.insert(count_at - ipma + 1 + count, 0x80 | number)
    struct.pack_into(">I", places, 0, ipma_size + 1)
    front = data[:ipco] + struct.pack(">I", ipco_size + 40) + data[ipco + 4 : ipco + ipco_size]
    made = bytearray(front + clap + bytes(places) + data[ipma + ipma_size :])
    for at in (iprp, meta):
        struct.pack_into(">I", made, at, struct.unpack_from(">I", made, at)[0] + 41)
    offset_at = iloc + iloc_size - 8
    struct.pack_into(">I", made, offset_at, struct.unpack_from(">I", made, offset_at)[0] + 41)
    return bytes(made)


def test_what_a_sender_cropped_away_stays_away() -> None:
    whole = encoded(SMALL, "AVIF", speed=10)
    seen = models_see(with_aperture(whole, (51, 1, 41, 1, 4, 1, -3, 1)))
    assert seen.shape == (41, 51, 3)
    left, top = 4 + (143 - 51) // 2, -3 + (97 - 41) // 2
    assert (seen == models_see(whole)[top : top + 41, left : left + 51]).all()


@pytest.mark.parametrize(
    "numbers", [(0, 1, 41, 1, 0, 1, 0, 1), (51, 0, 41, 1, 0, 1, 0, 1), (51, 1, 41, 1, 400, 1, 0, 1)]
)
def test_an_impossible_crop_is_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(NotAPicture, match="aperture"):
        walked(with_aperture(encoded(SMALL, "AVIF", speed=10), numbers))


def test_a_crop_does_not_hide_how_many_pixels_are_decoded() -> None:
    data = with_aperture(encoded(SMALL, "AVIF", speed=10), (51, 1, 41, 1, 0, 1, 0, 1))
    vast = replaced(data, b"ispe", 4, struct.pack(">2I", 60_001, 60_001))
    for hostile in (vast, vast.replace(b"av01", b"hvc1").replace(b"avif", b"heic")):
        with pytest.raises(TooManyPixels):
            check_pixels(walked(hostile), MILLION)
        with pytest.raises(TooManyPixels):
            models_see(hostile)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


@pytest.mark.parametrize("kind", [b"ipma", b"iref"])
def test_a_flood_of_links_between_items_is_refused_in_time(kind: bytes) -> None:
    plain = b"".join(
        [
            box(b"pitm", bytes(4) + b"\0\1"),
            box(b"iinf", bytes(6)),
            box(b"iloc", bytes(4) + b"\x44\0" + bytes(2)),
        ]
    )
    if kind == b"ipma":
        entries = struct.pack(">I", 30_000) + (b"\0\1\xff" + b"\x01" * 255) * 30_000
        inner = box(b"iprp", box(b"ipco", box(b"free", b"")) + box(b"ipma", bytes(4) + entries))
    else:
        references = box(b"dimg", b"\0\1\xff\xff" + bytes(2 * 65_535)) * 100
        inner = box(b"iref", bytes(4) + references) + box(b"iprp", b"")
    data = box(b"ftyp", b"heic\0\0\0\0heic") + box(b"meta", bytes(4) + plain + inner)
    started = time.process_time()
    with pytest.raises(UnsupportedPicture, match="links"):
        walked(data)
    assert time.process_time() - started < SECONDS


def run_length_bmp(body: bytes, side: int = 4096) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024) + header + bytes(1024) + body


def test_runs_without_end_are_refused_before_they_are_read() -> None:
    started = time.process_time()
    with pytest.raises(UnsupportedPicture, match="bytes"):
        models_see(run_length_bmp(b"\0\2\0\0" * 8_000_000, 512))
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(("alpha", "red"), [(b"\0" * 64, 0x30), (b"\0" * 63 + b"\xff", 0xFF)])
def test_a_bitmap_whose_mask_for_alpha_is_empty_is_opaque(alpha: bytes, red: int) -> None:
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 124, 8, 8, 1, 32, 3, 0, 0, 0, 0, 0) + masks + bytes(68)
    pixels = b"".join(b"\x10\x20\x30" + bytes((a,)) for a in alpha)
    data = b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + 124) + header + pixels
    assert models_see(data)[7, 0, 0] == red


@pytest.mark.parametrize("image", [gradient(480, 320), gradient(480, 320).convert("L")], ids=["colour", "grey"])
@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}, {"subsampling": "4:4:4"}])
@pytest.mark.parametrize("part", [0.4, 0.7, 0.95])
def test_half_a_jpeg_with_an_end_marker_is_truncated(image: Image.Image, options: dict[str, Any], part: float) -> None:
    data = encoded(image, "JPEG", quality=90, **options)
    with pytest.raises(TruncatedPicture):
        models_see(data[: int(len(data) * part)] + b"\xff\xd9")


def test_a_whole_picture_of_that_very_grey_is_taken() -> None:
    grey = Image.new("RGB", (300, 240), (128, 128, 128))
    for data in (encoded(grey, "JPEG"), encoded(grey.convert("L"), "JPEG", progressive=True)):
        assert (models_see(data[:-2] + b"abc\xff\xd9") == 128).all()


def chunk(kind: bytes, content: bytes) -> bytes:
    return b"".join([struct.pack(">I", len(content)), kind, content, struct.pack(">I", zlib.crc32(kind + content))])


def keyed_png(depth: int, color: int, row: bytes, key: tuple[int, ...]) -> bytes:
    header = struct.pack(">IIBBBBB", 8, 8, depth, color, 0, 0, 0)
    said = struct.pack(f">{len(key)}H", *key)
    coded = zlib.compress((b"\0" + row) * 8)
    return SIGNATURE + b"".join(map(chunk, (b"IHDR", b"tRNS", b"IDAT", b"IEND"), (header, said, coded, b"")))


@pytest.mark.parametrize(
    ("depth", "color", "row", "key"),
    [
        (1, 0, b"\xff", (1,)),
        (1, 0, b"\0", (0,)),
        (2, 0, b"\x55\x55", (1,)),
        (2, 0, b"\xff\xff", (3,)),
        (4, 0, b"\x77" * 4, (7,)),
        (8, 0, b"\x07" * 8, (7,)),
        (16, 0, b"\x01\x07" * 8, (0x0107,)),
        (16, 0, bytes(16), (0,)),
        (8, 2, b"\1\2\3" * 8, (1, 2, 3)),
        (16, 2, b"\x12\x34" * 24, (0x1234,) * 3),
    ],
)
def test_the_transparent_colour_of_a_png_is_white_at_every_depth(
    depth: int, color: int, row: bytes, key: tuple[int, ...]
) -> None:
    assert (models_see(keyed_png(depth, color, row, key)) == 255).all()


@pytest.mark.parametrize(
    ("depth", "color", "row", "key", "value"),
    [
        (2, 0, b"\x55\x55", (2,), 85),
        (4, 0, b"\x77" * 4, (8,), 0x77),
        (16, 0, b"\x01\x07" * 8, (0x0108,), 1),
        (16, 2, b"\x12\x34" * 24, (0x3412,) * 3, 0x12),
    ],
)
def test_other_colours_stay(depth: int, color: int, row: bytes, key: tuple[int, ...], value: int) -> None:
    assert (models_see(keyed_png(depth, color, row, key)) == value).all()


@pytest.mark.parametrize("points", [b"\x09\x10\0\1", b"\x09\x12\0\1", b"\x01\x0d\0\0"])
def test_a_png_of_high_dynamic_range_is_refused_by_the_models_too(points: bytes) -> None:
    plain = encoded(SMALL, "PNG")
    with pytest.raises(UnsupportedPicture):
        models_see(plain[:33] + chunk(b"cICP", points) + plain[33:])


def test_a_damaged_tiff_says_nothing_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(1).integers(0, 2, (97, 143), np.uint8) * 255
    data = bytearray(encoded(Image.fromarray(noise).convert("1"), "TIFF", compression="group4"))
    start = walked(bytes(data)).data.index(data[200:260])
    data[start : start + 60] = b"\x5a\x0f\x3c" * 20
    with contextlib.suppress(PictureError):
        models_see(bytes(data))
    assert capfd.readouterr().err == ""


def test_a_profile_tells_the_models_what_cmyk_means() -> None:
    image = SMALL.convert("CMYK")
    said = models_see(encoded(image, "JPEG", quality=95, icc_profile=table_profile(4)))
    unsaid = models_see(encoded(image, "JPEG", quality=95))
    assert np.abs(said.astype(int) - unsaid).max() > 30
    in_tiff = models_see(encoded(image, "TIFF", icc_profile=table_profile(4)))
    assert np.abs(said.astype(int) - in_tiff).mean() < 4


def test_an_uncoded_page_is_decoded_as_it_was_written() -> None:
    pixels = np.asarray(SMALL)
    data = written([page(SMALL.size, 2, [8] * 3, pixels.nbytes)], pixels.tobytes())
    assert (models_see(data) == pixels).all()
