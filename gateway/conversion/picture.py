"""A picture that is fit to keep and to be put into DICOM: upright, without identifying markers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.conversion.errors import TooManyPixelsError
from gateway.conversion.exif_facts import ExifFacts

MediaType = Literal["image/jpeg", "image/png"]
Photometric = Literal["YBR_FULL_422", "MONOCHROME2", "RGB", "YBR_RCT", "YBR_ICT"]
ColorSpace = Literal["SRGB", "ADOBERGB"]
"""Defined terms of Color Space (0028,2002) that are recognised."""

MAX_EDGE: Final = 65535
"""Rows and Columns are VR US."""

MAX_JPEG_EDGE: Final = 65500
"""The longest that libjpeg codes and decodes."""


@dataclass(frozen=True, slots=True)
class LossyStep:
    """One lossy compression the pixels went through; `ratio` is raw size over stream size (PS3.3 C.7.6.1.1.5).

    `method` is "" where DICOM has no term for it (WebP, AVIF).
    """

    ratio: float
    method: str = "ISO_10918_1"


@dataclass(frozen=True, slots=True)
class ColorFacts:
    """What the sample values mean. `icc_profile` is fit for (0028,2000): class `scnr` or `spac`, data space RGB.

    Both are None for grey pictures and where nothing is known; the stream keeps its own profile.
    """

    icc_profile: bytes | None = field(default=None, repr=False)
    space: ColorSpace | None = None


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A still picture without markers that identify anybody, turned upright.

    `stream` is a whole file of `media_type`, which is what is shown and kept: baseline JPEG (sequential DCT, 8 bit, one
    component or YCbCr) or PNG (8 bit, grey or RGB, no alpha). `rows` and `columns` are the stream's own; `samples` is
    1 or 3. `derived` says that pixel values were computed anew, `derivation` what was done to them ("" for nothing).
    `native` holds the samples as rows of interleaved bytes where the stream itself does not go into the object, all
    `frames` one after the other; `stream` then shows the first. `frame_times_ms` says how long each frame of an
    animation is shown; pages have none. `codestream` is a JPEG 2000 codestream that goes into the object as it came,
    before `native`. `photometric_interpretation` is that of `codestream`, else of `native`, else of `stream`.
    `pixel_aspect` is the height and the width of a pixel as it lies upright, where they differ.
    """

    media_type: MediaType
    stream: bytes = field(repr=False)
    rows: int
    columns: int
    samples: Literal[1, 3]
    photometric_interpretation: Photometric
    lossy: tuple[LossyStep, ...] = ()
    derived: bool = False
    derivation: str = ""
    native: bytes | None = field(default=None, repr=False)
    codestream: bytes | None = field(default=None, repr=False)
    frames: int = 1
    frame_times_ms: tuple[float, ...] = ()
    pixel_aspect: tuple[int, int] | None = None
    color: ColorFacts = field(default_factory=ColorFacts)
    exif: ExifFacts = field(default_factory=ExifFacts)


def check_pixels(rows: int, columns: int, max_pixels: int, max_edge: int = MAX_EDGE) -> None:
    """Raise TooManyPixelsError for a picture that is larger than allowed, or than DICOM or its coding can say."""
    if rows * columns > max_pixels:
        raise TooManyPixelsError(f"{columns} x {rows} pixels, and {max_pixels} are allowed")
    if max(rows, columns) > max_edge:
        raise TooManyPixelsError(f"{columns} x {rows} pixels, and no edge may be longer than {max_edge}")


def derivation_text(steps: Sequence[str], how: str = "") -> str:
    """One sentence of what was done to a picture, "" for no steps; `how` says what it cost."""
    sentence = "; ".join(part for part in (", ".join(steps), how) if part) if steps else ""
    return sentence[:1].upper() + sentence[1:]
