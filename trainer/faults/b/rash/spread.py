"""How spots spread over a frame: thinned by a field, handed on from one to the next, in streaks and garlands."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]
"""Centres [count, 2] of x and y as shares of the frame."""

Spread = Callable[[int, np.random.Generator], Places]

_MARGIN = 0.03


def spread_out(count: int, rng: np.random.Generator) -> Places:
    """Places over the frame, denser here than there, none right on another."""
    tries = rng.uniform(_MARGIN, 1 - _MARGIN, (count * 6, 2))
    thick = rng.uniform(0.1, 0.9, 2)
    near = np.exp(-((tries - thick) ** 2).sum(1) / 0.18)
    tries = tries[rng.random(len(tries)) < 0.25 + 0.75 * near]
    apart = 0.45 / np.sqrt(count)
    kept: list[NDArray[np.float64]] = []
    for place in tries:
        if len(kept) < count and all(float(np.hypot(*(place - other))) > apart for other in kept):
            kept.append(place)
    missing = count - len(kept)
    return np.concatenate([np.reshape(kept, (-1, 2)), rng.uniform(_MARGIN, 1 - _MARGIN, (missing, 2))])


def gridded(count: int, rng: np.random.Generator) -> Places:
    """One in each cell of a grid, anywhere in it: all over the frame."""
    side = int(np.ceil(np.sqrt(count)))
    cells = rng.permutation(side * side)[:count]
    corners = np.stack([cells % side, cells // side], axis=1)
    return _framed((corners + rng.uniform(0.08, 0.92, (count, 2))) / side)


def handed_on(count: int, rng: np.random.Generator) -> Places:
    """Each a step from one before: flocks with gaps between."""
    places = [rng.uniform(0.15, 0.85, 2) for _ in range(4)]
    while len(places) < count:
        step = 0.05 + 0.05 * float(rng.pareto(1.6))
        turn = float(rng.uniform(0, 2 * np.pi))
        parent = places[int(rng.integers(len(places)))]
        places.append(_framed(parent + min(step, 0.5) * np.array((np.cos(turn), np.sin(turn)))))
    return np.array(places[:count])


def streaked(count: int, rng: np.random.Generator) -> Places:
    """Along one wide or two to three narrow curved streaks."""
    streaks = int(rng.integers(1, 4))
    angle = float(rng.uniform(0, np.pi)) + rng.normal(0, 0.25, streaks)
    offset = rng.uniform(-0.3, 0.3, streaks) * (streaks > 1)
    pick = rng.integers(streaks, size=count)
    t = rng.uniform(-0.62, 0.62, count)
    aside = offset[pick] + rng.normal(0, 0.1 / streaks, count) + float(rng.normal(0, 0.3)) * t * t
    turn = angle[pick]
    x, y = t * np.cos(turn) - aside * np.sin(turn), t * np.sin(turn) + aside * np.cos(turn)
    return _framed(0.5 + np.stack([x, y], axis=1))


def garlanded(count: int, rng: np.random.Generator) -> Places:
    """On arcs and rings, as spreading eruptions heal from the middle."""
    arcs = max(1, count // 9)
    middles, reach = rng.uniform(0.1, 0.9, (arcs, 2)), rng.uniform(0.1, 0.26, arcs)
    pick = rng.integers(arcs, size=count)
    turn = rng.uniform(0, 2 * np.pi, arcs)[pick] + rng.uniform(0, 4.5, count)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (reach[pick] * rng.normal(1, 0.08, count))[:, None]
    return _framed(middles[pick] + ring)


def from_a_corner(count: int, rng: np.random.Generator) -> Places:
    """Thick at one corner or edge, ever thinner away from it."""
    source = rng.choice([-0.05, 0.5, 1.05], 2)
    tries = rng.uniform(_MARGIN, 1 - _MARGIN, (count * 8, 2))
    away = np.linalg.norm(tries - source, axis=1) + rng.gumbel(0, 0.12, len(tries))
    return np.asarray(tries[np.argsort(away)[:count]], dtype=np.float64)


def _framed(places: Places) -> Places:
    """Those beyond the frame come back in on the other side."""
    return np.asarray(_MARGIN + (places - _MARGIN) % (1 - 2 * _MARGIN), dtype=np.float64)


SPREADS: tuple[Spread, ...] = (spread_out, spread_out, gridded, handed_on, streaked, garlanded, from_a_corner)
