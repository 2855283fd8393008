"""Which old photos are trained on again beside the new ones, so that nothing known is forgotten. Pure.

Rare classes keep all they have; what is left out is left out of the commonest. Which are chosen depends on the pictures
and the round's seed alone.
"""

import hashlib
from collections.abc import Mapping, Sequence


def replayed(old: Mapping[str, str], new: int, *, share: float, most: int, seed: int) -> frozenset[str]:
    """Of `old`, hash of the picture -> label, those to be trained on beside `new` new ones.

    At most `most`, and so many that they make up at most `share` (0..1; 1 is no bound) of all that is trained on.
    Without new photos all of them count, up to `most`.
    """
    bound = most
    if share < 1 and new:
        bound = min(bound, round(new * share / (1 - share)))
    by_label: dict[str, list[str]] = {}
    for sha256, label in old.items():
        by_label.setdefault(label, []).append(sha256)
    levels = _levels({label: len(hashes) for label, hashes in by_label.items()}, bound)
    return frozenset(
        sha256 for label, hashes in by_label.items() for sha256 in _drawn(hashes, levels[label], f"{seed} {label}")
    )


def _levels(counts: Mapping[str, int], bound: int) -> dict[str, int]:
    """How many each label gets of `bound`: equal parts, and what a rare one cannot use goes to the others; where there
    are more labels than that, the rarest get one each."""
    given: dict[str, int] = {}
    left = max(bound, 0)
    for place, label in enumerate(sorted(counts, key=lambda name: (counts[name], name))):
        given[label] = min(counts[label], max(left // (len(counts) - place), min(left, 1)))
        left -= given[label]
    return given


def _drawn(hashes: Sequence[str], count: int, salt: str) -> list[str]:
    return sorted(hashes, key=lambda sha256: hashlib.sha256(f"{salt} {sha256}".encode()).digest())[:count]
