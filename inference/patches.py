"""Where the native-resolution patches of a picture lie.

Focus cannot be judged from a 224-pixel copy, so a suitability model may look at a few small squares cut from the
picture as it is. Their places are fixed fractions of the upright picture, written into the manifest, so that
training and serving look at the same spots.
"""

import math
from dataclasses import dataclass

Centre = tuple[float, float]
"""(x, y) of a patch's centre, each 0..1 of the upright picture's width and height."""

MAX_PATCHES = 64
MAX_PATCH_PIXELS = 224  # no taken picture is narrower
_REACH = 0.6  # of the picture's width and height, in the middle: where people put the lesion
_BIAS = 1.5  # above 1 draws the grid's lines towards the middle


def patch_centres(count: int) -> tuple[Centre, ...]:
    """Give the `count` (1..64) centres nearest the middle on an odd grid that is denser there.

    The grid has the smallest odd number of lines that holds `count` points, so the first centre is always the
    picture's middle; ties go by row, then column. Values are rounded to 4 places, as they stand in the manifest.
    """
    lines = math.isqrt(count - 1) + 1
    half = lines // 2
    steps = [_warped(step / half) if half else 0.0 for step in range(-half, half + 1)]
    grid = [(x, y) for y in steps for x in steps]
    nearest = sorted(grid, key=lambda point: (round(math.hypot(*point), 6), point[1], point[0]))
    return tuple((round(0.5 + x, 4), round(0.5 + y, 4)) for x, y in nearest[:count])


def _warped(step: float) -> float:
    return math.copysign(abs(step) ** _BIAS, step) * _REACH / 2


@dataclass(frozen=True, slots=True)
class PatchPlan:
    """How many square patches of `size` pixels are cut, and around which centres.

    `centres` are `patch_centres(count)` where none are given. Raises ValueError for a count outside 1..64, a size
    outside 1..224, or centres that are not `count` points within 0..1.
    """

    count: int
    size: int
    centres: tuple[Centre, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_PATCHES:
            raise ValueError(f"the number of patches must be 1 to {MAX_PATCHES}")
        if not 1 <= self.size <= MAX_PATCH_PIXELS:
            raise ValueError(f"the size of a patch must be 1 to {MAX_PATCH_PIXELS} pixels")
        if not self.centres:
            object.__setattr__(self, "centres", patch_centres(self.count))
        if len(self.centres) != self.count:
            raise ValueError("there must be one centre for each patch")
        if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in self.centres):
            raise ValueError("a patch's centre must lie within 0 to 1")
