"""JPEG made baseline and upright: by moving coefficients where that is exact, else by coding the pixels anew.

Where the edge that moves is no whole number of coding blocks a lossless turn would have to leave out a strip
of up to 15 pixels. The picture is then decoded, turned, and coded again at quality 95 without subsampling:
a second lossy step that the object states, but far smaller than a lossless one and complete.
"""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import turbojpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.jpeg_layout import Frame, JpegLayout, read_layout
from gateway.conversion.jpeg_markers import stripped
from gateway.conversion.orientation import Turn
from inference.formats.decoding import DECODER_ERRORS
from inference.formats.samples import managed

QUALITY: Final = 95
BASELINE: Final = 0
"""The n of baseline's frame marker, SOFn."""

_BLOCK: Final = 8

Pixels = npt.NDArray[np.uint8]
"""(rows, columns) of grey or (rows, columns, 3) of RGB, 8 bit."""


@dataclass(frozen=True, slots=True)
class Recoded:
    """A baseline stream without application segments but JFIF, and whether its pixels were computed anew."""

    stream: bytes
    layout: JpegLayout
    derived: bool


def turned_losslessly(bare: bytes, frame: Frame, turn: Turn | None) -> Recoded | None:
    """The same coefficients as baseline and turned; None where that cannot be done exactly.

    `bare` holds no application segments but JFIF and Adobe.
    """
    if turn is not None and not _is_exact(frame, turn):
        return None
    operation = turbojpeg.OP.NONE if turn is None else turn.operation
    try:
        stream = turbojpeg.transform(bare, op=operation, perfect=True, copynone=True)
    except RuntimeError:  # what libjpeg-turbo cannot transform it may still decode
        return None
    layout = read_layout(stream)
    return Recoded(stream, layout, derived=False) if layout.frame.process == BASELINE else None


def coded_anew(pixels: Pixels, turn: Turn | None) -> Recoded:
    """These pixels, turned, as baseline JPEG."""
    upright = pixels if turn is None else turn.pixels(pixels)
    is_grey = upright.ndim == 2
    stream = turbojpeg.compress(
        upright[..., np.newaxis] if is_grey else upright,
        quality=QUALITY,
        subsamp=turbojpeg.SAMP.GRAY if is_grey else turbojpeg.SAMP.Y444,
        pixelformat=turbojpeg.PF.GRAY if is_grey else turbojpeg.PF.RGB,
    )
    layout = read_layout(stream)
    return Recoded(stripped(layout, stream), layout, derived=True)


def decoded(bare: bytes) -> Pixels:
    """The pixels of a JPEG of one component, YCbCr or RGB. Raises DamagedPictureError."""
    image = _opened(bare)
    return np.asarray(image if image.mode == "L" else image.convert("RGB"))


def decoded_cmyk(bare: bytes, profile: bytes | None) -> Pixels:
    """The pixels of a JPEG of four components as sRGB: by its profile, or by complement where it has none."""
    image = _opened(bare)
    return np.asarray(managed(image, profile) or image.convert("RGB"))


def _opened(bare: bytes) -> Image.Image:
    """The decoded picture. Half a picture is refused here, though decoders fill in what is missing.

    libjpeg-turbo's transformer, asked for no output, stops at the first fault in the coded data. The pixels are
    Pillow's: turbojpeg 0.0.2 leaks the whole picture whenever its own decoder fails.
    """
    try:
        turbojpeg.transform(bare, nooutput=True)
        image = JpegImageFile(io.BytesIO(bare))
        image.load()
    except DECODER_ERRORS as error:
        raise DamagedPictureError("the JPEG cannot be decoded whole") from error
    return image


def _is_exact(frame: Frame, turn: Turn) -> bool:
    """Whether each edge that comes to lie at the top or left is a whole number of coding blocks."""
    one = len(frame.components) == 1
    block_columns = _BLOCK * (1 if one else max(component.horizontal for component in frame.components))
    block_rows = _BLOCK * (1 if one else max(component.vertical for component in frame.components))
    columns_fit = not turn.mirror_columns or frame.columns % block_columns == 0
    rows_fit = not turn.mirror_rows or frame.rows % block_rows == 0
    return columns_fit and rows_fit
