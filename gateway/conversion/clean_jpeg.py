"""JPEG cleaned: the sender's own coefficients wherever DICOM's baseline syntax can carry them.

What becomes of each kind (PS3.5 8.2.1, PS3.3 C.7.6.3.1.2): baseline is kept as it is; progressive, extended
and arithmetic coding are re-coded to baseline without loss; RGB and CMYK components are decoded and coded anew
as YCbCr, since the photographic classes take nothing else; other processes, and 12 bit, are refused.
"""

from typing import Final

from gateway.conversion.color import NO_COLOR, color_facts
from gateway.conversion.errors import UnsupportedCodingError
from gateway.conversion.exif import read_exif, turned_exif
from gateway.conversion.icc import kept_profile, whole_profile
from gateway.conversion.jpeg_layout import JpegLayout, read_layout
from gateway.conversion.jpeg_markers import JpegColor, color_of, exif_of, icc_of, stripped, with_density, with_icc
from gateway.conversion.jpeg_tables import check_baseline
from gateway.conversion.orientation import TURNS, Turn
from gateway.conversion.picture import MAX_JPEG_EDGE, CleanPicture, LossyStep, check_pixels, derivation_text
from gateway.conversion.pixel_aspect import Aspect, aspect_of_jpeg, upright
from gateway.conversion.recoding import BASELINE, QUALITY, Recoded, coded_anew, decoded, decoded_cmyk, turned_losslessly

_RECODED: Final = {1: "extended", 2: "progressive", 9: "arithmetic", 10: "arithmetic progressive"}
"""Processes (n of SOFn) whose coefficients baseline can carry, with their names."""


def clean_jpeg(data: bytes, max_pixels: int) -> CleanPicture:
    """A JPEG as baseline, upright, and without markers that identify anybody.

    Only the markers are read where the picture is baseline YCbCr or grey and upright: whether its coded data is whole
    is then for whoever decodes it to find, but for what `check_baseline` sees. Raises PictureError.
    """
    layout = read_layout(data)
    color = color_of(layout, data)
    _check(layout, color, max_pixels)
    exif = read_exif(exif_of(layout, data))
    said = icc_of(layout, data)
    bare = stripped(layout, data)
    turn = TURNS.get(exif.orientation)
    recoded = _recoded(bare, layout, color, turn, whole_profile(said))
    if recoded.stream is bare:
        check_baseline(layout, data)
    aspect = upright(aspect_of_jpeg(layout, data), turn)
    is_converted = color is JpegColor.CMYK  # to sRGB: its profile no longer holds
    is_grey = color is JpegColor.GREY
    icc = None if is_converted or is_grey else kept_profile(said)
    stream = with_icc(_shaped(recoded, aspect), icc)
    before = (_lossy_step(bare, layout),) if recoded.derived else ()
    return CleanPicture(
        media_type="image/jpeg",
        stream=stream,
        rows=recoded.layout.frame.rows,
        columns=recoded.layout.frame.columns,
        samples=1 if is_grey else 3,
        photometric_interpretation="MONOCHROME2" if is_grey else "YBR_FULL_422",
        lossy=(*before, _lossy_step(stream, recoded.layout)),
        derived=recoded.derived,
        derivation=_derivation(layout, color, exif.orientation, derived=recoded.derived),
        pixel_aspect=aspect,
        color=NO_COLOR if is_grey else color_facts(icc, srgb=is_converted or exif.srgb),
        exif=turned_exif(exif, rows=layout.frame.rows, columns=layout.frame.columns),
    )


def _check(layout: JpegLayout, color: JpegColor, max_pixels: int) -> None:
    frame = layout.frame
    check_pixels(frame.rows, frame.columns, max_pixels, MAX_JPEG_EDGE)
    if frame.precision != 8:
        raise UnsupportedCodingError(f"a JPEG of {frame.precision} bits per sample is not taken, only of 8")
    if frame.process != BASELINE and frame.process not in _RECODED:
        raise UnsupportedCodingError(f"JPEG process SOF{frame.process} is not taken (lossless or hierarchical)")
    if color is JpegColor.TWO_COMPONENTS:
        raise UnsupportedCodingError("a JPEG of two components is not taken")


def _recoded(bare: bytes, layout: JpegLayout, color: JpegColor, turn: Turn | None, icc: bytes | None) -> Recoded:
    if color is JpegColor.CMYK:
        return coded_anew(decoded_cmyk(bare, icc), turn)
    if color is JpegColor.RGB:
        return coded_anew(decoded(bare), turn)
    if layout.frame.process == BASELINE and turn is None:
        return Recoded(bare, layout, derived=False)
    return turned_losslessly(bare, layout.frame, turn) or coded_anew(decoded(bare), turn)


def _shaped(recoded: Recoded, aspect: Aspect | None) -> bytes:
    """The stream, which says of its pixels' shape what holds for it now: turning and coding leave that behind."""
    if aspect is None or aspect_of_jpeg(recoded.layout, recoded.stream) == aspect:
        return recoded.stream
    return with_density(recoded.stream, *aspect)


def _lossy_step(stream: bytes, layout: JpegLayout) -> LossyStep:
    frame = layout.frame
    return LossyStep(frame.rows * frame.columns * len(frame.components) / len(stream))


def _derivation(layout: JpegLayout, color: JpegColor, orientation: int, *, derived: bool) -> str:
    steps = []
    if layout.frame.process in _RECODED:
        steps.append(f"{_RECODED[layout.frame.process]} JPEG coded as baseline")
    if color in {JpegColor.RGB, JpegColor.CMYK}:
        steps.append(f"{color} components converted to YCbCr")
    if orientation in TURNS:
        steps.append(f"{TURNS[orientation].words} as EXIF orientation {orientation} says")
    return derivation_text(steps, f"coded anew at quality {QUALITY}" if derived else "without loss")
