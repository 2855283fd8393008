"""How a ranking takes pictures of what it cannot know: other things than skin, diseases it never saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer.evaluation.answers import Answers
from trainer.evaluation.bootstrap import DRAWS, Statistic, estimate, estimates
from trainer.evaluation.numbers.ranking import auc
from trainer.evaluation.numbers.shares import share
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Mask, Probabilities, Scored, numbered
from trainer.metrics import Estimate, Indices

Kind = Literal["not_skin", "other_disease"]


@dataclass(frozen=True, slots=True, eq=False)
class Strangers:
    """Answers to M pictures of one kind; `patients` [M]: whose each is, "" of nobody known."""

    kind: Kind
    answers: Answers
    patients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """How well strangers of one kind are told from photos of what is known, and what becomes of them.

    `by_doubt` is the ROC-AUC of 1 - the first probability, `by_unlikeness` that of the model's own output, None where
    it has none. `unknown` and `referred`: shares that the rule in force calls unknown, and sends to a doctor.
    """

    kind: Kind
    pictures: int
    by_doubt: Estimate
    by_unlikeness: Estimate | None
    unknown: Estimate
    referred: Estimate


def detect(known: Scored, strangers: Strangers, rule: ReferralRule, *, draws: int = DRAWS, seed: int = 0) -> Detection:
    """Work it out; numbers that cannot be said (nothing on one side) are NaN."""
    both = numbered((*known.patients, *strangers.patients))
    statistics = {"doubt": _auc(1 - known.confidence, 1 - strangers.answers.probabilities.max(1, initial=0))}
    if known.unlikeness is not None and strangers.answers.unlikeness is not None:
        statistics["unlikeness"] = _auc(known.unlikeness, strangers.answers.unlikeness)
    found = estimates(statistics, both, draws=draws, seed=seed)
    unknown = rule.reasons(strangers.answers)["unknown"]
    return Detection(
        strangers.kind,
        len(strangers.answers),
        by_doubt=found["doubt"],
        by_unlikeness=found.get("unlikeness"),
        unknown=share_of(strangers, unknown, draws=draws, seed=seed),
        referred=share_of(strangers, rule.refers(strangers.answers), draws=draws, seed=seed),
    )


def share_of(strangers: Strangers, which: Mask, *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Share of strangers for which `which` [M] holds, with its interval over whose they are."""
    clusters: Indices = numbered(strangers.patients)
    return estimate(share(which, np.ones(len(which), dtype=np.bool_)), clusters, draws=draws, seed=seed)


def _auc(known: Probabilities, strange: Sequence[float] | Probabilities) -> Statistic:
    scores = np.concatenate([known, np.asarray(strange, dtype=np.float64)])
    return auc(scores, np.arange(len(scores)) >= len(known))
