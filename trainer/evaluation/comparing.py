"""The same photos ranked from the picture alone and with what is known of the patient, side by side.

What the patient's facts are worth is the difference on the same photos, drawn together: its interval is narrower than
the two numbers' own intervals suggest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trainer.evaluation.bootstrap import DRAWS, Difference, Statistic, difference
from trainer.evaluation.findings import Findings
from trainer.evaluation.numbers.probability import calibration_error, log_loss
from trainer.evaluation.numbers.ranking import group_auc
from trainer.evaluation.numbers.referral import outcome_statistics
from trainer.evaluation.numbers.shares import accuracy, balanced_accuracy, top
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Scored
from trainer.metrics import Estimate

FACTS = ("sex", "age_band", "body_site")
"""Fields of `Scored.subgroups` that a disease model may be told."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One number from the picture alone, with the facts, and how much it gains by them."""

    name: str
    alone: Estimate
    told: Estimate
    gain: Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """`known` counts of how many of the `photos` each fact is known; `moved` is how many have another first disease."""

    title: str
    korean: str
    photos: int
    known: Mapping[str, int]
    moved: int
    rows: tuple[Compared, ...]


def compare(alone: Findings, told: Findings, *, draws: int = DRAWS, seed: int = 0) -> Comparison:
    """Two rankings of the same photos. Raises ValueError for others, in another order, or for what ranks nothing."""
    if alone.ways is None or told.ways is None:
        raise ValueError("only rankings can be compared with and without what is known of the patient")
    makers = _makers(told.ways.rule)
    rows = [
        Compared(
            name,
            alone.numbers[name],
            told.numbers[name],
            difference(make, told.scored, alone.scored, draws=draws, seed=seed),
        )
        for name, make in makers.items()
        if name in alone.numbers and name in told.numbers
    ]
    values = told.scored.subgroups
    return Comparison(
        told.title,
        told.korean,
        photos=len(told.scored),
        known={fact: sum(map(bool, values[fact])) for fact in FACTS if fact in values},
        moved=int(np.sum(alone.scored.named != told.scored.named)),
        rows=tuple(rows),
    )


def _makers(rule: ReferralRule) -> dict[str, Callable[[Scored], Statistic]]:
    """How each number of a comparison is made of answers, by its name among the headline's."""
    malignant: dict[str, Callable[[Scored], Statistic]] = {
        "malignant_auc": lambda scored: group_auc(scored, rule.malignant),
        "malignant_not_referred": lambda scored: outcome_statistics(scored, rule)["missed"],
    }
    return {
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "within_first_3": lambda scored: top(scored, 3),
        **(malignant if rule.malignant else {}),
        "calibration_error": calibration_error,
        "log_loss": log_loss,
        "referred_share": lambda scored: outcome_statistics(scored, rule)["referred"],
    }
