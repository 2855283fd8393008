"""Occlusion, from coarse to fine: which parts of a picture the claim would miss most if they were hidden.

Occlusion sensitivity (Zeiler and Fergus 2014, arXiv 1311.2901) with soft windows of two sizes over the whole picture,
then of a third, smaller one where those found something. A fixed number of runs on fixed windows: the same picture and
model give the same map, which random masks (RISE, Petsiuk 2018, arXiv 1806.07421) give after thousands of runs only.
"""

from collections.abc import Iterator

import numpy as np

from inference.contract import IMAGE, PATCHES
from inference.explaining.asking import BATCH, Answers, Asker
from inference.explaining.hiding import Hideable
from inference.explaining.planes import smoothed
from inference.explaining.windows import averaged, painted, windows
from inference.preprocess import Tensor

COARSE = (3, 5)
FINE, FINE_AT_MOST = 10, 12
_KEPT = 0.4
"""Of the coarse map, where the fine windows found nothing: what one of them hides may stand beside as good."""

_SMOOTH = 1.5
"""Places: the edges of the windows are nothing that the model said."""

SEARCH_RUNS = sum(count**2 for count in COARSE) + FINE_AT_MOST


def ask_without(asker: Asker, hideable: Hideable, masks: Tensor) -> Answers:
    """Ask about the picture without what each of the masks [n, SIDE, SIDE] hides. Raises ModelFailed, TookTooLong."""
    return asker.ask(_batches(hideable, masks))


def search(asker: Asker, hideable: Hideable, evidence: float) -> Tensor:
    """Give the map [SIDE, SIDE], 0..1, of what carries a claim of so much `evidence`; zeros where nothing does.

    Raises ModelFailed, TookTooLong.
    """
    coarse = np.mean([_missed(asker, hideable, windows(count), evidence) for count in COARSE], axis=0)
    coarse = np.maximum(coarse, 0)
    if coarse.max() <= 0:
        return np.zeros_like(coarse)
    promising = np.argsort(-averaged(windows(FINE), coarse), kind="stable")[:FINE_AT_MOST]
    fine = np.maximum(_missed(asker, hideable, windows(FINE)[promising], evidence), 0)
    return _scaled(smoothed(coarse * (_KEPT + (1 - _KEPT) * _scaled(fine)), _SMOOTH))


def _missed(asker: Asker, hideable: Hideable, made: Tensor, evidence: float) -> Tensor:
    """Give each place the mean loss of evidence under the windows over it."""
    return painted(made, evidence - ask_without(asker, hideable, made).evidence)


def _scaled(plane: Tensor) -> Tensor:
    highest = float(plane.max())
    return plane if highest <= 0 else (plane / highest).astype(np.float32)


def _batches(hideable: Hideable, masks: Tensor) -> Iterator[dict[str, Tensor]]:
    for start in range(0, len(masks), BATCH):
        some = masks[start : start + BATCH]
        patches = hideable.patches_without(some)
        whole = {IMAGE: hideable.whole_without(some)}
        yield whole if patches is None else {**whole, PATCHES: patches}
