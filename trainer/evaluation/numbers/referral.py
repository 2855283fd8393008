"""How many photos go to a doctor, how many of them rightly, and what stays without one.

Rightly: the first disease is wrong, or the disease is malignant. Pictures of what the model cannot know are counted
apart (`trainer.evaluation.strangers`): how many of them there are in use, no set of photos can tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from inference.rules import ReferralReason
from trainer.evaluation.bootstrap import DRAWS, Statistic, estimates
from trainer.evaluation.numbers.shares import recall, share
from trainer.evaluation.referring import REASONS, ReferralRule
from trainer.evaluation.scored import Mask, Scored
from trainer.metrics import Estimate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule does with photos of known diseases; NaN where there is none to say it of.

    `referred`: share that goes to a doctor. `rightly`: of those, where the first disease is wrong or the disease
    malignant. `missed`: share of the truly malignant that does not go. `wrong_kept`: of all that do not go, where the
    first disease is wrong.
    """

    referred: Estimate
    rightly: Estimate
    missed: Estimate
    wrong_kept: Estimate


@dataclass(frozen=True, slots=True)
class ReasonShare:
    """One reason: share of the photos that have it, that have it alone, and how many of those with it rightly."""

    reason: ReferralReason
    share: Estimate
    alone: Estimate
    rightly: Estimate


@dataclass(frozen=True, slots=True)
class LabelReferral:
    """One label that occurs: its recall, and the share of its photos that goes to a doctor."""

    label: str
    malignant: bool
    recall: Estimate
    referred: Estimate


@dataclass(frozen=True, slots=True)
class Referrals:
    """Everything about who goes to a doctor by `rule`."""

    rule: ReferralRule
    outcome: Outcome
    reasons: tuple[ReasonShare, ...]
    labels: tuple[LabelReferral, ...]


def referrals(scored: Scored, rule: ReferralRule, *, draws: int = DRAWS, seed: int = 0) -> Referrals:
    """Work everything out, every number with its interval over patients."""
    statistics = outcome_statistics(scored, rule) | _of_reasons(scored, rule) | _of_labels(scored, rule)
    found = estimates(statistics, scored.clusters(), draws=draws, seed=seed)
    return Referrals(
        rule,
        outcome_of(found),
        tuple(_reason(reason, found) for reason in REASONS),
        tuple(_label(label, rule, found) for label in scored.labels if f"recall {label}" in found),
    )


def deserving(scored: Scored, malignant: Iterable[str]) -> Mask:
    """Which photos a doctor is right to see: the first disease is wrong, or the disease is malignant, [N]."""
    return ~scored.right | is_malignant(scored, malignant)


def is_malignant(scored: Scored, malignant: Iterable[str]) -> Mask:
    """Which photos are truly of a malignant disease, [N]."""
    return np.isin(scored.truth, [scored.labels.index(label) for label in malignant])


def outcome_statistics(scored: Scored, rule: ReferralRule) -> dict[str, Statistic]:
    """The four shares of an `Outcome` by their names."""
    goes, malignant = rule.refers(scored.answers), is_malignant(scored, rule.malignant)
    return {
        "referred": share(goes, np.ones(len(scored), dtype=np.bool_)),
        "rightly": share(deserving(scored, rule.malignant), goes),
        "missed": share(~goes, malignant),
        "wrong_kept": share(~scored.right, ~goes),
    }


def outcome_of(found: Mapping[str, Estimate], prefix: str = "") -> Outcome:
    """The outcome from its worked out statistics, whose names begin with `prefix`."""
    return Outcome(*(found[f"{prefix}{name}"] for name in ("referred", "rightly", "missed", "wrong_kept")))


def _of_reasons(scored: Scored, rule: ReferralRule) -> dict[str, Statistic]:
    holds = rule.reasons(scored.answers)
    everything = np.ones(len(scored), dtype=np.bool_)
    several = np.asarray(np.stack(list(holds.values())).sum(0) > 1)
    worth = deserving(scored, rule.malignant)
    statistics: dict[str, Statistic] = {}
    for reason, mask in holds.items():
        statistics[f"share {reason}"] = share(mask, everything)
        statistics[f"alone {reason}"] = share(mask & ~several, everything)
        statistics[f"rightly {reason}"] = share(worth, mask)
    return statistics


def _of_labels(scored: Scored, rule: ReferralRule) -> dict[str, Statistic]:
    goes = rule.refers(scored.answers)
    there = [label for label in scored.labels if scored.is_truly(label).any()]
    recalls = {f"recall {label}": recall(scored, label) for label in there}
    return recalls | {f"goes {label}": share(goes, scored.is_truly(label)) for label in there}


def _reason(reason: ReferralReason, found: Mapping[str, Estimate]) -> ReasonShare:
    return ReasonShare(reason, found[f"share {reason}"], found[f"alone {reason}"], found[f"rightly {reason}"])


def _label(label: str, rule: ReferralRule, found: Mapping[str, Estimate]) -> LabelReferral:
    return LabelReferral(label, label in rule.malignant, found[f"recall {label}"], found[f"goes {label}"])
