"""Coded frames as samples: what went in comes back, in the header's width; damage costs one frame."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import jpeg_ls
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from PIL import Image
from pydicom.pixels.encoders import RLELosslessEncoder

from dicomweb.frame_decoding import FrameDecoder, FrameLayout, TranscodingError
from dicomweb.part10 import read_part10
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.transcoding import to_explicit_little_endian
from tests.unit.dicomweb.samples import JPEG_BASELINE, element, encapsulated, part10

ROWS, COLUMNS = 30, 41
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
RUN_LENGTH = "1.2.840.10008.1.2.5"
LIMIT = 1 << 20

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

Y, X = np.mgrid[0:ROWS, 0:COLUMNS]
COLOURS: Pixels = np.stack([X * 4, Y * 5, (X + Y) * 2], axis=-1).astype(np.uint8)
GREY: Pixels = ((X + Y) * 3).astype(np.uint8)
DEEP: Pixels = ((X * 64 + Y) % 4096).astype(np.uint16)


@pytest.fixture(scope="module")
def decoder() -> Iterator[FrameDecoder]:
    pool = DecoderPool(LIMIT)
    yield FrameDecoder(pool, LIMIT)
    pool.close()


def layout(pixels: Pixels, photometric: str = "") -> FrameLayout:
    samples = 3 if pixels.ndim == 3 else 1
    photometric = photometric or ("RGB" if samples == 3 else "MONOCHROME2")
    return FrameLayout(pixels.shape[0], pixels.shape[1], samples, pixels.itemsize * 8, photometric)


def coded(pixels: Pixels, syntax: str) -> bytes:
    if syntax == JPEG_LS:
        return bytes(jpeg_ls.encode_array(pixels, interleave_mode=1 if pixels.ndim == 3 else 0))
    if syntax == JPEG_2000:
        buffer = BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG2000", no_jp2=True, irreversible=False)
        return buffer.getvalue()
    of = layout(pixels)
    return RLELosslessEncoder.encode(
        pixels,
        rows=of.rows,
        columns=of.columns,
        samples_per_pixel=of.samples,
        bits_allocated=of.bits_allocated,
        bits_stored=of.bits_allocated,
        pixel_representation=0,
        photometric_interpretation=of.photometric_interpretation,
        number_of_frames=1,
        planar_configuration=0,
    )


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_2000, RUN_LENGTH])
@pytest.mark.parametrize("pixels", [COLOURS, GREY, DEEP], ids=["colours", "grey", "deep"])
def test_lossless_codings_give_back_every_sample(decoder: FrameDecoder, pixels: Pixels, syntax: str) -> None:
    frame = decoder.decode(coded(pixels, syntax), syntax, layout(pixels))
    assert frame.data == pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    assert (frame.samples, frame.bits_allocated) == (layout(pixels).samples, pixels.itemsize * 8)


def test_samples_have_the_width_that_the_header_says(decoder: FrameDecoder) -> None:
    wider = replace(layout(GREY), bits_allocated=16)
    frame = decoder.decode(coded(GREY, JPEG_LS), JPEG_LS, wider)
    assert frame.data == GREY.astype("<u2").tobytes()
    with pytest.raises(TranscodingError, match="more bits"):
        decoder.decode(coded(DEEP, JPEG_LS), JPEG_LS, replace(layout(DEEP), bits_allocated=8))


@pytest.mark.parametrize("said", ["MONOCHROME1", "PALETTE COLOR", "YBR_FULL"])
def test_what_a_coding_does_not_change_is_still_said(decoder: FrameDecoder, said: str) -> None:
    pixels = COLOURS if said == "YBR_FULL" else GREY
    frame = decoder.decode(coded(pixels, RUN_LENGTH), RUN_LENGTH, layout(pixels, said))
    assert (frame.photometric_interpretation, frame.data) == (said, pixels.tobytes())


@pytest.mark.parametrize(("said", "syntax"), [("YBR_RCT", JPEG_2000), ("YBR_ICT", JPEG_2000), ("", JPEG_LS)])
def test_what_a_decoder_takes_back_is_rgb(decoder: FrameDecoder, said: str, syntax: str) -> None:
    frame = decoder.decode(coded(COLOURS, syntax), syntax, replace(layout(COLOURS), photometric_interpretation=said))
    assert (frame.photometric_interpretation, frame.data) == ("RGB", COLOURS.tobytes())


def test_half_the_chrominance_is_no_layout_of_decoded_samples(decoder: FrameDecoder) -> None:
    with pytest.raises(TranscodingError, match="colours"):
        decoder.decode(coded(COLOURS, JPEG_LS), JPEG_LS, layout(COLOURS, "YBR_FULL_422"))


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_2000, RUN_LENGTH, JPEG_BASELINE, "1.2.840.10008.1.2.4.110"])
def test_a_spoilt_frame_is_refused_and_the_next_is_decoded(decoder: FrameDecoder, syntax: str) -> None:
    good = coded(COLOURS, JPEG_2000)
    for data in (b"", bytes(100), b"\xff\xd8\xff\xd9", b"\xff\x4f\xff\x51" + bytes(60), good[: len(good) // 3]):
        with pytest.raises(TranscodingError):
            decoder.decode(data, syntax, layout(COLOURS))
    assert decoder.decode(good, JPEG_2000, layout(COLOURS)).data == COLOURS.tobytes()


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_2000, RUN_LENGTH])
def test_mutants_are_decoded_or_refused(decoder: FrameDecoder, syntax: str) -> None:
    source = np.random.default_rng(7)
    original = np.frombuffer(coded(COLOURS, syntax), np.uint8)
    for _ in range(40):
        mutant = original.copy()
        mutant[source.integers(0, mutant.size, 4)] = source.integers(0, 256, 4)
        try:
            frame = decoder.decode(mutant.tobytes(), syntax, layout(COLOURS))
        except TranscodingError:
            continue
        assert len(frame.data) == COLOURS.nbytes


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_2000])
def test_another_size_than_the_header_says_is_refused(decoder: FrameDecoder, syntax: str) -> None:
    with pytest.raises(TranscodingError, match="another size"):
        decoder.decode(coded(COLOURS, syntax), syntax, replace(layout(COLOURS), rows=ROWS - 1))


def test_what_would_be_too_large_is_not_decoded(decoder: FrameDecoder) -> None:
    with pytest.raises(TranscodingError, match="too large"):
        decoder.decode(coded(COLOURS, JPEG_LS), JPEG_LS, replace(layout(COLOURS), rows=60_000, columns=60_000))


def test_the_coefficients_of_a_progressive_jpeg_count() -> None:
    decoder = FrameDecoder(DecoderPool(LIMIT), ROWS * COLUMNS * 3)
    for progressive in (False, True):
        buffer = BytesIO()
        Image.fromarray(COLOURS).save(buffer, "JPEG", progressive=progressive)
        if not progressive:
            decoder.decode(buffer.getvalue(), JPEG_BASELINE, layout(COLOURS))
            continue
        with pytest.raises(TranscodingError, match="too large"):
            decoder.decode(buffer.getvalue(), JPEG_BASELINE, layout(COLOURS))


def test_a_jpeg_of_very_many_scans_is_not_decoded(decoder: FrameDecoder) -> None:
    buffer = BytesIO()
    Image.fromarray(COLOURS).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    scan = data[data.index(b"\xff\xda") : -2]
    with pytest.raises(TranscodingError, match="scans"):
        decoder.decode(data[:-2] + scan * 200 + data[-2:], JPEG_BASELINE, layout(COLOURS))


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_2000, RUN_LENGTH])
@pytest.mark.parametrize("pixels", [COLOURS, DEEP], ids=["colours", "deep"])
def test_an_object_becomes_uncompressed_with_what_its_header_says(
    decoder: FrameDecoder, pixels: Pixels, syntax: str
) -> None:
    of = layout(pixels)
    numbers = {
        0x00280002: of.samples, 0x00280010: ROWS, 0x00280011: COLUMNS, 0x00280100: of.bits_allocated,
        0x00280101: 12 if pixels is DEEP else 8, 0x00280102: 11 if pixels is DEEP else 7, 0x00280103: 0,
    }  # fmt: skip
    elements = {tag: element(tag, "US", number) for tag, number in numbers.items()}
    elements[0x00280004] = element(0x00280004, "CS", "MONOCHROME1" if pixels is DEEP else "RGB")
    elements[0x00280008] = element(0x00280008, "IS", "2")
    data_set = b"".join(elements[tag] for tag in sorted(elements))
    data = part10(data_set + encapsulated([coded(pixels, syntax)] * 2), syntax)
    made = to_explicit_little_endian(BytesIO(data), read_part10(data).frames, decoder)
    ds = pydicom.dcmread(BytesIO(made))
    assert (ds.pixel_array == pixels).all()
    assert ds.pixel_array.shape[0] == 2
    assert (ds.BitsStored, ds.PhotometricInterpretation) == ((12, "MONOCHROME1") if pixels is DEEP else (8, "RGB"))
