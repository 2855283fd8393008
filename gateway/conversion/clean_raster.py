"""Every still format but JPEG and PNG, cleaned: decoded once, and kept as samples.

What was coded without loss is shown and kept as PNG, what was lossy as a JPEG of quality 95. The object gets the
decoded samples either way, or the sender's own JPEG 2000 codestream where it can hold that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from gateway.conversion.codestream import Kept, is_lossy, kept_codestream
from gateway.conversion.color import CONVERTED, NO_COLOR, SRGB_PRIMARIES, color_facts, in_a_space_of_dicom
from gateway.conversion.errors import DamagedPictureError, PictureError, TooManyPixelsError, UnsupportedCodingError
from gateway.conversion.exif import read_exif, turned_exif
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.icc import profile_of_primaries, whole_profile
from gateway.conversion.orientation import TURNS
from gateway.conversion.picture import (
    MAX_EDGE,
    MAX_JPEG_EDGE,
    CleanPicture,
    LossyStep,
    Photometric,
    check_pixels,
    derivation_text,
)
from gateway.conversion.pixel_aspect import Aspect, aspect_of_tiff, upright
from gateway.conversion.recoding import Pixels
from gateway.conversion.showing import as_jpeg, as_png, png_with_color
from inference import errors
from inference.formats import layout as layouts
from inference.formats.decoding import decoded_frames, layout_of
from inference.formats.jpeg2000 import find_codestream
from inference.formats.layout import Layout

_METHODS: Final[Mapping[str, str]] = {"heic": "ISO_23008_2", "jpeg2000": "ISO_15444_1", "tiff": "ISO_10918_1"}
"""Defined terms of Lossy Image Compression Method (PS3.3 C.7.6.1.1.5.1); the others have none."""

_NAMES: Final[Mapping[str, str]] = {
    "heic": "HEIC", "avif": "AVIF", "webp": "lossy WebP", "jpeg2000": "JPEG 2000", "tiff": "JPEG in TIFF",
}  # fmt: skip
_UNSPECIFIED: Final = 2


@dataclass(frozen=True, slots=True)
class _Frames:
    """The frames upright, (frames, rows, columns[, 3]), and what was done to make them so."""

    pixels: Pixels
    times_ms: tuple[float, ...]
    steps: tuple[str, ...]
    was_cmyk: bool = False

    @property
    def is_grey(self) -> bool:
        return self.pixels.ndim == 3


@dataclass(frozen=True, slots=True)
class _Coding:
    """How the picture was coded before, and the codestream that is kept of it."""

    lossy: bool
    kept: Kept | None = None


def clean_raster(name: str, data: bytes, max_pixels: int) -> CleanPicture:
    """A picture of the format `name`, which `sniff` told: upright and opaque, with its samples. Raises PictureError."""
    try:
        layout = layout_of(name, data)
        layouts.check_pixels(layout, max_pixels)
        _check_edges(layout, lossy=layout.lossy)
        frames = _frames(layout)
        coding = _coding(layout, frames)
        _check_edges(layout, lossy=coding.lossy)
    except errors.PictureError as error:
        raise _told_here(error) from error
    icc, frames = _colored(layout, frames)
    return _picture(layout, frames, coding, icc)


def _check_edges(layout: Layout, *, lossy: bool) -> None:
    """What was lossy is shown as a JPEG."""
    pixels = layout.height * layout.width
    check_pixels(layout.height, layout.width, pixels, MAX_JPEG_EDGE if lossy else MAX_EDGE)


def _told_here(error: errors.PictureError) -> PictureError:
    """The same fault as this package tells it."""
    if isinstance(error, errors.UnsupportedPicture):
        return UnsupportedCodingError(str(error))
    if isinstance(error, errors.TooManyPixels):
        return TooManyPixelsError(str(error))
    return DamagedPictureError(str(error))


def _frames(layout: Layout) -> _Frames:
    """All frames decoded, turned, and grey only where all of them are."""
    turn = TURNS.get(layout.orientation)
    upright: list[Pixels] = []
    times: list[float] = []
    was_transparent = was_cmyk = False
    for frame in decoded_frames(layout):
        stored = np.asarray(frame.image)  # now: the next frame comes into the same image
        upright.append(stored if turn is None else turn.pixels(stored))
        times.append(frame.duration_ms)
        was_transparent |= frame.was_transparent
        was_cmyk |= frame.was_cmyk
    if any(pixels.ndim == 3 for pixels in upright):
        upright = [pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1) for pixels in upright]
    steps = {
        f"{layout.bits} bits per sample reduced to 8": layout.bits > 8,
        "transparent pixels laid over white": was_transparent,
        "CMYK components converted to sRGB": was_cmyk,
    }
    pixels = upright[0][np.newaxis] if len(upright) == 1 else np.stack(upright)
    is_animated = len(times) > 1 and any(times)
    done = tuple(step for step, was_done in steps.items() if was_done)
    return _Frames(pixels, tuple(times) if is_animated else (), done, was_cmyk)


def _coding(layout: Layout, frames: _Frames) -> _Coding:
    if layout.format != "jpeg2000":
        return _Coding(layout.lossy)
    stream, facts = find_codestream(layout.data)
    return _Coding(is_lossy(stream, frames.pixels[0]), None if frames.steps else kept_codestream(stream, facts))


def _colored(layout: Layout, frames: _Frames) -> tuple[bytes | None, _Frames]:
    """The profile that holds for the samples, which are converted to sRGB where an object cannot hold theirs."""
    if frames.is_grey:
        return None, frames
    if frames.was_cmyk:
        return profile_of_primaries(SRGB_PRIMARIES), frames
    said = whole_profile(layout.icc)
    if said is None:
        return (profile_of_primaries(layout.primaries) if layout.primaries != _UNSPECIFIED else None), frames
    pixels, icc, was_converted = in_a_space_of_dicom(frames.pixels, said)
    return icc, replace(frames, pixels=pixels, steps=(*frames.steps, CONVERTED)) if was_converted else frames


def _picture(layout: Layout, frames: _Frames, coding: _Coding, icc: bytes | None) -> CleanPicture:
    first = frames.pixels[0]
    exif = _exif(layout)
    kept = coding.kept if not frames.steps else None
    is_srgb = icc is None and exif.srgb and not frames.is_grey
    stream = as_jpeg(first, icc) if coding.lossy else png_with_color(as_png(first), icc, srgb=is_srgb)
    ratio = frames.pixels.nbytes / (layout.coded_bytes or len(layout.data))
    return CleanPicture(
        media_type="image/jpeg" if coding.lossy else "image/png",
        stream=stream,
        rows=first.shape[0],
        columns=first.shape[1],
        samples=1 if frames.is_grey else 3,
        photometric_interpretation=_photometric(frames, kept),
        lossy=(LossyStep(ratio, _METHODS.get(layout.format, "")),) if coding.lossy else (),
        derived=bool(frames.steps),
        derivation=_derivation(layout, frames, coding),
        native=frames.pixels.tobytes(),
        codestream=None if kept is None else kept.data,
        frames=frames.pixels.shape[0],
        frame_times_ms=frames.times_ms,
        pixel_aspect=_aspect(layout),
        color=NO_COLOR if frames.is_grey else color_facts(icc, srgb=is_srgb),
        exif=exif,
    )


def _photometric(frames: _Frames, kept: Kept | None) -> Photometric:
    if kept is not None:
        return kept.photometric_interpretation
    return "MONOCHROME2" if frames.is_grey else "RGB"


def _aspect(layout: Layout) -> Aspect | None:
    """Of the formats here TIFF alone tells it."""
    return upright(aspect_of_tiff(layout.exif), TURNS.get(layout.orientation)) if layout.format == "tiff" else None


def _exif(layout: Layout) -> ExifFacts:
    """EXIF with its positions as in the upright picture; where that cannot be told they are left out."""
    exif = read_exif(layout.exif)
    if exif.orientation != layout.orientation:
        return replace(exif, orientation=layout.orientation, subject_area=())
    return turned_exif(exif, rows=layout.height, columns=layout.width)


def _derivation(layout: Layout, frames: _Frames, coding: _Coding) -> str:
    steps = list(frames.steps)
    if coding.lossy and coding.kept is None:
        steps.insert(0, f"decoded from {_NAMES.get(layout.format, layout.format)}")
    if layout.orientation in TURNS:
        steps.append(f"{TURNS[layout.orientation].words} as the file's orientation {layout.orientation} says")
    return derivation_text(steps)
