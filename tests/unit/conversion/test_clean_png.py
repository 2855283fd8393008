import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import (
    DamagedPictureError,
    PictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
)
from gateway.conversion.icc import profile_of_primaries
from gateway.conversion.png_layout import SIGNATURE, chunk, read_png_layout
from inference.formats.samples import managed
from tests.unit.conversion.samples import (
    SECRETS,
    decoded,
    display_profile,
    exif,
    furthest,
    grey_scene,
    png,
    scene,
    table_profile,
)


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    return b"".join([data[:33], *chunks, data[33:]])


def native(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = clean_picture(data)
    assert picture.native is not None
    shape = (picture.rows, picture.columns) + ((3,) if picture.samples == 3 else ())
    return np.frombuffer(picture.native, np.uint8).reshape(shape)


def test_every_cut_of_a_picture_is_damaged() -> None:
    data = png(scene(8, 12))
    for length in range(len(SIGNATURE), len(data)):
        with pytest.raises(DamagedPictureError):
            clean_picture(data[:length])


def test_a_wrong_checksum_is_damaged() -> None:
    data = bytearray(png(scene()))
    data[-20] ^= 1
    with pytest.raises(DamagedPictureError):
        clean_picture(bytes(data))


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    header = (50_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    data = SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(TooManyPixelsError):
        clean_picture(data)
    strip = SIGNATURE + chunk(b"IHDR", (70_000).to_bytes(4) + (1).to_bytes(4) + b"\x08\x02\x00\x00\x00")
    with pytest.raises(TooManyPixelsError):
        clean_picture(strip + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def test_a_second_header_is_damaged() -> None:
    larger = chunk(b"IHDR", (60_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00")
    with pytest.raises(DamagedPictureError):
        clean_picture(with_chunks(png(scene()), larger))


def test_plain_colour_keeps_its_compressed_picture() -> None:
    data = png(scene())
    picture = clean_picture(data)
    assert picture.stream == data
    assert (picture.photometric_interpretation, picture.samples, picture.lossy) == ("RGB", 3, ())
    assert not picture.derived
    assert furthest(native(data), scene()) == 0


RGB_HEADER = struct.pack(">II", 144, 96) + b"\x08\x02\0\0\0"
ROWS = b"".join(b"\0" + row.tobytes() for row in scene())


@pytest.mark.parametrize(
    "coded",
    [
        [zlib.compress(ROWS) + b"TEXT-SECRET"],
        [zlib.compress(ROWS), b"TEXT-SECRET"],
        [zlib.compress(ROWS + b"TEXT-SECRET" * 20, 0)],
        [zlib.compress(ROWS), b""],
    ],
)
def test_nothing_hides_beside_the_coded_picture(coded: list[bytes]) -> None:
    parts = [
        chunk(b"IHDR", RGB_HEADER),
        chunk(b"PLTE", b"OWNER-SECRET"),
        *(chunk(b"IDAT", part) for part in coded),
        chunk(b"IEND", b"NOTE-SECRET"),
    ]
    data = SIGNATURE + b"".join(parts)
    picture = clean_picture(data)
    assert b"SECRET" not in picture.stream
    assert furthest(decoded(picture.stream), scene()) == 0
    assert {c.type for c in read_png_layout(picture.stream).chunks} == {b"IHDR", b"IDAT", b"IEND"}


def test_a_coded_picture_in_many_pieces_is_kept_and_its_palette_gone() -> None:
    whole = zlib.compress(ROWS)
    pieces = [chunk(b"IDAT", whole[at : at + 1000]) for at in range(0, len(whole), 1000)]
    front, end = SIGNATURE + chunk(b"IHDR", RGB_HEADER), chunk(b"IEND", b"")
    data = front + chunk(b"PLTE", b"OWNER-SECRET") + b"".join(pieces) + chunk(b"IEND", b"NOTE-SECRET")
    assert clean_picture(data).stream == front + b"".join(pieces) + end


@pytest.mark.parametrize(("primaries", "space"), [(1, "SRGB"), (12, None)])
def test_primaries_by_number_give_a_profile_and_go_before_one(primaries: int, space: str | None) -> None:
    points = chunk(b"cICP", bytes((primaries, 13, 0, 1)))
    for data in (png(scene()), png(scene(), icc_profile=display_profile("P3" if space else "sRGB"))):
        picture = clean_picture(with_chunks(data, points))
        assert picture.color.icc_profile == profile_of_primaries(primaries)
        assert picture.color.space == space
        assert clean_picture(picture.stream).color == picture.color


@pytest.mark.parametrize("points", [b"\x09\x10\0\1", b"\x09\x12\0\1", b"\x01\x0d\0\0"])
def test_high_dynamic_range_is_refused(points: bytes) -> None:
    with pytest.raises(UnsupportedCodingError):
        clean_picture(with_chunks(png(scene()), chunk(b"cICP", points)))


def test_colours_by_a_table_become_srgb() -> None:
    """An object cannot hold such a profile, and without one the samples would mean something else."""
    picture = clean_picture(png(scene(), icc_profile=table_profile(3)))
    expected = managed(Image.fromarray(scene()), table_profile(3))
    assert expected is not None
    assert picture.native == np.asarray(expected).tobytes()
    assert furthest(decoded(picture.stream), np.asarray(expected)) == 0
    assert (picture.color.space, picture.derived) == ("SRGB", True)
    assert "sRGB" in picture.derivation


def test_a_grey_picture_has_no_profile() -> None:
    picture = clean_picture(png(grey_scene(), icc_profile=display_profile()))
    assert {c.type for c in read_png_layout(picture.stream).chunks} == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(("depth", "row", "key"), [(2, b"\x55\x55", 1), (4, b"\x77" * 4, 7), (16, b"\1\7" * 8, 0x107)])
def test_the_transparent_grey_is_white_at_every_depth(depth: int, row: bytes, key: int) -> None:
    header = struct.pack(">IIBBBBB", 8, 8, depth, 0, 0, 0, 0)
    parts = {b"IHDR": header, b"tRNS": struct.pack(">H", key), b"IDAT": zlib.compress((b"\0" + row) * 8), b"IEND": b""}
    picture = clean_picture(SIGNATURE + b"".join(chunk(kind, content) for kind, content in parts.items()))
    assert picture.native == b"\xff" * 64
    assert picture.derived


def test_plain_grey_stays_grey() -> None:
    picture = clean_picture(png(grey_scene()))
    assert (picture.photometric_interpretation, picture.samples) == ("MONOCHROME2", 1)
    assert furthest(native(png(grey_scene())), grey_scene()) == 0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1"])
def test_pictures_without_anything_transparent_lose_nothing(mode: str) -> None:
    image = Image.fromarray(scene()).convert(mode)
    picture = clean_picture(png(image))
    expected = np.asarray(image.convert("RGB" if mode in {"RGBA", "P"} else "L"))
    assert furthest(native(png(image)), expected) == 0
    assert furthest(decoded(picture.stream), expected) == 0
    assert not picture.derived


def test_what_is_transparent_becomes_white_and_the_picture_derived() -> None:
    image = Image.fromarray(scene()).convert("RGBA")
    image.putpixel((3, 4), (1, 2, 3, 0))
    pixels = native(png(image))
    assert tuple(pixels[4, 3]) == (255, 255, 255)
    assert furthest(pixels[5:], scene()[5:]) == 0
    assert clean_picture(png(image)).derivation == "Transparent pixels laid over white"


def test_a_transparent_palette_entry_becomes_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([10, 20, 30, 40, 50, 60])
    assert (native(png(image, transparency=1)) == 255).all()


def test_sixteen_bits_keep_their_upper_eight_and_the_picture_is_derived() -> None:
    values = (np.arange(64 * 64, dtype=np.uint16) * 16).reshape(64, 64)
    data = png(Image.fromarray(values))
    assert furthest(native(data), values >> 8) == 0
    picture = clean_picture(data)
    assert picture.derived
    assert picture.derivation == "16 bits per sample reduced to 8"
    assert furthest(decoded(picture.stream), values >> 8) == 0


def test_a_picture_is_turned_upright() -> None:
    data = png(scene(), exif=exif(6))
    picture = clean_picture(data)
    assert (picture.rows, picture.columns) == (144, 96)
    assert furthest(decoded(picture.stream), np.rot90(scene(), -1)) == 0
    assert furthest(native(data), np.rot90(scene(), -1)) == 0
    assert picture.exif.maker == "Maker"
    assert not picture.derived


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_text_time_exif_and_what_follows_the_end_are_gone(mode: str) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "ARTIST-SECRET")
    notes.add_itxt("XML:com.adobe.xmp", "OWNER-SECRET", zip=False)
    data = png(Image.fromarray(scene()).convert(mode), pnginfo=notes, exif=exif(1, secrets=True))
    data = with_chunks(data, chunk(b"tIME", bytes(7)), chunk(b"prVt", b"NOTE-SECRET")) + b"TAIL-SECRET"
    picture = clean_picture(data)
    assert {c.type for c in read_png_layout(picture.stream).chunks} == {b"IHDR", b"IDAT", b"IEND"}
    assert not [secret for secret in SECRETS if secret in picture.stream + repr(picture).encode()]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_profile_stays_in_the_stream(mode: str) -> None:
    profile = display_profile("P3")
    picture = clean_picture(png(Image.fromarray(scene()).convert(mode), icc_profile=profile))
    assert clean_picture(picture.stream).color == picture.color
    assert picture.color.icc_profile is not None
    assert picture.color.icc_profile[12:16] == b"scnr"


def test_the_word_srgb_is_understood_and_kept() -> None:
    picture = clean_picture(with_chunks(png(scene()), chunk(b"sRGB", b"\x00")))
    assert picture.color.space == "SRGB"
    assert clean_picture(picture.stream).color.space == "SRGB"


def test_a_profile_that_inflates_without_end_is_left_out() -> None:
    bomb = chunk(b"iCCP", b"x\x00\x00" + zlib.compress(bytes(8 << 20)))
    assert clean_picture(with_chunks(png(scene()), bomb)).color.icc_profile is None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_a_picture_is_cleaned_or_refused(data: st.DataObject) -> None:
    source = png(Image.fromarray(scene(8, 12)).convert(data.draw(st.sampled_from(["RGB", "P", "LA", "L"]))))
    layout = read_png_layout(source)
    chunks = []
    for part in layout.chunks:
        content = bytearray(source[part.start + 8 : part.end - 4])
        if content and data.draw(st.booleans()):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        chunks.append(chunk(part.type, bytes(content)))
    try:
        picture = clean_picture(SIGNATURE + b"".join(chunks), max_pixels=100_000)
    except PictureError:
        return
    assert picture.native is not None
    assert len(picture.native) == picture.rows * picture.columns * picture.samples
