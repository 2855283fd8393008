"""Frames of each coding as pictures: the pixels that went in, the bounds held, damage refused."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import jpeg_ls
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydicom.pixels import convert_color_space
from pydicom.pixels.encoders import RLELosslessEncoder

from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.frame_pictures import frame_picture, is_renderable
from dicomweb.rendering.image_facts import ImageFacts, LookUpTable
from dicomweb.rendering.parameters import VoiWindow
from tests.unit.dicomweb.samples import EXPLICIT, JPEG_BASELINE

ROWS, COLUMNS = 48, 64
RUN_LENGTH = "1.2.840.10008.1.2.5"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
LIMIT = 1 << 20

Colours = npt.NDArray[np.uint8]
Deep = npt.NDArray[np.uint16]

RGB = ImageFacts(
    rows=ROWS,
    columns=COLUMNS,
    samples=3,
    photometric_interpretation="RGB",
    bits_allocated=8,
    bits_stored=8,
    high_bit=7,
)
GREY = replace(
    RGB,
    samples=1,
    photometric_interpretation="MONOCHROME2",
    bits_allocated=16,
    bits_stored=12,
    high_bit=11,
    window=VoiWindow(2048, 4096),
)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    decoders = DecoderPool(LIMIT)
    yield decoders
    decoders.close()


@pytest.fixture
def colours() -> Colours:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    return np.stack([x * 4, y * 5, (x + y) * 2], axis=-1).astype(np.uint8)


@pytest.fixture
def deep() -> Deep:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    return np.asarray((x * 64 + y) % 4096, np.uint16)


def made(data: bytes, syntax: str, facts: ImageFacts, pool: DecoderPool, **options: int) -> Colours:
    picture = frame_picture(
        data,
        syntax,
        facts,
        window=None,
        reduction=options.get("reduction", 1),
        pool=pool,
        max_bytes=options.get("max_bytes", LIMIT),
    )
    return np.asarray(picture.image)


def shown_by_the_standard(deep: Deep) -> npt.NDArray[np.float64]:
    return np.clip(((deep - 2047.5) / 4095 + 0.5) * 255, 0, 255)


def near(one: npt.NDArray[np.generic], other: npt.NDArray[np.generic], levels: float = 1.0) -> bool:
    return one.shape == other.shape and float(np.abs(one.astype(float) - other.astype(float)).max()) <= levels


def run_length(pixels: Colours | Deep) -> bytes:
    return RLELosslessEncoder.encode(
        pixels,
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples_per_pixel=3 if pixels.ndim == 3 else 1,
        bits_allocated=pixels.itemsize * 8,
        bits_stored=pixels.itemsize * 8,
        pixel_representation=0,
        photometric_interpretation="RGB" if pixels.ndim == 3 else "MONOCHROME2",
        number_of_frames=1,
        planar_configuration=0,
    )


def jpeg_2000(pixels: Colours | Deep) -> bytes:
    buffer = BytesIO()
    picture = Image.fromarray(pixels)
    picture.save(buffer, "JPEG2000", no_jp2=True, irreversible=False)
    return buffer.getvalue()


def test_native_colours_are_shown_as_they_are(colours: Colours, pool: DecoderPool) -> None:
    assert (made(colours.tobytes(), EXPLICIT, RGB, pool) == colours).all()
    by_plane = np.ascontiguousarray(colours.transpose(2, 0, 1)).tobytes()
    assert (made(by_plane, EXPLICIT, replace(RGB, by_plane=True), pool) == colours).all()


def test_native_ybr_is_turned_into_rgb_as_pydicom_does_it(colours: Colours, pool: DecoderPool) -> None:
    ybr = convert_color_space(colours, "RGB", "YBR_FULL")
    facts = replace(RGB, photometric_interpretation="YBR_FULL")
    assert near(made(ybr.tobytes(), EXPLICIT, facts, pool), convert_color_space(ybr, "YBR_FULL", "RGB"), 2)
    halves = np.empty((ROWS * COLUMNS // 2, 4), np.uint8)
    flat = ybr.reshape(-1, 2, 3)
    halves[:, 0], halves[:, 1] = flat[:, 0, 0], flat[:, 1, 0]
    halves[:, 2], halves[:, 3] = flat[:, 0, 1], flat[:, 0, 2]
    facts = replace(RGB, photometric_interpretation="YBR_FULL_422")
    assert near(made(halves.tobytes(), EXPLICIT, facts, pool), colours, 16)


def test_native_grey_of_16_bits_goes_through_its_window(deep: Deep, pool: DecoderPool) -> None:
    assert near(made(deep.astype("<u2").tobytes(), EXPLICIT, GREY, pool), shown_by_the_standard(deep))


def test_one_bit_is_black_or_white(pool: DecoderPool) -> None:
    facts = replace(GREY, bits_allocated=1, bits_stored=1, high_bit=0, window=None)
    bits = (np.indices((ROWS, COLUMNS)).sum(axis=0) % 3 == 0).astype(np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    assert (made(packed, EXPLICIT, facts, pool) == bits * 255).all()


def test_a_palette_gives_its_colours(pool: DecoderPool) -> None:
    indexes = (np.indices((ROWS, COLUMNS)).sum(axis=0) % 4).astype(np.uint8)
    tables = [
        np.array(values, np.uint16) << np.uint16(8) for values in ([255, 0, 0, 9], [0, 255, 0, 9], [0, 0, 255, 9])
    ]
    red, green, blue = (LookUpTable(first=0, bits=16, entries=table) for table in tables)
    facts = replace(
        RGB, samples=1, photometric_interpretation="PALETTE COLOR", palette=(red, green, blue), bits_stored=8
    )
    expected = np.stack([table >> 8 for table in tables], axis=-1)[indexes]
    assert (made(indexes.tobytes(), EXPLICIT, facts, pool) == expected).all()


def test_run_length_colours_and_deep_grey_come_back(colours: Colours, deep: Deep, pool: DecoderPool) -> None:
    assert (made(run_length(colours), RUN_LENGTH, RGB, pool) == colours).all()
    assert near(made(run_length(deep), RUN_LENGTH, GREY, pool), shown_by_the_standard(deep))


def test_jpeg_ls_colours_and_deep_grey_come_back(colours: Colours, deep: Deep, pool: DecoderPool) -> None:
    assert (made(bytes(jpeg_ls.encode_array(colours, interleave_mode=2)), JPEG_LS, RGB, pool) == colours).all()
    assert near(made(bytes(jpeg_ls.encode_array(deep)), JPEG_LS, GREY, pool), shown_by_the_standard(deep))


def test_jpeg_2000_colours_and_deep_grey_come_back(colours: Colours, deep: Deep, pool: DecoderPool) -> None:
    assert (made(jpeg_2000(colours), JPEG_2000, RGB, pool) == colours).all()
    wide = replace(GREY, bits_stored=16, high_bit=15)
    assert near(made(jpeg_2000(deep), JPEG_2000, wide, pool), shown_by_the_standard(deep))
    halved = made(jpeg_2000(colours), JPEG_2000, RGB, pool, reduction=2)
    assert halved.shape == (ROWS // 2, COLUMNS // 2, 3)


def test_a_jpeg_is_shown_as_pillow_shows_it_and_reduced_while_decoding(colours: Colours, pool: DecoderPool) -> None:
    buffer = BytesIO()
    Image.fromarray(colours).save(buffer, "JPEG", quality=95)
    facts = replace(RGB, photometric_interpretation="YBR_FULL_422")
    expected = np.asarray(Image.open(BytesIO(buffer.getvalue())))
    assert (made(buffer.getvalue(), JPEG_BASELINE, facts, pool) == expected).all()
    assert made(buffer.getvalue(), JPEG_BASELINE, facts, pool, reduction=8).shape == (6, 8, 3)


@pytest.mark.parametrize("syntax", [EXPLICIT, RUN_LENGTH, JPEG_LS, JPEG_2000, JPEG_BASELINE, JPEG_LOSSLESS])
def test_damaged_frames_are_refused(syntax: str, colours: Colours, pool: DecoderPool) -> None:
    for data in (b"", b"\xff\xd8\xff\xd9", b"\xff\x4f\xff\x51" + bytes(60), bytes(100)):
        with pytest.raises(NotRenderableError):
            made(data, syntax, RGB, pool)


def test_a_coded_picture_of_another_size_is_refused(colours: Colours, pool: DecoderPool) -> None:
    smaller = replace(RGB, rows=ROWS - 1)
    with pytest.raises(NotRenderableError, match="size"):
        made(jpeg_2000(colours), JPEG_2000, smaller, pool)
    buffer = BytesIO()
    Image.fromarray(colours).save(buffer, "JPEG")
    with pytest.raises(NotRenderableError, match="size"):
        made(buffer.getvalue(), JPEG_BASELINE, smaller, pool)


def test_what_would_be_too_large_is_not_decoded(colours: Colours, pool: DecoderPool) -> None:
    for syntax in (EXPLICIT, JPEG_LS, JPEG_BASELINE):
        with pytest.raises(NotRenderableError, match="large"):
            made(b"", syntax, RGB, pool, max_bytes=ROWS * COLUMNS * 3 - 1)


def test_a_jpeg_of_very_many_scans_is_not_decoded(colours: Colours, pool: DecoderPool) -> None:
    buffer = BytesIO()
    Image.fromarray(colours).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    assert near(made(data, JPEG_BASELINE, RGB, pool), colours, 40)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(NotRenderableError, match="scans"):
        made(data[:last] + data[last:-2] * 200, JPEG_BASELINE, RGB, pool)


def progressive_of_nothing(edge: int, *, before: bytes = b"") -> bytes:
    """A grey progressive JPEG without a coefficient: a few hundred bytes whatever its size."""
    size = edge.to_bytes(2) * 2
    frame = b"\xff\xc2\x00\x0b\x08" + size + b"\x01\x01\x11\x00"
    tables = b"\xff\xdb\x00\x43\x00" + b"\x01" * 64 + b"\xff\xc4\x00\x14\x00\x01" + bytes(15) + b"\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00"
    return b"\xff\xd8" + before + frame + tables + scan + bytes(100) + b"\xff\xd9"


def test_a_progressive_jpeg_is_bounded_by_its_full_size_however_far_it_is_reduced(pool: DecoderPool) -> None:
    edge = 16_000
    facts = replace(RGB, rows=edge, columns=edge, samples=1, photometric_interpretation="MONOCHROME2")
    hidden = b"\xff\xd0\x00\x04\x00\x00"  # decoders read on behind such a marker, and the header is none
    for data in (progressive_of_nothing(edge), progressive_of_nothing(edge, before=hidden)):
        with pytest.raises(NotRenderableError, match="large"):
            made(data, JPEG_BASELINE, facts, pool, reduction=8, max_bytes=256 << 20)


def test_what_a_jpeg_of_several_scans_holds_counts_and_one_scan_holds_nothing(
    colours: Colours, pool: DecoderPool
) -> None:
    result = ROWS * COLUMNS * 3
    for options, held in (({}, 0), ({"progressive": True}, ROWS * COLUMNS * 3 * 2)):
        buffer = BytesIO()
        Image.fromarray(colours).save(buffer, "JPEG", subsampling=0, **options)
        assert made(buffer.getvalue(), JPEG_BASELINE, RGB, pool, max_bytes=result + held).shape == colours.shape
        with pytest.raises(NotRenderableError, match="large"):
            made(buffer.getvalue(), JPEG_BASELINE, RGB, pool, max_bytes=result + held - 1)


def test_codings_without_a_decoder_are_not_renderable() -> None:
    assert is_renderable(EXPLICIT)
    assert not is_renderable("1.2.840.10008.1.2.4.112")
