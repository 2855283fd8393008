"""Where the lesions of an eruption lie: evenly, in crops, along a nerve or a scratch, to one side, in tight groups."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]
"""Centres [count, 2], x and y as shares of the frame."""

Arrangement = Callable[[int, np.random.Generator], Places]

_EDGE = 0.03


def arranged(count: int, apart: float, rng: np.random.Generator) -> Places:
    """`count` places in any arrangement; pairs nearer than `apart` (a share) are moved once, so few run together."""
    places = ARRANGEMENTS[int(rng.integers(len(ARRANGEMENTS)))](count, rng)
    for index in range(1, count):
        if float(np.hypot(*(places[:index] - places[index]).T).min()) < apart:
            places[index] += rng.normal(0, apart * 1.5, 2)
    return _inside(places)


def everywhere(count: int, rng: np.random.Generator) -> Places:
    """Each the furthest of a few tries from those before."""
    places = rng.uniform(_EDGE, 1 - _EDGE, (count, 5, 2))
    chosen = [places[0, 0]]
    for tries in places[1:]:
        gaps = np.linalg.norm(tries[:, None] - np.array(chosen)[None], axis=2).min(1)
        chosen.append(tries[int(gaps.argmax())])
    return np.array(chosen)


def in_crops(count: int, rng: np.random.Generator) -> Places:
    """Around three to six middles, and some strays."""
    middles = rng.uniform(0.15, 0.85, (int(rng.integers(3, 7)), 2))
    places = middles[rng.integers(len(middles), size=count)] + rng.normal(0, 0.09, (count, 2))
    strays = rng.random(count) < 0.2
    places[strays] = rng.uniform(_EDGE, 1 - _EDGE, (int(strays.sum()), 2))
    return _inside(places)


def along_a_band(count: int, rng: np.random.Generator) -> Places:
    """A bent band across the frame, as a nerve runs, thicker at some parts of it."""
    t = np.clip(rng.choice(rng.uniform(0, 1, 5), count) + rng.normal(0, 0.13, count), 0, 1) * 1.1 - 0.55
    bend, wide = float(rng.uniform(-0.8, 0.8)), float(rng.uniform(0.05, 0.1))
    return _turned(np.stack([t, bend * (t * t - 0.08) + rng.normal(0, wide, count)], axis=1), rng)


def in_lines(count: int, rng: np.random.Generator) -> Places:
    """Two to four rows, as scratches and plants leave them."""
    row = rng.integers(int(rng.integers(2, 5)), size=count)
    starts, leans = rng.uniform(-0.38, 0.38, 5), rng.normal(0, 0.15, 5)
    t = rng.uniform(-0.48, 0.48, count)
    return _turned(np.stack([t, starts[row] + leans[row] * t + rng.normal(0, 0.012, count)], axis=1), rng)


def to_one_side(count: int, rng: np.random.Generator) -> Places:
    """Thick on one side, thin on the other."""
    t = rng.power(float(rng.uniform(1.8, 3.5)), count) - 0.5
    return _turned(np.stack([t, rng.uniform(-0.5, 0.5, count)], axis=1), rng)


def grouped(count: int, rng: np.random.Generator) -> Places:
    """Tight groups of four to nine on otherwise free skin."""
    size = int(rng.integers(4, 10))
    middles = np.repeat(everywhere(-(-count // size), rng), size, axis=0)[:count]
    return _inside(middles + rng.uniform(0.03, 0.055) * rng.normal(0, 1, (count, 2)))


def _turned(places: Places, rng: np.random.Generator) -> Places:
    angle = float(rng.uniform(0, 2 * np.pi))
    cosine, sine = np.cos(angle), np.sin(angle)
    return _inside(places @ np.array(((cosine, sine), (-sine, cosine))) + 0.5)


def _inside(places: Places) -> Places:
    """Folded back at the frame's edges."""
    low, span = _EDGE, 1 - 2 * _EDGE
    return np.asarray(low + span - np.abs((places - low) % (2 * span) - span), dtype=np.float64)


ARRANGEMENTS: tuple[Arrangement, ...] = (
    *(everywhere, everywhere, in_crops, along_a_band, in_lines, to_one_side, grouped),
)
