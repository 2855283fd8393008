"""A picture that is fit to keep and to be put into DICOM: upright, without identifying markers."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.conversion.exif_facts import ExifFacts

MediaType = Literal["image/jpeg", "image/png"]
Photometric = Literal["YBR_FULL_422", "MONOCHROME2", "RGB"]
ColorSpace = Literal["SRGB", "ADOBERGB"]
"""Defined terms of Color Space (0028,2002) that are recognised."""


@dataclass(frozen=True, slots=True)
class LossyStep:
    """One lossy compression the pixels went through; `ratio` is raw size over stream size (PS3.3 C.7.6.1.1.5)."""

    ratio: float
    method: str = "ISO_10918_1"


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A still picture without markers that identify anybody, turned upright.

    `stream` is a whole file of `media_type`: baseline JPEG (sequential DCT, 8 bit, one component or YCbCr)
    or PNG (8 bit, grey or RGB, no alpha). `rows` and `columns` are the stream's own; `samples` is 1 or 3.
    `derived` says that pixel values were computed anew, `derivation` what was done to them ("" for nothing).
    `icc_profile` is fit for (0028,2000): class `scnr` or `spac`, data space RGB; the stream keeps its own.
    """

    media_type: MediaType
    stream: bytes
    rows: int
    columns: int
    samples: Literal[1, 3]
    photometric_interpretation: Photometric
    lossy: tuple[LossyStep, ...] = ()
    derived: bool = False
    derivation: str = ""
    icc_profile: bytes | None = None
    color_space: ColorSpace | None = None
    exif: ExifFacts = field(default_factory=ExifFacts)
