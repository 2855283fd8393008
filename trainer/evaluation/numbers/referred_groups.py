"""Who goes to a doctor, by groups of people: whether a rule that is safe on the whole fails somebody."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trainer.evaluation.bootstrap import DRAWS, Statistic, estimates
from trainer.evaluation.numbers.referral import is_malignant
from trainer.evaluation.numbers.shares import share
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Mask, Scored
from trainer.evaluation.subgroups import FEWEST
from trainer.metrics import Estimate

FEWEST_MALIGNANT = 10
"""Malignant photos below which nothing is said of how many of them go."""


@dataclass(frozen=True, slots=True)
class GroupReferral:
    """One group of 20 photos or more: the share that goes to a doctor, and that of its malignant ones.

    `malignant` counts these; `malignant_referred` is None where they are fewer than 10.
    """

    field: str
    value: str
    photos: int
    referred: Estimate
    malignant: int
    malignant_referred: Estimate | None


def referred_groups(
    scored: Scored, rule: ReferralRule, *, draws: int = DRAWS, seed: int = 0
) -> tuple[GroupReferral, ...]:
    """Every group that is large enough, in the order of the fields and of the values."""
    goes, malignant = rule.refers(scored.answers), is_malignant(scored, rule.malignant)
    groups = [group for group in _groups(scored) if group[2].sum() >= FEWEST]
    statistics: dict[str, Statistic] = {}
    for place, (_, _, members) in enumerate(groups):
        statistics[f"all {place}"] = share(goes, members)
        statistics[f"malignant {place}"] = share(goes, members & malignant)
    found = estimates(statistics, scored.clusters(), draws=draws, seed=seed)
    return tuple(
        _group(name, value, found[f"all {place}"], found[f"malignant {place}"])
        for place, (name, value, _) in enumerate(groups)
    )


def _groups(scored: Scored) -> Iterator[tuple[str, str, Mask]]:
    """Field, value and which photos have it, [N]."""
    for name, values in scored.subgroups.items():
        for value in sorted(set(values) - {""}):
            yield name, value, np.array([one == value for one in values])


def _group(field: str, value: str, everyone: Estimate, malignant: Estimate) -> GroupReferral:
    told = malignant if malignant.n >= FEWEST_MALIGNANT else None
    return GroupReferral(field, value, everyone.n, everyone, malignant.n, told)
