"""Allotting groups of photos to sides so that every label's photos come close to the wanted shares.

Groups are whole: a patient's photos stay together. The outcome depends on the groups, the shares and the seed alone,
not on the order in which anything was read. Larger groups are placed first, equal ones in the order of a seeded hash,
each on the side where it takes most off the squared distance to the wanted counts, summed over labels and weighted so
that a rare label counts as much as a common one.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence


def allot(
    groups: Mapping[str, Counter[str]], shares: Sequence[float], seed: int, fixed: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Group -> index of its side.

    `groups` counts each group's photos by label; `shares` are 0..1 and sum to 1. Groups in `fixed` keep the side that
    it names; the others fill up what is lacking.
    """
    totals: Counter[str] = Counter()
    for counts in groups.values():
        totals.update(counts)
    lacking = [{label: share * total for label, total in totals.items()} for share in shares]
    sides = {group: side for group, side in (fixed or {}).items() if group in groups}
    for group, side in sorted(sides.items()):
        _take(groups[group], lacking[side])
    for group in sorted(groups.keys() - sides.keys(), key=lambda name: (-groups[name].total(), _draw(seed, name))):
        counts = groups[group]
        side = min(range(len(shares)), key=lambda index: _worsening(counts, lacking[index], totals))
        sides[group] = side
        _take(counts, lacking[side])
    return sides


def _take(counts: Counter[str], lacking: dict[str, float]) -> None:
    for label, count in counts.items():
        lacking[label] -= count


def _worsening(counts: Counter[str], lacking: Mapping[str, float], totals: Counter[str]) -> float:
    """What adding a group does to a side's weighted squared distance: below 0 where it is wanted there."""
    return sum(count * (count - 2 * lacking[label]) / totals[label] for label, count in sorted(counts.items()))


def _draw(seed: int, group: str) -> bytes:
    return hashlib.sha256(f"{seed} {group}".encode()).digest()
