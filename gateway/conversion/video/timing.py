"""Times of frames: which constant rate they keep, and how far off it they are."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

BEATS: Final = (
    *(Fraction(rate) for rate in (15, 24, 25, 30, 48, 50, 60, 100, 120, 240)),
    *(Fraction(1000 * rate, 1001) for rate in (24, 30, 60, 120, 240)),
)
"""Rates that cameras mean; what is measured lies beside them by rounding alone."""
_STEADY: Final = 0.25
"""A beat that no frame misses by more is the one that was meant."""
_LARGEST_DENOMINATOR: Final = 10_000
_NO_WORSE: Final = 0.05
"""A beat that fits worse than what was measured, by more than rounding, is not meant."""
_SLOWEST: Final = Fraction(1, 60)


def rate_of(times: Sequence[int], time_base: Fraction, last_duration: int) -> tuple[Fraction, float]:
    """Frames a second, and the largest distance of a frame from that beat, as a fraction of a frame's time.

    `times` are in units of `time_base` and ascend, one at least; `last_duration` counts where there is but one.
    """
    if len(times) == 1:
        return _measured(1, max(last_duration, 1) * time_base), 0.0
    measured = _measured(len(times) - 1, max(times[-1] - times[0], 1) * time_base)
    near = sorted(BEATS, key=lambda beat: abs(beat - measured))[:3]
    beat, off = min(((rate, jitter(times, time_base, rate)) for rate in near), key=lambda each: each[1])
    own = jitter(times, time_base, measured)
    return (beat, off) if off < min(_STEADY, own + _NO_WORSE) else (measured, own)


def jitter(times: Sequence[int], time_base: Fraction, rate: Fraction) -> float:
    """How far the worst frame is off its beat, as a fraction of a frame's time."""
    per_tick = float(time_base * rate)
    offsets = [(time - times[0]) * per_tick - index for index, time in enumerate(times)]
    return (max(offsets) - min(offsets)) / 2


def _measured(count: int, span: Fraction) -> Fraction:
    return max((count / span).limit_denominator(_LARGEST_DENOMINATOR), _SLOWEST)
