"""The marker list of a JPEG: what it says about colour, and the list rewritten without identifying markers.

Only what a decoder needs is written again: application segments are built anew from their few known fields,
so that no thumbnail, maker's data or padding survives in them.
"""

from enum import StrEnum
from typing import Final

from gateway.conversion.jpeg_layout import APP0, APP1, APP2, APP14, EOI, SOI, JpegLayout
from inference.structure import joined_icc

_JFIF: Final = b"JFIF\x00"
_END_OF_JFIF: Final = len(SOI) + 4 + len(_JFIF)
"""Of its name, which stands first in a stream that `stripped` made."""
_ADOBE: Final = b"Adobe"
_ICC: Final = b"ICC_PROFILE\x00"
_EXIF: Final = b"Exif\x00\x00"
_ICC_CHUNK: Final = 65535 - 2 - len(_ICC) - 2
_RGB_IDENTIFIERS: Final = tuple(b"RGB")


class JpegColor(StrEnum):
    """The colour space of the coded components."""

    GREY = "grey"
    TWO_COMPONENTS = "two components"
    YCBCR = "YCbCr"
    RGB = "RGB"
    CMYK = "CMYK or YCCK"


def color_of(layout: JpegLayout, data: bytes) -> JpegColor:
    """The colour space as decoders see it.

    Three components: JFIF means YCbCr; else Adobe's transform byte decides (0 is RGB); else the component
    identifiers R, G, B; else YCbCr. JFIF goes before Adobe, as in libjpeg: senders saw the picture that way.
    """
    components = layout.frame.components
    if len(components) != 3:
        return {1: JpegColor.GREY, 2: JpegColor.TWO_COMPONENTS, 4: JpegColor.CMYK}[len(components)]
    if _jfif(layout, data) is not None:
        return JpegColor.YCBCR
    adobe = _adobe(layout, data)
    if adobe is not None:
        return JpegColor.YCBCR if adobe[-1] else JpegColor.RGB
    is_rgb = tuple(component.identifier for component in components) == _RGB_IDENTIFIERS
    return JpegColor.RGB if is_rgb else JpegColor.YCBCR


def icc_of(layout: JpegLayout, data: bytes) -> bytes | None:
    """The embedded ICC profile, put together from its chunks; None where there is none or it is not whole."""
    return joined_icc(layout.payloads(data, APP2, _ICC))


def density_of(layout: JpegLayout, data: bytes) -> tuple[int, int] | None:
    """JFIF's densities across and down; None where there is no JFIF segment."""
    jfif = _jfif(layout, data)
    return None if jfif is None else (int.from_bytes(jfif[3:5]), int.from_bytes(jfif[5:7]))


def exif_of(layout: JpegLayout, data: bytes) -> bytes:
    """The TIFF structure of the first EXIF segment, b"" where there is none."""
    return next(iter(layout.payloads(data, APP1, _EXIF)), b"")


def stripped(layout: JpegLayout, data: bytes) -> bytes:
    """The same picture with only the markers it needs, and no profile.

    Gone are EXIF, XMP, IPTC, comments, makers' segments, thumbnails, and whatever came after the picture. The
    decoded pixels are the same.
    """
    view = memoryview(data)
    parts: list[bytes | memoryview] = [SOI, *_application_segments(layout, data)]
    parts += [view[segment.start : segment.end] for segment in layout.coded()]
    return b"".join([*parts, EOI])


def with_icc(data: bytes, icc: bytes | None) -> bytes:
    """A stream that `stripped` made, with a profile after its JFIF and Adobe segments."""
    if not icc:
        return data
    position = len(SOI)
    while data[position + 1] in {APP0, APP14}:
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return b"".join([data[:position], *_icc_segments(icc), memoryview(data)[position:]])


def with_density(data: bytes, across: int, down: int) -> bytes:
    """A stream that `stripped` made, whose JFIF segment says these densities, without a unit; as it is without one."""
    start = data.find(_JFIF, 0, _END_OF_JFIF)
    if start < 0:
        return data
    at = start + len(_JFIF) + 2  # behind the version
    return b"".join([data[:at], b"\x00", across.to_bytes(2), down.to_bytes(2), memoryview(data)[at + 5 :]])


def _application_segments(layout: JpegLayout, data: bytes) -> list[bytes]:
    segments = []
    if (jfif := _jfif(layout, data)) is not None:
        segments.append(_segment(APP0, _JFIF + jfif + b"\x00\x00"))  # thumbnail of 0 x 0
    if (adobe := _adobe(layout, data)) is not None:
        # In a picture of three components the byte says what decoders take it for, so that none can differ.
        says = {JpegColor.YCBCR: b"\x01", JpegColor.RGB: b"\x00"}.get(color_of(layout, data), adobe[-1:])
        segments.append(_segment(APP14, _ADOBE + adobe[:-1] + says))
    return segments


def _jfif(layout: JpegLayout, data: bytes) -> bytes | None:
    """Version, unit and densities of the first JFIF segment: 7 bytes."""
    return next((body[:7] for body in layout.payloads(data, APP0, _JFIF) if len(body) >= 9), None)


def _adobe(layout: JpegLayout, data: bytes) -> bytes | None:
    """Version, flags and transform of the last Adobe segment, which is the one decoders obey: 7 bytes."""
    bodies = [body[:7] for body in layout.payloads(data, APP14, _ADOBE) if len(body) >= 7]
    return bodies[-1] if bodies else None


def _icc_segments(profile: bytes | None) -> list[bytes]:
    chunks = [profile[at : at + _ICC_CHUNK] for at in range(0, len(profile), _ICC_CHUNK)] if profile else []
    return [_segment(APP2, _ICC + bytes((number, len(chunks))) + chunk) for number, chunk in enumerate(chunks, start=1)]


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload
