"""JPEG 2000 codestreams that go into an object as they came (PS3.5 8.2.4, A.4.4), and whether they lost anything."""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from gateway.conversion.picture import Photometric
from gateway.conversion.recoding import Pixels
from inference.formats.jpeg2000 import EOC, SOC, Codestream, Jp2Facts

_SIZ, _COD, _QCD, _QCC, _RGN, _POC, _PPM, _PPT, _PLT = 0x51, 0x52, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x58
_HEADER_KEPT: Final = frozenset({_SIZ, _COD, _QCD, _QCC, _RGN, _POC, _PPM})
_HEADER_DROPPED: Final = frozenset({0x64, 0x55, 0x57, 0x63})  # comments, lengths, component registration
_TILES_KEPT: Final = frozenset({_COD, _QCD, _QCC, _RGN, _POC, _PPT, _PLT})
_SYCC: Final = 18

_BAND_ROWS: Final = 64
_SAMPLED_PIXELS: Final = 1 << 20
_LEAST_SHARE: Final = 0.8
_LEAST_BITS_A_SAMPLE: Final = 0.05
"""Below, headers are most of a stream: a smooth picture drawn by a computer, of which nothing can be told."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A codestream without comments, and the Photometric Interpretation it has in an object."""

    data: bytes
    photometric_interpretation: Photometric


def kept_codestream(stream: Codestream, facts: Jp2Facts) -> Kept | None:
    """The codestream where an object can hold it: 8 bit, grey or transformed colour, nothing beside its picture.

    None for alpha, palettes, subsampling, other depths, colours without JPEG 2000's own transform (which the
    photographic classes do not know), Part 15 coding, and segments that cannot be taken out.
    """
    is_plain = stream.bits == 8 and not (stream.is_signed or stream.is_subsampled)
    if not is_plain or facts.has_palette or facts.has_alpha or facts.color_space == _SYCC:
        return None
    photometric = _photometric(stream)
    header = [segment for segment in stream.header if segment.marker not in _HEADER_DROPPED]
    known = {segment.marker for segment in header} <= _HEADER_KEPT
    if photometric is None or not known or not {segment.marker for segment in stream.tile_segments} <= _TILES_KEPT:
        return None
    data = stream.data
    parts = [SOC, *(data[segment.start : segment.end] for segment in header), data[stream.tiles_start : stream.end - 2]]
    return Kept(b"".join([*parts, EOC]), photometric)


def _photometric(stream: Codestream) -> Photometric | None:
    if stream.components == 1:
        return "MONOCHROME2"
    if stream.components != 3 or not stream.has_transform:
        return None
    return "YBR_RCT" if stream.is_reversible else "YBR_ICT"


def is_lossy(stream: Codestream, pixels: Pixels) -> bool:
    """Whether the picture lost something: by the 9-7 wavelet, or by a reversible coding that was cut to a rate.

    The latter nothing in the stream says. It shows by its size: far smaller than the same pixels take without loss,
    which is measured on evenly spaced bands of rows. Where those take next to nothing it is not judged.
    """
    if not stream.is_reversible:
        return True
    if stream.components < pixels.shape[-1] and pixels.ndim == 3:
        return False  # numbers of a palette: a coding that loses some would show other colours
    rows = pixels.shape[0]
    every = max(1, rows * pixels.shape[1] // _SAMPLED_PIXELS)
    bands = pixels[np.arange(rows) // _BAND_ROWS % every == 0]
    target = io.BytesIO()
    Image.fromarray(bands).save(target, "JPEG2000", no_jp2=True, mct=int(stream.has_transform))
    if 8 * target.tell() < _LEAST_BITS_A_SAMPLE * bands.size:
        return False
    expected = target.tell() * rows / bands.shape[0]
    return bool(stream.size_bytes < _LEAST_SHARE * expected)
