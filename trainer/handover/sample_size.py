"""How many test photos a claim needs: Wilson's interval (1927) read backwards.

Wilson's lower end lies above t just where the observed share p has (p - t) / sqrt(t (1 - t) / n) above 1.96, so both
questions below have closed answers.
"""

import math
from fractions import Fraction

from trainer.metrics import wilson

_Z95_SQUARED = 1.959964**2


def least_hits(threshold: Fraction, photos: int, *, on_lower_end: bool) -> int | None:
    """How many of `photos` must be right to lie strictly above `threshold`; None where not even all would do.

    With `on_lower_end` it is the lower end of the 95 % interval that must lie above.
    """
    least = math.floor(threshold * photos) + 1
    if not on_lower_end:
        return least if least <= photos else None
    return next((hits for hits in range(least, photos + 1) if wilson(hits, photos).low > threshold), None)


def photos_to_clear(share: Fraction, threshold: Fraction) -> int | None:
    """With how many photos an observed `share` has its lower end above `threshold`; None where none would do."""
    if share <= threshold:
        return None
    spread = float(threshold * (1 - threshold))
    # Of nothing wrong and a threshold of 0, one photo is enough.
    return max(1, math.floor(_Z95_SQUARED * spread / float(share - threshold) ** 2) + 1)
