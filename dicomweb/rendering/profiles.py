"""ICC profiles of well-known RGB spaces, made from their primaries and curves (ICC.1:2001, version 2)."""

import functools
import struct
from collections.abc import Callable
from typing import Final

from dicomweb.rendering.parameters import ColorProfile

_D50: Final = (0.9642, 1.0, 0.8249)
_CURVE_ENTRIES: Final = 1024
_NOTE: Final = b"No copyright, use freely"


def _srgb(signal: float) -> float:
    """IEC 61966-2-1."""
    return signal / 12.92 if signal <= 0.04045 else float(((signal + 0.055) / 1.055) ** 2.4)


def _adobe_rgb(signal: float) -> float:
    """Adobe RGB (1998), 4.3.1.2."""
    return float(signal ** (563 / 256))


def _romm_rgb(signal: float) -> float:
    """ISO 22028-2."""
    return signal / 16 if signal < 16 / 512 else float(signal**1.8)


_Colorants = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

# Red, green and blue colorants as XYZ, adapted to D50.
_SPACES: Final[dict[ColorProfile, tuple[bytes, _Colorants, Callable[[float], float]]]] = {
    ColorProfile.SRGB: (
        b"sRGB IEC61966-2.1",
        ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
        _srgb,
    ),
    ColorProfile.ADOBE_RGB: (
        b"Adobe RGB (1998)",
        ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
        _adobe_rgb,
    ),
    ColorProfile.ROMM_RGB: (
        b"ROMM RGB",
        ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
        _romm_rgb,
    ),
    ColorProfile.DISPLAY_P3: (
        b"Display P3",
        ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)),
        _srgb,
    ),
}


@functools.cache
def profile_of(space: ColorProfile) -> bytes:
    """The display profile of a named space; the same bytes always."""
    name, colorants, curve = _SPACES[space]
    tags = {
        b"desc": _description(name),
        b"cprt": b"text" + bytes(4) + _NOTE + b"\0",
        b"wtpt": _xyz(_D50),
        **{tag: _xyz(value) for tag, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(curve)),
    }
    return _assembled(tags)


def _assembled(tags: dict[bytes, bytes]) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    directory, data = struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for tag, value in tags.items():
        if value not in places:  # the three curves are one
            places[value] = start + len(data)
            data += value + bytes(-len(value) % 4)
        directory += struct.pack(">4sII", tag, places[value], len(value))
    header = struct.pack(">I4sI4s4s4s", start + len(data), b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s", 2024, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">3i", *(_fixed(value) for value in _D50))
    return header.ljust(128, b"\0") + directory + data


def _description(name: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + b"\0" + bytes(8 + 3 + 67)


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(_fixed(part) for part in value))


def _curve(curve: Callable[[float], float]) -> bytes:
    last = _CURVE_ENTRIES - 1
    entries = (round(65_535 * curve(index / last)) for index in range(_CURVE_ENTRIES))
    return b"curv" + bytes(4) + struct.pack(f">I{_CURVE_ENTRIES}H", _CURVE_ENTRIES, *entries)


def _fixed(value: float) -> int:
    return round(value * 65_536)
