"""How far the rules agree with doctors: confusion, Cohen's kappa, what each reason catches at which price."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.rules import SUITABILITY_LABELS
from trainer.metrics import Confusion, Estimate, confusion, wilson

_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Agreement:
    """`table` has doctors' labels in rows and the rules' in columns; `kappa` parts usable from unusable.

    `kappa` is chance-corrected agreement (Cohen 1960), -1..1, with a 95 % interval by bootstrap over the photos;
    `false_rejects` is the share of usable photos refused; `caught` how many photos of each reason are refused,
    `named` for how many of them the rules say that reason.
    """

    table: Confusion
    kappa: Estimate
    false_rejects: Estimate
    caught: dict[str, Estimate]
    named: dict[str, Estimate]


def agreement_of(doctors: Sequence[str], rules: Sequence[str], seed: int = 0) -> Agreement:
    """Compare labels of the same photos, each of `SUITABILITY_LABELS`; raises ValueError for none or unequal many."""
    if not doctors or len(doctors) != len(rules):
        raise ValueError("labels of the same photos are needed, at least one")
    truth, said = _indices(doctors), _indices(rules)
    refused, unusable = said != 0, truth != 0
    reasons = [
        (code, truth == place) for place, code in enumerate(SUITABILITY_LABELS) if place and (truth == place).any()
    ]
    return Agreement(
        table=confusion(SUITABILITY_LABELS, truth, said),
        kappa=_kappa_with_interval(unusable, refused, seed),
        false_rejects=wilson(int((refused & ~unusable).sum()), int((~unusable).sum())),
        caught={code: wilson(int((refused & of_it).sum()), int(of_it.sum())) for code, of_it in reasons},
        named={code: wilson(int((said[of_it] == truth[of_it]).sum()), int(of_it.sum())) for code, of_it in reasons},
    )


def kappa_of(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Cohen's kappa of two yes-or-no raters; 1 where both say the same of everything, 0 where one is a constant."""
    agree = float((one == other).mean())
    if agree == 1:
        return 1.0
    yes, other_yes = float(one.mean()), float(other.mean())
    by_chance = yes * other_yes + (1 - yes) * (1 - other_yes)
    return (agree - by_chance) / (1 - by_chance)


def as_text(agreement: Agreement) -> list[str]:
    """Lines for people: kappa, false rejects, then a line for each reason that doctors gave."""
    lines = [
        f"agreement on usable or not: kappa {_spoken(agreement.kappa)}, {agreement.kappa.n} photos",
        f"usable photos refused: {_spoken(agreement.false_rejects)} of {agreement.false_rejects.n}",
    ]
    for code, caught in agreement.caught.items():
        named = agreement.named[code]
        lines.append(f"{code}: refused {_spoken(caught)} of {caught.n}, for that reason first {named.value:.3f}")
    return lines


def _indices(labels: Sequence[str]) -> NDArray[np.int64]:
    return np.array([SUITABILITY_LABELS.index(label) for label in labels], dtype=np.int64)


def _kappa_with_interval(truth: NDArray[np.bool_], said: NDArray[np.bool_], seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, len(truth), len(truth)) for _ in range(_DRAWS)]
    low, high = np.quantile([kappa_of(truth[one], said[one]) for one in drawn], (0.025, 0.975)).tolist()
    return Estimate(kappa_of(truth, said), low, high, len(truth))


def _spoken(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
