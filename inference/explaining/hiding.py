"""Hiding a part of a picture from a model, so that what hides it does not itself say something.

What is hidden is filled from what is left around it, near things before far ones (normalised convolution, Knutsson
and Westin 1993, at three widths): a grey square or a blur would be a fault of its own to a model that looks for faults.
Patches cut at native resolution that lie in a hidden part are replaced by copies of the nearest one that does not.
"""

import numpy as np
from numpy.typing import NDArray

from inference.explaining.planes import SIDE, across, enlarged, reducing, spreading
from inference.patches import PatchPlan
from inference.preprocess import Tensor

_WIDTHS = (24.0, 8.0, 3.0)
"""Standard deviations of the fill in places, widest first; each lays over the last what it knows enough of."""
_ENOUGH = 3.0
"""A third of a full neighbourhood is enough to go by."""
_COVERED = 0.5


class Hideable:
    """A picture as a model takes it: `whole` [3, S, S], and the patches [P, 3, h, w] of a plan where it has any."""

    def __init__(self, whole: Tensor, patches: Tensor | None = None, plan: PatchPlan | None = None) -> None:
        self._whole = whole
        self._patches = patches
        self._plan = plan
        matrix = reducing(whole.shape[-1])
        self._small = across(matrix, whole, matrix)

    def whole_without(self, masks: Tensor) -> Tensor:
        """Give the picture once for each of `masks` [n, SIDE, SIDE], without what that hides: [n, 3, S, S]."""
        size = self._whole.shape[-1]
        cover = enlarged(masks, size, size)[:, None]
        without = enlarged(_filled(self._small, masks), size, size)
        without -= self._whole
        without *= cover
        without += self._whole
        return np.clip(without, 0, 1, out=without)

    def patches_without(self, masks: Tensor) -> Tensor | None:
        """Give the patches for each of `masks`, the covered ones replaced: [n, P, 3, h, w]; None without patches."""
        if self._patches is None or self._plan is None:
            return None
        centres = np.asarray(self._plan.centres)
        return np.stack([self._patches[_replacements(centres, mask)] for mask in masks])


def _filled(small: Tensor, masks: Tensor) -> Tensor:
    """Fill the masked places of `small` [3, SIDE, SIDE] from the others: [n, 3, SIDE, SIDE]."""
    seen = (1 - masks) ** 2 + 1e-6
    filled: Tensor | None = None
    for sigma in _WIDTHS:
        matrix = spreading(sigma)
        known = across(matrix, seen, matrix)
        mean = across(matrix, seen[:, None] * small, matrix) / known[:, None]
        if filled is None:
            filled = mean
        else:
            full = np.outer(matrix.sum(1), matrix.sum(0))
            trusted = np.minimum(1, _ENOUGH * known / full)[:, None]
            filled = filled * (1 - trusted) + mean * trusted
    assert filled is not None
    return filled


def _replacements(centres: NDArray[np.float64], mask: Tensor) -> NDArray[np.intp]:
    """Which patch stands in each one's place: itself, or the nearest that the mask leaves; itself where none is."""
    columns, rows = np.minimum((centres * SIDE).astype(np.intp), SIDE - 1).T
    free = np.flatnonzero(mask[rows, columns] < _COVERED)
    own = np.arange(len(centres))
    if free.size == 0:
        return own
    away = np.linalg.norm(centres[:, None] - centres[None, free], axis=2)
    return np.where(np.isin(own, free), own, free[away.argmin(1)])
