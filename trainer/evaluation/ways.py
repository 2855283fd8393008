"""Everything about who goes to a doctor: by the settings in force, by others, and what the model cannot know."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.evaluation.bootstrap import DRAWS
from trainer.evaluation.numbers.referral import Referrals, referrals
from trainer.evaluation.numbers.referred_groups import GroupReferral, referred_groups
from trainer.evaluation.numbers.sweeps import Sweep, sweeps
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.scored import Scored
from trainer.evaluation.strangers import Detection, Strangers, detect
from trainer.metrics import Estimate


@dataclass(frozen=True, slots=True)
class WaysToADoctor:
    """`referrals` by the settings in force, also by `groups` of people; `sweeps` around them.

    `detections` are of each kind of strangers that there was.
    """

    referrals: Referrals
    groups: tuple[GroupReferral, ...]
    sweeps: tuple[Sweep, ...]
    detections: tuple[Detection, ...]

    @property
    def rule(self) -> ReferralRule:
        """The settings in force."""
        return self.referrals.rule

    def numbers(self) -> dict[str, Estimate]:
        """What of it a model is known by."""
        outcome = self.referrals.outcome
        numbers = {"referred_share": outcome.referred, "referred_rightly": outcome.rightly}
        if self.rule.malignant:
            numbers["malignant_not_referred"] = outcome.missed
        for one in self.detections:
            numbers[f"unknown_auc_{one.kind}"] = one.by_doubt
            if one.by_unlikeness is not None:
                numbers[f"unlikeness_auc_{one.kind}"] = one.by_unlikeness
        return numbers


def ways_to_a_doctor(
    scored: Scored, rule: ReferralRule, strangers: Sequence[Strangers] = (), *, draws: int = DRAWS, seed: int = 0
) -> WaysToADoctor:
    """Work everything out, every number with its interval over patients; kinds without a picture are passed over."""
    some = [each for each in strangers if len(each.answers)]
    return WaysToADoctor(
        referrals(scored, rule, draws=draws, seed=seed),
        referred_groups(scored, rule, draws=draws, seed=seed),
        sweeps(scored, rule, some, draws=draws, seed=seed),
        tuple(detect(scored, each, rule, draws=draws, seed=seed) for each in some),
    )
