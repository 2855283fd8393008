"""Whether a map says anything: its region is hidden, and then as much of the picture elsewhere.

The deletion test of RISE (Petsiuk 2018), held against regions of the same shape that nothing points at. Its
counterpart, to show the region alone, is not asked: a picture of one place and fill all around is like nothing that a
model knows, and what it says of that says little.
"""

from dataclasses import dataclass

import numpy as np

from inference.explaining.asking import Asker
from inference.explaining.hiding import Hideable
from inference.explaining.planes import smoothed
from inference.explaining.region import Mask
from inference.explaining.searching import ask_without
from inference.preprocess import Tensor

_ELSEWHERE = ((0.5, 0.5), (0.5, 0.0), (0.0, 0.5), (0.33, 0.33), (0.67, 0.33), (0.33, 0.67), (0.67, 0.67))
"""How far the region is moved down and right, round the edges, in heights and widths."""
TRIAL_RUNS = 1 + len(_ELSEWHERE)

LEAST_DROP = 0.05
"""By so much the label's probability has to fall, for somebody to care."""
TIMES_ELSEWHERE = 2.0
"""So many times what the worst of the other regions costs, in log odds, up or down."""
_EDGE = 1.3


@dataclass(frozen=True, slots=True)
class Trial:
    """What hiding the region does.

    `probability` is the label's without it, `lost` the loss of log odds, and `elsewhere` the largest change of those,
    up or down, by hiding as much at other places.
    """

    probability: float
    lost: float
    elsewhere: float

    def is_clear(self, before: float) -> bool:
        """Whether the region matters to a label that had the probability `before`, more than others of its size do."""
        return before - self.probability >= LEAST_DROP and self.lost >= TIMES_ELSEWHERE * self.elsewhere


def try_region(asker: Asker, hideable: Hideable, region: Mask, evidence: float) -> Trial:
    """Hide a region [SIDE, SIDE] of a claim of so much evidence. Raises ModelFailed, TookTooLong."""
    moved = [region, *(_moved(region, down, right) for down, right in _ELSEWHERE)]
    answers = ask_without(asker, hideable, np.stack([_softened(one) for one in moved]))
    lost = evidence - answers.evidence
    return Trial(float(answers.probability[0]), float(lost[0]), float(np.abs(lost[1:]).max()))


def _moved(region: Mask, down: float, right: float) -> Mask:
    height, width = region.shape
    return np.roll(region, (round(down * height), round(right * width)), (0, 1))


def _softened(region: Mask) -> Tensor:
    """Give the region an edge of one place, outwards: a hard one would be seen."""
    softened: Tensor = np.clip(_EDGE * smoothed(region.astype(np.float32), 1.0), 0, 1)
    return softened
