"""Where a photo lacks sharpness, by the reaction of a model that looks at native patches.

To hide a part would be to take sharpness away. Instead the model is shown, as all of its patches, one place after
another of a grid: what it would say of the whole if the photo were everywhere as it is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inference.contract import PATCHES
from inference.explaining.asking import BATCH, Asker
from inference.patches import PatchPlan
from inference.picture import Picture
from inference.preprocess import Tensor, native_patches

GRID = 6
SOFTNESS_RUNS = GRID * GRID

SOFT_LEVEL = 0.5
"""From here on a place is nearer to the softest than to the sharpest; that may be most of the photo."""
LEAST_SPAN = 0.20
"""Between the sharpest and the softest place, in the label's probability."""
MOST_ROUGHNESS = 0.5
"""Of what neighbours would differ by in a random order (Geary 1954): sharpness comes in patches, not in dots."""


@dataclass(frozen=True, slots=True, eq=False)
class Softness:
    """A map [GRID, GRID], 0 at the sharpest place .. 1 at the softest, and the label's probability at these two."""

    plane: Tensor
    sharpest: float
    softest: float

    def is_clear(self) -> bool:
        """Whether some part of the photo is softer than the rest, as the model sees it."""
        return self.softest - self.sharpest >= LEAST_SPAN and _roughness(self.plane) <= MOST_ROUGHNESS


def look_for_softness(asker: Asker, picture: Picture, plan: PatchPlan) -> Softness:
    """Ask about every place. Raises ModelFailed, TookTooLong, TooSmall."""
    grid = PatchPlan(GRID * GRID, plan.size, _places())
    answers = asker.ask(_batches(native_patches(picture, grid), plan.count))
    evidence = answers.evidence.reshape(GRID, GRID)
    span = float(np.ptp(evidence))
    plane = np.zeros_like(evidence) if span == 0 else (evidence - evidence.min()) / span
    return Softness(plane.astype(np.float32), float(answers.probability.min()), float(answers.probability.max()))


def _places() -> tuple[tuple[float, float], ...]:
    steps = [round((step + 0.5) / GRID, 4) for step in range(GRID)]
    return tuple((x, y) for y in steps for x in steps)


def _batches(patches: Tensor, count: int) -> Iterator[dict[str, Tensor]]:
    for start in range(0, len(patches), BATCH):
        yield {PATCHES: np.repeat(patches[start : start + BATCH, None], count, axis=1)}


def _roughness(plane: Tensor) -> float:
    """Geary's C with the four neighbours: about 1 where values are in no order, 0 where neighbours are alike."""
    variance = float(plane.var(ddof=1))
    if variance == 0:
        return 1.0
    steps = np.concatenate([np.diff(plane, axis=0).ravel(), np.diff(plane, axis=1).ravel()])
    return float((steps**2).mean() / (2 * variance))
