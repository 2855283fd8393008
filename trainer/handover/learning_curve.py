"""How many more photos to train on: a rule of thumb, and told as one.

Error falls with the number of photos to a power: error ~ photos ** -exponent. Hestness et al. 2017 (arXiv 1712.00409)
measured exponents of about 0.07 to 0.35 over several tasks; 0.35, the hopeful end, is taken, so the numbers are what
is wanted at least.
"""

import math

EXPONENT = 0.35
_MAX_GROWTH = 100.0  # nobody collects a hundred times what there is for one line of a table
_ROUNDING = 1e-9  # 3000.0000001 is three thousand
_START = 9  # times what there is, on top of it: 10 ** -0.35 is 0.45
_FEWEST = 10  # of fewer photos no curve begins


def more_photos(photos: int, error: float, wanted: float) -> int | None:
    """How many photos to add to `photos` so that `error` (0..1) becomes `wanted`, rounded up to one figure.

    None where the curve asks for so many that more of the same will hardly do; 0 where nothing is lacking.
    """
    if error <= wanted:
        return 0
    if wanted <= 0:
        return None
    growth = (error / wanted) ** (1 / EXPONENT)
    return one_figure(max(photos, _FEWEST) * (growth - 1)) if growth <= _MAX_GROWTH else None


def as_a_start(photos: int) -> int:
    """How many photos to add where the curve names no number: tenfold, which halves the error at best."""
    return one_figure(_START * max(photos, _FEWEST))


def one_figure(number: float) -> int:
    """Round up to one figure, so that nobody reads more into it: 37 -> 40, 412 -> 500, 1034 -> 2000."""
    if number <= 0:
        return 0
    step: int = 10 ** max(0, math.floor(math.log10(number)))
    return max(1, math.ceil(number / step - _ROUNDING)) * step
