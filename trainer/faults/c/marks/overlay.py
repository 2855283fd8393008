"""Laying ink over a photo, and what words, colours and places are drawn by chance."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.c.marks.letters import ALPHABET, Line, syllables, written

Colour = tuple[int, int, int]
Mark = Callable[[Image.Image, float, np.random.Generator], Image.Image]
"""Takes a photo, an opacity of 0..1 and the draws; gives the photo with a mark."""

_LETTERS = np.array(list(ALPHABET[:36]))
_INKS: tuple[Colour, ...] = ((255, 255, 255), (250, 250, 245), (0, 0, 0), (20, 24, 40), (200, 30, 40), (20, 90, 180))


def laid(photo: Image.Image, mask: Image.Image, colour: Colour, opacity: float) -> Image.Image:
    """The photo with `colour` where the "L" mask is, as strong as `opacity`."""
    share = min(max(opacity, 0.0), 1.0)
    view = photo.copy()
    view.paste(Image.new("RGB", photo.size, colour), (0, 0), mask.point(lambda value: round(value * share)))
    return view


def ink_colour(rng: np.random.Generator) -> Colour:
    """Mostly white or black, sometimes a brand's colour."""
    if rng.random() < 0.75:
        return _INKS[int(rng.integers(len(_INKS)))]
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return red, green, blue


def contrasting_ink(photo: Image.Image, rng: np.random.Generator) -> Colour:
    """An ink that can be read on the photo."""
    middle = float(np.asarray(photo.resize((8, 8), Image.Resampling.BOX), dtype=np.float32).mean())
    for _ in range(8):
        colour = ink_colour(rng)
        if abs(sum(colour) / 3 - middle) > 55:
            return colour
    return (0, 0, 0) if middle > 127 else (255, 255, 255)


def phrase(rng: np.random.Generator, most_words: int = 3) -> tuple[list[Line], float]:
    """Strokes and width of some words, in Latin letters or in syllable blocks."""
    if rng.random() < 0.3:
        return syllables(int(rng.integers(2, 3 + 2 * most_words)), rng)
    return written(words(rng, most_words))


def words(rng: np.random.Generator, most: int = 3) -> str:
    """One to `most` words of letters and digits."""
    count = int(rng.integers(1, most + 1))
    return " ".join("".join(rng.choice(_LETTERS, int(rng.integers(2, 9)))) for _ in range(count))
