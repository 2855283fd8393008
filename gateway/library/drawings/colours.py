"""Colours by name, on three tones of skin: redness is pink on light skin and violet-brown on dark skin."""

from collections.abc import Mapping
from typing import Final, Literal

Tone = Literal["light", "medium", "dark"]
Colour = Literal[
    "red", "pink", "crimson", "violet", "brown", "tan", "dark_brown", "black", "blue", "white", "pale", "yellow",
    "amber", "skin", "silver",
]  # fmt: skip

SKIN: Final[Mapping[Tone, str]] = {"light": "#f2d6c3", "medium": "#d3a27e", "dark": "#6f4933"}
SHADE: Final[Mapping[Tone, str]] = {"light": "#d9b39b", "medium": "#b27f5b", "dark": "#4d2f1f"}
"""Furrows and shadows of that skin."""

_PALETTE: Final[Mapping[Colour, tuple[str, str, str]]] = {
    "red": ("#d6504a", "#bd4038", "#7b2c31"),
    "pink": ("#eea299", "#d67f70", "#8f4f4c"),
    "crimson": ("#b01e2e", "#9c1a28", "#5f141f"),
    "violet": ("#a274ad", "#8c5b8c", "#573a5c"),
    "brown": ("#9b6239", "#80492a", "#3c2416"),
    "tan": ("#c8935f", "#ad7344", "#54351f"),
    "dark_brown": ("#5c3821", "#482a18", "#24150d"),
    "black": ("#2a2120", "#231b1a", "#110c0b"),
    "blue": ("#56789d", "#44607f", "#2f4159"),
    "white": ("#fffaf4", "#f6e7d8", "#e2cbb6"),
    "pale": ("#fbeade", "#e6c5a9", "#9a735a"),
    "yellow": ("#f3d777", "#e6c463", "#cfac55"),
    "amber": ("#dca143", "#c98a2e", "#a9722a"),
    "skin": ("#f4dac8", "#d8a985", "#7a523b"),
    "silver": ("#f7f4f1", "#efe9e3", "#d6cdc5"),
}
_TONES: Final[Mapping[Tone, int]] = {"light": 0, "medium": 1, "dark": 2}


def colour(name: Colour, tone: Tone) -> str:
    """The colour as it looks on skin of this tone, `#rrggbb`."""
    return _PALETTE[name][_TONES[tone]]
