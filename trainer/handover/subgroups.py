"""Skin tones that no or nearly no test photo shows: of them nothing can be claimed, whatever the accuracy."""

from trainer.evaluation.scored import Scored
from trainer.handover.decision import Lack, Wanted

ENOUGH = 20
"""Test photos of a subgroup below which nothing is said of it."""

_FIELD = "fitzpatrick"
_DARK = frozenset({"5", "6", "V", "VI"})
_NAME = "Fitzpatrick V-VI"


def missing_skin_tones(scored: Scored) -> tuple[Wanted, ...]:
    """One line where fewer than 20 test photos are known to show dark skin (Fitzpatrick V or VI)."""
    types = scored.subgroups.get(_FIELD, ())
    dark = sum(value in _DARK for value in types)
    if dark >= ENOUGH:
        return ()
    known = sum(bool(value) for value in types)
    found = (
        f"{dark} of {known} test photos of known skin type show it" if known else "no test photo tells its skin type"
    )
    return (Wanted(_NAME, (Lack.SUBGROUP,), ENOUGH - dark, None, f"{found}: nothing can be claimed of dark skin"),)
