"""How a picture's pixels are stored: as they came, as plain samples, or packed without loss (PS3.5 section 8.2).

What DICOM has a syntax for goes in as it is: a baseline JPEG, a JPEG 2000 codestream. Everything else is samples:
plain while they are few, which every viewer reads, and JPEG-LS lossless from 8 MiB on.
"""

from dataclasses import dataclass
from typing import Final, Literal

import jpeg_ls
import numpy as np
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
)

from gateway.conversion.facts import SopClass
from gateway.conversion.part10 import Part, PixelData
from gateway.conversion.picture import CleanPicture

MOST_PLAIN_BYTES: Final = 8 * 2**20

_BY_PIXEL: Final = 2
"""JPEG-LS interleave mode of samples that stand side by side."""


@dataclass(frozen=True, slots=True)
class StoredPixels:
    """Pixel Data, and what Image Pixel says of it."""

    data: PixelData
    samples: Literal[1, 3]
    photometric_interpretation: str


def stored_pixels(picture: CleanPicture, sop_class: SopClass) -> StoredPixels:
    """The picture's pixels as this class stores them; Multi-frame True Color takes no grey ones."""
    if picture.codestream is not None:
        syntax = JPEG2000 if picture.lossy else JPEG2000Lossless
        return _of_stream(picture, syntax, picture.codestream)
    if picture.native is not None and picture.samples == 1 and sop_class is SopClass.MULTI_FRAME_TRUE_COLOR_SC:
        return _of_samples(picture, np.repeat(np.frombuffer(picture.native, np.uint8), 3).tobytes(), 3)
    if picture.native is not None:
        return _of_samples(picture, picture.native, picture.samples)
    return _of_stream(picture, JPEGBaseline8Bit, picture.stream)


def _of_stream(picture: CleanPicture, transfer_syntax_uid: str, stream: bytes) -> StoredPixels:
    data = PixelData(str(transfer_syntax_uid), (stream,))
    return StoredPixels(data, picture.samples, picture.photometric_interpretation)


def _of_samples(picture: CleanPicture, samples: bytes, per_pixel: Literal[1, 3]) -> StoredPixels:
    interpretation = "RGB" if per_pixel == 3 else "MONOCHROME2"
    if len(samples) <= MOST_PLAIN_BYTES:
        return StoredPixels(PixelData(str(ExplicitVRLittleEndian), (samples,)), per_pixel, interpretation)
    length = picture.rows * picture.columns * per_pixel
    view = memoryview(samples)
    frames = (view[start : start + length] for start in range(0, len(samples), length))
    packed = tuple(_packed(frame, picture, per_pixel) for frame in frames)
    return StoredPixels(PixelData(str(JPEGLSLossless), packed), per_pixel, interpretation)


def _packed(frame: memoryview, picture: CleanPicture, per_pixel: int) -> Part:
    # The encoder takes nothing but bytes: a view of one whole object gives that object back, uncopied.
    whole = frame.obj if isinstance(frame.obj, bytes) and len(frame.obj) == len(frame) else bytes(frame)
    packed: bytearray = jpeg_ls.encode_buffer(
        whole, picture.rows, picture.columns, per_pixel, 8, interleave_mode=_BY_PIXEL if per_pixel == 3 else 0
    )
    return packed
