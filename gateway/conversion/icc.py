"""ICC profiles as pictures and DICOM (PS3.3 C.11.15) may have them (ICC.1 sections 7 and 10).

A profile may hold what somebody called a display, its serial number, and private elements of any kind. So none is
kept as it came: it is written anew of the elements that colours are computed from. For DICOM its class must be
`scnr`; cameras and browsers write `mntr`, which for three primaries and three curves is the only difference. Pixels
are never converted for it.
"""

import functools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.conversion.icc_writing import (
    COLORANTS,
    CURVES,
    FIXED,
    HEADER_BYTES,
    Header,
    input_profile,
    known_elements,
    written,
)
from gateway.conversion.picture import ColorSpace

_MAX_TAGS: Final = 100
_ALLOWED_CLASSES: Final = frozenset({b"scnr", b"spac"})
_DISPLAY_CLASS: Final = b"mntr"
_CLASSES: Final = _ALLOWED_CLASSES | {_DISPLAY_CLASS, b"prtr"}
_CONNECTION_SPACES: Final = frozenset({b"XYZ ", b"Lab "})
_VERSIONS: Final = frozenset({2, 4})
_INTENTS: Final = 4
_TOLERANCE: Final = 0.005
_SRGB_HALF: Final = 0.2140

Colorants = tuple[tuple[float, float, float], ...]
"""Of red, green and blue, adapted to D50."""


@dataclass(frozen=True, slots=True)
class _Space:
    """A well-known colour space: its curve's value at one half, DICOM's term, and its code in ITU-T H.273 table 2."""

    description: bytes
    colorants: Colorants
    half: float = _SRGB_HALF
    term: ColorSpace | None = None
    primaries: int | None = None


_SPACES: Final = (
    _Space(
        b"sRGB IEC61966-2.1",
        ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
        term="SRGB",
        primaries=1,
    ),
    _Space(
        b"Adobe RGB (1998) compatible",
        ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
        half=0.2176,
        term="ADOBERGB",
    ),
    _Space(
        b"Display P3",
        ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)),
        primaries=12,
    ),
    _Space(
        b"BT.2020 with sRGB curve",
        ((0.6734, 0.2790, -0.0019), (0.1656, 0.6753, 0.0300), (0.1251, 0.0456, 0.7969)),
        primaries=9,
    ),
)
_OTHER: Final = b"RGB"


def whole_profile(data: bytes | None) -> bytes | None:
    """The profile that `data` begins with, None where it is none; what else lies there could be anything."""
    if data is None or len(data) <= HEADER_BYTES + 4 or data[36:40] != b"acsp":
        return None
    size = int.from_bytes(data[:4])
    return data[:size] if HEADER_BYTES + 4 < size <= len(data) else None


@functools.lru_cache(maxsize=8)
def kept_profile(data: bytes | None) -> bytes | None:
    """What may be kept of an RGB profile: the same colours, and not a byte that they do not need.

    None where there is none, or none that says what colours of three components mean. The last ones are remembered: a
    camera writes the same into every picture.
    """
    profile = whole_profile(data)
    if profile is None or not _is_rgb(profile):
        return None
    elements = known_elements(_tags(profile))
    if b"A2B0" not in elements and not _is_matrix(elements):
        return None
    intent = int.from_bytes(profile[64:68]) % _INTENTS
    header = Header(profile[8:10], profile[12:16], profile[20:24], intent)
    space = _space_of(elements)
    return written(header, _OTHER if space is None else space.description, elements)


def dicom_profile(data: bytes | None) -> bytes | None:
    """The profile as it may be kept, its class put right, fit for (0028,2000); None where it cannot be used."""
    profile = kept_profile(data)
    if profile is None or profile[12:16] in _ALLOWED_CLASSES:
        return profile
    is_usable = profile[12:16] == _DISPLAY_CLASS and b"A2B0" not in _tags(profile)
    return profile[:12] + b"scnr" + profile[16:] if is_usable else None


