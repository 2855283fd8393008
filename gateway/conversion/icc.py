"""ICC profiles as DICOM wants them (PS3.3 C.11.15): input class `scnr`, data space RGB (ICC.1 sections 7 and 10).

Cameras and browsers write class `mntr`. For a profile of three primaries and three curves the class is the only
difference, so a copy with the class changed says the same; pixels are never converted for it.
"""

import functools
import hashlib
import struct
from collections.abc import Mapping
from typing import Final

from gateway.conversion.picture import ColorSpace

_HEADER_BYTES: Final = 128
_MAX_TAGS: Final = 100
_ALLOWED_CLASSES: Final = frozenset({b"scnr", b"spac"})
_DISPLAY_CLASS: Final = b"mntr"
_CONNECTION_SPACES: Final = frozenset({b"XYZ ", b"Lab "})
_COLORANTS: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC")
_TOLERANCE: Final = 0.005
_FIXED: Final = 65536

# Colorants adapted to D50, row by row red, green, blue; then the curve's value at one half.
_SRGB_COLORANTS: Final = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
_ADOBE_COLORANTS: Final = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
_P3_COLORANTS: Final = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
_BT2020_COLORANTS: Final = ((0.6734, 0.2790, -0.0019), (0.1656, 0.6753, 0.0300), (0.1251, 0.0456, 0.7969))
_PRIMARIES: Final = {
    1: (b"sRGB IEC61966-2.1", _SRGB_COLORANTS),
    9: (b"BT.2020 with sRGB curve", _BT2020_COLORANTS),
    12: (b"Display P3", _P3_COLORANTS),
}
_KNOWN: Final[tuple[tuple[ColorSpace, tuple[tuple[float, ...], ...], float], ...]] = (
    ("SRGB", _SRGB_COLORANTS, 0.2140),
    ("ADOBERGB", _ADOBE_COLORANTS, 0.2176),
)


def whole_profile(data: bytes | None) -> bytes | None:
    """The profile that `data` begins with, None where it is none; what else lies there could be anything."""
    if data is None or len(data) <= _HEADER_BYTES + 4 or data[36:40] != b"acsp":
        return None
    size = int.from_bytes(data[:4])
    return data[:size] if _HEADER_BYTES + 4 < size <= len(data) else None


def dicom_profile(data: bytes | None) -> bytes | None:
    """The profile, or a copy with its class put right, fit for (0028,2000); None where it cannot be used."""
    profile = whole_profile(data)
    if profile is None or not _is_rgb(profile):
        return None
    if profile[12:16] in _ALLOWED_CLASSES:
        return profile
    tags = _tags(profile)
    is_matrix = b"A2B0" not in tags and all(name in tags for name in _COLORANTS + _CURVES)
    return _as_input(profile) if profile[12:16] == _DISPLAY_CLASS and is_matrix else None


def color_space_of(profile: bytes) -> ColorSpace | None:
    """The well-known colour space a sound profile describes, judged by its primaries and its curve."""
    tags = _tags(profile)
    colorants = [_xyz(tags.get(name, b"")) for name in _COLORANTS]
    middle = _curve_at_half(tags.get(b"gTRC", b""))
    for name, expected, half in _KNOWN:
        near = all(
            _close(a, b)
            for ours, theirs in zip(colorants, expected, strict=True)
            for a, b in zip(ours, theirs, strict=True)
        )
        if near and _close(middle, half):
            return name
    return None


@functools.cache
def srgb_profile() -> bytes:
    """An input profile of sRGB (IEC 61966-2-1), version 2.4; the same bytes always."""
    return _input_profile(b"sRGB IEC61966-2.1", _SRGB_COLORANTS)


@functools.cache
def profile_of_primaries(primaries: int) -> bytes | None:
    """An input profile of these primaries (ITU-T H.273 table 2) with sRGB's curve; None where none is known."""
    known = _PRIMARIES.get(primaries)
    return None if known is None else _input_profile(*known)


def _is_rgb(profile: bytes) -> bool:
    return profile[16:20] == b"RGB " and profile[20:24] in _CONNECTION_SPACES


def _as_input(profile: bytes) -> bytes:
    """A copy of class `scnr`; a version 4 profile with an identifier gets its new one (ICC.1 7.2.18)."""
    copy = bytearray(profile)
    copy[12:16] = b"scnr"
    if profile[8] >= 4 and any(profile[84:100]):
        copy[84:100] = _identifier(copy)
    return bytes(copy)


def _identifier(profile: bytearray) -> bytes:
    """MD5 over the profile with flags, rendering intent and the identifier itself zeroed."""
    bare = bytearray(profile)
    bare[44:48] = bare[64:68] = bytes(4)
    bare[84:100] = bytes(16)
    return hashlib.md5(bare, usedforsecurity=False).digest()


def _tags(profile: bytes) -> Mapping[bytes, bytes]:
    """The tagged elements that lie within the profile."""
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    tags = {}
    for index in range(min(count, _MAX_TAGS)):
        at = _HEADER_BYTES + 4 + 12 * index
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
    return (x / _FIXED, y / _FIXED, z / _FIXED)


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
    gamma = struct.unpack_from(">i", element, 12)[0] / _FIXED
    if not 0 < gamma < 10:
        return 0.0
    if kind == 0:
        return float(0.5**gamma)
    if kind != 3 or len(element) < 24:
        return 0.0
    a, b = (number / _FIXED for number in struct.unpack_from(">2i", element, 16))
    base = a / 2 + b
    return float(base**gamma) if 0 < base < 2 else 0.0


def _close(value: float, expected: float) -> bool:
    return abs(value - expected) <= _TOLERANCE


def _input_profile(description: bytes, colorants: tuple[tuple[float, float, float], ...]) -> bytes:
    """A profile of these colorants, adapted to D50, and sRGB's curve."""
    curve = struct.pack(">4s4xI1024H", b"curv", 1024, *(round(_srgb_linear(i / 1023) * 65535) for i in range(1024)))
    name = description + b"\x00"
    tags = {
        b"desc": struct.pack(f">4s4xI{len(name)}s78x", b"desc", len(name), name),
        b"cprt": b"text\x00\x00\x00\x00No copyright\x00",
        b"wtpt": _xyz_tag((0.9642, 1.0, 0.8249)),
        **{tag: _xyz_tag(colorant) for tag, colorant in zip(_COLORANTS, colorants, strict=True)},
        **dict.fromkeys(_CURVES, curve),
    }
    return _profile(tags)


def _srgb_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _xyz_tag(values: tuple[float, ...]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * _FIXED) for value in values))


def _profile(tags: Mapping[bytes, bytes]) -> bytes:
    """A version 2.4 input profile of these elements; elements with equal content share one place."""
    places: dict[bytes, int] = {}
    body = b""
    start = _HEADER_BYTES + 4 + 12 * len(tags)
    for element in tags.values():
        if element not in places:
            places[element] = start + len(body)
            body += element + bytes(-len(element) % 4)
    table = b"".join(struct.pack(">4sII", name, places[element], len(element)) for name, element in tags.items())
    header = struct.pack(
        ">I4xI4s4s4s6H4s4x4x4x4x8xI3i48x",
        start + len(body), 0x02400000, b"scnr", b"RGB ", b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp",
        0, round(0.9642 * _FIXED), _FIXED, round(0.8249 * _FIXED),
    )  # fmt: skip
    return header + struct.pack(">I", len(tags)) + table + body
