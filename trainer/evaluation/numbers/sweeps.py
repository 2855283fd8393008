"""What other settings would do with who goes to a doctor: one setting over a grid, the others as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from inference.manifest import UnknownRule
from trainer.evaluation.bootstrap import DRAWS, estimates
from trainer.evaluation.numbers.referral import Outcome, outcome_of, outcome_statistics
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Scored
from trainer.evaluation.strangers import Strangers, share_of
from trainer.metrics import Estimate

Setting = Literal["disease_threshold", "refer_malignant", "unknown_threshold"]
"""As they are called in a gateway's `[models]`."""

GRIDS: Mapping[Setting, tuple[float, ...]] = {
    "disease_threshold": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "refer_malignant": (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5),
    "unknown_threshold": (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What a value of a setting does; `strangers` are the shares that go, in the order of their kinds."""

    value: float
    in_force: bool
    outcome: Outcome
    strangers: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One setting over its grid, the value in force among them."""

    setting: Setting
    steps: tuple[Step, ...]


def sweeps(
    scored: Scored, rule: ReferralRule, strangers: Sequence[Strangers] = (), *, draws: int = DRAWS, seed: int = 0
) -> tuple[Sweep, ...]:
    """Every setting that has a say in the rule, with intervals over patients."""
    grids = ((setting, _rules(rule, setting)) for setting in GRIDS)
    return tuple(
        Sweep(setting, _steps(scored, rule, rules, strangers, draws, seed)) for setting, rules in grids if rules
    )


def rule_at(rule: ReferralRule, setting: Setting, value: float) -> ReferralRule:
    """The rule with another value of one setting."""
    if setting == "disease_threshold":
        return replace(rule, threshold=value)
    if setting == "refer_malignant":
        return replace(rule, refer_malignant=value)
    return replace(rule, unknown=UnknownRule(rule="unlikeness", threshold=value))


def value_of(rule: ReferralRule, setting: Setting) -> float | None:
    """What a setting is; None where it has no say in this rule."""
    if setting == "disease_threshold":
        return rule.threshold
    if setting == "refer_malignant":
        return rule.refer_malignant if rule.malignant else None
    return rule.unknown.threshold if rule.unknown is not None and rule.unknown.rule == "unlikeness" else None


def _rules(rule: ReferralRule, setting: Setting) -> dict[float, ReferralRule]:
    """The grid with the value in force in its place; nothing for a setting that has no say."""
    own = value_of(rule, setting)
    values = sorted({*GRIDS[setting], own}) if own is not None else []
    return {value: rule_at(rule, setting, value) for value in values}


def _steps(  # noqa: PLR0917  # what it is worked out from, and how
    scored: Scored,
    rule: ReferralRule,
    rules: Mapping[float, ReferralRule],
    strangers: Sequence[Strangers],
    draws: int,
    seed: int,
) -> tuple[Step, ...]:
    statistics = {
        f"{value} {name}": statistic
        for value, one in rules.items()
        for name, statistic in outcome_statistics(scored, one).items()
    }
    found = estimates(statistics, scored.clusters(), draws=draws, seed=seed)
    return tuple(
        Step(
            value,
            one == rule,
            outcome_of(found, f"{value} "),
            tuple(share_of(each, one.refers(each.answers), draws=draws, seed=seed) for each in strangers),
        )
        for value, one in rules.items()
    )