def color_space_of(profile: bytes) -> ColorSpace | None:
    """The well-known colour space a sound profile describes, judged by its primaries and its curve."""
    space = _space_of(_tags(profile))
    return None if space is None else space.term


@functools.cache
def srgb_profile() -> bytes:
    """An input profile of sRGB (IEC 61966-2-1), version 2.4; the same bytes always."""
    return input_profile(_SPACES[0].description, _SPACES[0].colorants)


@functools.cache
def profile_of_primaries(primaries: int) -> bytes | None:
    """An input profile of these primaries (ITU-T H.273 table 2) with sRGB's curve; None where none is known."""
    known = next((space for space in _SPACES if space.primaries == primaries), None)
    return None if known is None else input_profile(known.description, known.colorants)


def _is_rgb(profile: bytes) -> bool:
    is_meant = profile[16:20] == b"RGB " and profile[20:24] in _CONNECTION_SPACES
    return is_meant and profile[12:16] in _CLASSES and profile[8] in _VERSIONS


def _is_matrix(elements: Mapping[bytes, bytes]) -> bool:
    return all(name in elements for name in COLORANTS + CURVES)


def _space_of(tags: Mapping[bytes, bytes]) -> _Space | None:
    if b"A2B0" in tags:
        return None
    colorants = [_xyz(tags.get(name, b"")) for name in COLORANTS]
    middle = _curve_at_half(tags.get(b"gTRC", b""))
    for space in _SPACES:
        pairs = zip(colorants, space.colorants, strict=True)
        near = all(_close(a, b) for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True))
        if near and _close(middle, space.half):
            return space
    return None


def _tags(profile: bytes) -> Mapping[bytes, bytes]:
    """The tagged elements that lie within the profile."""
    (count,) = struct.unpack_from(">I", profile, HEADER_BYTES)
    tags = {}
    for index in range(min(count, _MAX_TAGS)):
        at = HEADER_BYTES + 4 + 12 * index
        if at + 12 > len(profile):
            break
        name, offset, size = struct.unpack_from(">4sII", profile, at)
        if offset + size <= len(profile):
            tags[name] = profile[offset : offset + size]
    return tags


def _xyz(element: bytes) -> tuple[float, float, float]:
    if len(element) < 20 or element[:4] != b"XYZ ":
        return (0.0, 0.0, 0.0)
    x, y, z = struct.unpack_from(">3i", element, 8)
    return (x / FIXED, y / FIXED, z / FIXED)


def _curve_at_half(element: bytes) -> float:
    """The curve's value at one half; 0 where its kind is not known."""
    if element[:4] == b"curv" and len(element) >= 12:
        return _sampled_at_half(element)
    if element[:4] == b"para" and len(element) >= 16:
        return _parametric_at_half(element)
    return 0.0


def _sampled_at_half(element: bytes) -> float:
    (count,) = struct.unpack_from(">I", element, 8)
    if count == 0:
        return 0.5
    if len(element) < 12 + 2 * count:
        return 0.0
    if count == 1:
        return float(0.5 ** (int.from_bytes(element[12:14]) / 256))
    at = 12 + 2 * (count // 2)
    return int.from_bytes(element[at : at + 2]) / 65535


def _parametric_at_half(element: bytes) -> float:
    """Types 0 (a power) and 3 (a power with a linear foot) of ICC.1 10.18; one half lies on the power."""
    kind = int.from_bytes(element[8:10])
    gamma = struct.unpack_from(">i", element, 12)[0] / FIXED
    if not 0 < gamma < 10:
        return 0.0
    if kind == 0:
        return float(0.5**gamma)
    if kind != 3 or len(element) < 24:
        return 0.0
    a, b = (number / FIXED for number in struct.unpack_from(">2i", element, 16))
    base = a / 2 + b
    return float(base**gamma) if 0 < base < 2 else 0.0


def _close(value: float, expected: float) -> bool:
    return abs(value - expected) <= _TOLERANCE
