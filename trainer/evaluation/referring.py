"""Which photos go to a doctor, as the gateway decides it (`inference.rules.referral_reasons`), for many at once."""

from dataclasses import dataclass
from typing import get_args

import numpy as np

from inference.manifest import UnknownRule
from inference.rules import ReferralReason
from trainer.evaluation.answers import Answers
from trainer.evaluation.scored import Mask, Probabilities, reaches

REFER_MALIGNANT = 0.10
"""What a gateway has unless its `[models] refer_malignant` says otherwise."""

REASONS: tuple[ReferralReason, ...] = get_args(ReferralReason)
_PLACES = 6


@dataclass(frozen=True, slots=True)
class ReferralRule:
    """The settings that decide; `malignant` and `unknown` are the manifest's, `labels` [C] name the probabilities."""

    labels: tuple[str, ...]
    threshold: float
    malignant: tuple[str, ...] = ()
    refer_malignant: float = REFER_MALIGNANT
    unknown: UnknownRule | None = None

    def reasons(self, answers: Answers) -> dict[ReferralReason, Mask]:
        """For each reason which pictures have it, [N]."""
        none = np.zeros(len(answers), dtype=np.bool_)
        return {
            "undecided": ~reaches(answers.probabilities.max(1, initial=0), self.threshold),
            "malignant": reaches(self.malignancy(answers), self.refer_malignant) if self.malignant else none,
            "unknown": none if self.unknown is None else _is_unknown(answers, self.unknown),
        }

    def refers(self, answers: Answers) -> Mask:
        """Which pictures go to a doctor, [N]."""
        return np.asarray(np.stack(list(self.reasons(answers).values())).any(0))

    def malignancy(self, answers: Answers) -> Probabilities:
        """Summed probability of the malignant labels, [N]."""
        places = [self.labels.index(label) for label in self.malignant]
        return np.asarray(np.round(answers.probabilities[:, places], _PLACES).sum(1))


def _is_unknown(answers: Answers, rule: UnknownRule) -> Mask:
    rounded = np.round(answers.probabilities, _PLACES)
    if rule.rule == "unlikeness":
        if answers.unlikeness is None:
            return np.ones(len(answers), dtype=np.bool_)
        return reaches(answers.unlikeness, rule.threshold)
    if rule.rule == "max_probability":
        return np.asarray(rounded.max(1, initial=0) < rule.threshold)
    logarithms = np.log(rounded, out=np.zeros_like(rounded), where=rounded > 0)
    return np.asarray(-(rounded * logarithms).sum(1) / np.log(rounded.shape[1]) > rule.threshold)
