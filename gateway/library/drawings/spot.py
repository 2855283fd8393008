"""One spot in its place on the drawing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from gateway.library.drawings.describing import Mark
from gateway.library.drawings.svg import Point


@dataclass(frozen=True, slots=True)
class Spot:
    """A spot of a mark: its middle and radius in pixels, its outline as path data, and the corners of that."""

    mark: Mark
    middle: Point
    radius: float
    path: str
    corners: Sequence[Point]

    def inside(self, chance: Random, reach: float = 0.85) -> Point:
        """Somewhere within this share of the way to the outline, all parts of it alike."""
        place, between = chance.randrange(len(self.corners)), chance.random()
        (ax, ay), (bx, by) = self.corners[place - 1], self.corners[place]
        share = reach * math.sqrt(chance.random())
        x, y = self.middle
        return x + share * (ax + between * (bx - ax) - x), y + share * (ay + between * (by - ay) - y)
