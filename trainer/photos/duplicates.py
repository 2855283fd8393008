"""Nearly the same picture twice: recompressed, scaled, a little blurred or cropped, turned or mirrored.

Two photos count as near-duplicates where their perceptual hashes differ in at most 7 of 64 bits and their 32 x 32
grey pixels correlate with at least 0.95, in the best of the eight ways to turn and mirror one of them. Neither would
do alone, because one mole in the middle of bare skin looks much like another. Measured over the 707 photos of
PAD-UFES-20 used here:

| pairs | hash within 7 | correlation from 0.95 | both |
| --- | --- | --- | --- |
| 249 322 of different patients | 8 (closest: 4) | 3 (highest: 0.96) | none (highest within 7: 0.87) |
| 82 of one lesion taken twice | none (closest: 8) | none (highest: 0.93) | none |
| copies: JPEG 30, half size, a third by nearest pixel, 224 x 224, blur of 2 pixels, turned | all (furthest: 6) | all (lowest: 0.970) | all |
| copies 20 % brighter, clipped | 99.2 % | all (lowest: 0.956) | 99.2 % |
| copies with 1 % cropped off each side | all (furthest: 6) | all (lowest: 0.958) | all |
| copies with 3 % cropped off each side | 74 % | 0.75 and up | few |

So a second shot of a lesion is no duplicate: its patient keeps it on one side. A copy cropped by more escapes.
"""  # noqa: E501 - a table

import numpy as np
from numpy.typing import NDArray

from trainer.photos.hamming import Pairs, close_pairs
from trainer.photos.perceptual import Thumbs, correlations, perceptual_hashes

LEAST_CORRELATION = 0.95
_PAIRS_AT_ONCE = 4096


def near_duplicates(thumbs: Thumbs) -> Pairs:
    """Pairs int64 [P, 2], first < second and in order, of nearly equal pictures among thumbs uint8 [N, 32, 32]."""
    pairs = close_pairs(perceptual_hashes(thumbs))
    alike: list[NDArray[np.bool_]] = [
        correlations(thumbs, pairs[start : start + _PAIRS_AT_ONCE]) >= LEAST_CORRELATION
        for start in range(0, len(pairs), _PAIRS_AT_ONCE)
    ]
    return pairs[np.concatenate(alike)] if alike else pairs
