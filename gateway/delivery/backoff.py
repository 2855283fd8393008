"""How long to wait before trying again: doubling, bounded, with full jitter."""

from datetime import timedelta

_MOST_DOUBLINGS = 62


def longest_wait_seconds(failures: int, *, first_seconds: float, maximum_seconds: float) -> float:
    """The upper end of the wait after `failures` failures in a row (1 or more): it doubles up to the maximum."""
    doublings = min(max(failures, 1) - 1, _MOST_DOUBLINGS)
    return float(min(first_seconds * 2**doublings, maximum_seconds))


def wait_after(failures: int, *, first_seconds: float, maximum_seconds: float, chance: float) -> timedelta:
    """The wait after `failures` failures in a row, evenly spread by `chance` (0 to below 1) up to its upper end.

    Full jitter: whatever failed together does not come back together. The lowest tenth is left out, so that no
    wait is nothing at all.
    """
    longest = longest_wait_seconds(failures, first_seconds=first_seconds, maximum_seconds=maximum_seconds)
    return timedelta(seconds=longest * (0.1 + 0.9 * chance))
