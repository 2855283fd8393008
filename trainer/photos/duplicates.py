"""Nearly the same picture twice: recompressed, scaled, a little blurred or cropped, turned or mirrored.

Two photos count as near-duplicates where their perceptual hashes differ in at most 7 of 64 bits and their 32 x 32
grey pixels correlate with at least 0.95, in the best of the eight ways to turn and mirror one of them. Neither would
do alone, because one mole in the middle of bare skin looks much like another. Measured by
tests/bench/near_duplicates.py on 707 photos of PAD-UFES-20, 236 of them copied in each way:

| pairs | hash within 7 bits | correlation from 0.95 | both |
| --- | --- | --- | --- |
| 249 322 of different patients | 10 (closest 4) | 3 (highest 0.958) | none |
| 164 of one patient's different lesions | none (closest 12) | none (highest 0.888) | none |
| 82 of one lesion taken twice | none (closest 8) | none (highest 0.931) | none |
| JPEG 30; half size; a third by nearest pixel; 224 x 224; blurred; turned | all (furthest 6) | all | all |
| 20 % brighter, clipped | 234 (furthest 12) | all (lowest 0.957) | 99 % |
| 1 % cropped off each side | 234 (furthest 8) | all (lowest 0.964) | 99 % |
| 3 % cropped off each side | 171 (furthest 14) | 127 (lowest 0.748) | 43 % |

So a second shot of a lesion is no duplicate here: its patient keeps it on one side. A copy cropped by more can escape.
20 000 photos are compared in some seconds.
"""

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
