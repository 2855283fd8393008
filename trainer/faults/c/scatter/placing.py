"""Where many lesions sit: evenly, in clusters, along a line, or denser to one side."""

import math

import numpy as np
from numpy.typing import NDArray

from trainer.faults.c.pixels import Plane

Places = NDArray[np.float64]
"""[count, 2]: x and y as shares of the frame, 0..1."""

_LEAST_APART = 9


def places(count: int, skin: Plane, rng: np.random.Generator) -> Places:
    """`count` places of a drawn arrangement, within the frame and on `skin` (coarse, 0..1 where it is skin).

    An arrangement that leaves fewer than eight apart from each other is given up for an even one.
    """
    arrange = (_even, _clustered, _banded, _leaning)[int(rng.integers(4))]
    at = _on_skin(arrange(count, rng), skin, rng)
    return at if apart(at) >= _LEAST_APART else _on_skin(_even(count, rng), skin, rng)


def apart(at: Places) -> int:
    """How many of the places lie in different twelfths of the frame's sides."""
    return len({(int(x * 12), int(y * 12)) for x, y in at})


def _on_skin(at: Places, skin: Plane, rng: np.random.Generator) -> Places:
    """Those beyond the frame or off the skin moved to skin at random."""
    rows, columns = skin.shape
    inner = np.zeros_like(skin, dtype=bool)
    inner[max(rows // 20, 1) : -max(rows // 20, 1), max(columns // 20, 1) : -max(columns // 20, 1)] = True
    free = np.argwhere((skin > 0.5) & inner)
    free = free if len(free) else np.argwhere(inner)
    cell = np.clip((at * (columns, rows)).astype(int), 0, (columns - 1, rows - 1))
    out = ((at < 0.03) | (at > 0.97)).any(1) | (skin[cell[:, 1], cell[:, 0]] <= 0.5)
    drawn = free[rng.integers(len(free), size=len(at))] + rng.uniform(0, 1, at.shape)
    return np.where(out[:, None], drawn[:, ::-1] / (columns, rows), at)


def _even(count: int, rng: np.random.Generator) -> Places:
    """The best of a few tries for each, so that they keep their distance (Mitchell 1991)."""
    chosen = rng.uniform(0, 1, (1, 2))
    while len(chosen) < count:
        tries = rng.uniform(0, 1, (4, 2))
        gaps = np.abs(tries[:, None] - chosen[None]).sum(-1).min(1)
        chosen = np.concatenate([chosen, tries[[int(gaps.argmax())]]])
    return chosen


def _clustered(count: int, rng: np.random.Generator) -> Places:
    middles = rng.uniform(0.12, 0.88, (int(rng.integers(3, 7)), 2))
    chosen = middles[rng.integers(len(middles), size=count)]
    return np.asarray(chosen + rng.normal(0, float(rng.uniform(0.06, 0.13)), (count, 2)), dtype=np.float64)


def _banded(count: int, rng: np.random.Generator) -> Places:
    angle = float(rng.uniform(0, math.pi))
    along, across = rng.uniform(-0.6, 0.6, count), rng.normal(0, 0.13, count)
    bend = float(rng.uniform(-0.4, 0.4)) * along**2
    x = 0.5 + along * math.cos(angle) - (across + bend) * math.sin(angle)
    y = 0.5 + along * math.sin(angle) + (across + bend) * math.cos(angle)
    return np.stack([x, y], axis=-1)


def _leaning(count: int, rng: np.random.Generator) -> Places:
    spread = rng.uniform(0, 1, (count, 2)) ** np.array([float(rng.uniform(1.2, 2.5)), float(rng.uniform(0.8, 1.2))])
    turned = spread[:, ::-1] if rng.random() < 0.5 else spread
    return np.asarray(1 - turned if rng.random() < 0.5 else turned, dtype=np.float64)
