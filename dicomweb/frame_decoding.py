"""Coded frames as Explicit VR Little Endian has them: samples of a pixel together, row by row (PS3.5 8.2).

JPEG of 8 bits and run lengths are decoded where they are, what needs a large decoder in a process of its own: a frame
that kills its decoder costs its own request.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Self

import numpy as np
from PIL import Image, JpegImagePlugin

from dicomweb.rendering.decoding.job import Job
from dicomweb.rendering.decoding.jpeg import check_scans, held_bytes, tell_colours
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.rendering.decoding.run_length import run_length_samples
from dicomweb.rendering.decoding.syntaxes import FOREIGN, JPEG, RUN_LENGTH
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.grey import Samples

_DECODER_ERRORS: Final = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)
_GREY: Final = ("MONOCHROME2", "MONOCHROME1", "PALETTE COLOR")
_COLOURS: Final = ("RGB", "YBR_RCT", "YBR_ICT")


class TranscodingError(ValueError):
    """An object that cannot be made uncompressed here; the text says why."""


@dataclass(frozen=True, slots=True)
class FrameLayout:
    """What a header says of its frames; sizes in pixels, depth in bits."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    photometric_interpretation: str

    @classmethod
    def read(cls, value: Callable[[int], object]) -> Self:
        """The layout by the first value of each attribute, None where there is none.

        Raises:
            TranscodingError: there is no usable size or depth.
        """
        return cls(
            rows=_number("Rows", value(0x00280010)),
            columns=_number("Columns", value(0x00280011)),
            samples=_number("SamplesPerPixel", value(0x00280002), 1),
            bits_allocated=_number("BitsAllocated", value(0x00280100), 8),
            photometric_interpretation=str(value(0x00280004) or ""),
        )

    @property
    def most_bytes(self) -> int:
        """Most bytes of one decoded frame."""
        return self.rows * self.columns * 3 * (2 if self.bits_allocated > 8 else 1)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """Samples of one frame, and what a header has to say of them."""

    data: bytes
    photometric_interpretation: str
    samples: int
    bits_allocated: int


class FrameDecoder:
    """Decodes frames for answers; safe to use from many threads.

    Args:
        pool: decodes what needs a large decoder.
        max_bytes: most bytes of decoded samples, of a frame or of all frames of an object.
    """

    def __init__(self, pool: DecoderPool, max_bytes: int) -> None:
        self._pool = pool
        self.max_bytes = max_bytes

    def decode(self, data: bytes, transfer_syntax_uid: str, layout: FrameLayout) -> DecodedFrame:
        """One frame; of a JPEG always with 8 bits allocated, of others as the layout has them.

        Raises:
            TranscodingError: it cannot be decoded, has another size than the header says, or would be too large.
        """
        if layout.most_bytes > self.max_bytes:
            raise TranscodingError("decoded the frame is too large")
        try:
            samples = self._samples(data, transfer_syntax_uid, layout)
        except NotRenderableError as error:
            raise TranscodingError(str(error)) from error
        if samples.shape[:2] != (layout.rows, layout.columns):
            raise TranscodingError("the coded picture has another size than the header says")
        if transfer_syntax_uid not in JPEG:
            samples = _allocated(samples, layout.bits_allocated)
        photometric = _photometric(samples, layout.photometric_interpretation, transfer_syntax_uid)
        channels = 3 if samples.ndim == 3 else 1
        little_endian = samples.astype(samples.dtype.newbyteorder("<"), copy=False)
        return DecodedFrame(little_endian.tobytes(), photometric, channels, samples.itemsize * 8)

    def _samples(self, data: bytes, transfer_syntax_uid: str, layout: FrameLayout) -> Samples:
        if transfer_syntax_uid in JPEG:
            if layout.most_bytes + held_bytes(data, layout.rows, layout.columns) > self.max_bytes:
                raise TranscodingError("decoded the frame is too large")
            return _jpeg(data, layout)
        if transfer_syntax_uid == RUN_LENGTH:
            return run_length_samples(data, layout.rows, layout.columns, layout.samples, layout.bits_allocated)
        if transfer_syntax_uid not in FOREIGN:
            raise NotRenderableError("pixel data of this transfer syntax is not decoded here")
        return self._pool.decode(Job(FOREIGN[transfer_syntax_uid], data))


def _number(name: str, value: object, default: int | None = None) -> int:
    value = default if value is None else value
    if not isinstance(value, int) or not 0 < value <= 65_535:
        raise TranscodingError(f"{name} is missing")
    return value


def _jpeg(data: bytes, layout: FrameLayout) -> Samples:
    check_scans(data)
    try:
        with JpegImagePlugin.JpegImageFile(BytesIO(data)) as picture:
            if picture.size != (layout.columns, layout.rows):
                raise TranscodingError("the coded picture has another size than the header says")
            if picture.mode not in ("L", "RGB"):
                raise TranscodingError("the coded picture is neither grey nor colour with 8 bits")
            tell_colours(picture, data, layout.photometric_interpretation)
            return np.asarray(picture, np.uint8)
    except _DECODER_ERRORS as error:
        if isinstance(error, TranscodingError):
            raise
        raise TranscodingError("the coded picture cannot be decoded") from error


def _allocated(samples: Samples, bits: int) -> Samples:
    """Samples in the width that the header says."""
    if bits == 16:
        return samples.astype(np.uint16, copy=False)
    if bits != 8:
        raise TranscodingError("samples are allocated neither 8 nor 16 bits")
    if samples.dtype != np.uint8 and not ((samples < 0x100) | (samples >= 0xFF80)).all():  # negative ones of 8 bits
        raise TranscodingError("the coded picture has more bits than the header says")
    return samples.astype(np.uint8)


def _photometric(samples: Samples, said: str, transfer_syntax_uid: str) -> str:
    """What the decoded samples are: a decoder makes RGB of what its own coding has changed."""
    if samples.ndim == 2:
        return said if said in _GREY else _GREY[0]
    if transfer_syntax_uid in JPEG or said in _COLOURS or not said:
        return _COLOURS[0]
    if said == "YBR_FULL":
        return said
    raise TranscodingError("colours of this kind are not decoded here")
