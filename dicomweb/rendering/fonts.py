"""The letters that are written onto pictures.

Pillow brings a font of Latin letters. For others one is taken that lies on the machine, by the names of those that
distributions ship; letters that the font lacks are told apart, so that nothing is drawn as a box.
"""

import functools
from typing import Final

from PIL import ImageFont

_WITH_HANGUL: Final = ("NotoSansCJK-Regular.ttc", "NotoSansKR-Regular.ttf", "NanumGothic.ttf", "UnDotum.ttf")
_NO_LETTER: Final = "\U000fffff"
"""Private use: what a font draws for a letter it lacks."""
STAND_IN: Final = "?"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@functools.lru_cache(maxsize=32)
def font_of(size: int, path: str | None = None) -> Font:
    """A font of so many pixels: that at `path`, else one with Hangul, else Pillow's own."""
    for name in (path, *_WITH_HANGUL):
        if name is not None:
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size)


def drawable(text: str, path: str | None = None) -> str:
    """The text with a question mark for each letter that the font lacks, and for what is no letter."""
    return "".join(letter if _is_drawable(letter, path) else STAND_IN for letter in text)


@functools.lru_cache(maxsize=4096)
def _is_drawable(letter: str, path: str | None) -> bool:
    if letter == " ":
        return True
    font = font_of(16, path)
    return letter.isprintable() and bytes(font.getmask(letter)) != bytes(font.getmask(_NO_LETTER))
