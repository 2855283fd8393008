"""Numbers of a cross-validation: the mean over seeds, with an interval over patients that all seeds share."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from trainer.evaluation.bootstrap import Statistic, Values, Weights, estimates
from trainer.evaluation.numbers.probability import calibration_error
from trainer.evaluation.numbers.ranking import group_auc
from trainer.evaluation.numbers.selection import accuracy_at_coverage, accuracy_when_decided, decided_share
from trainer.evaluation.numbers.shares import accuracy, balanced_accuracy, recall, top
from trainer.evaluation.scored import Scored
from trainer.metrics import Estimate

Measure = Callable[[Scored], Statistic]

FIRST_THREE = 3
COVERAGE = 0.75


def measures(labels: Sequence[str], malignant: Sequence[str], decided: float) -> dict[str, Measure]:
    """The numbers that rankings are known by, by their names in manifests."""
    of_labels = {f"recall_{label}": partial(recall, label=label) for label in labels}
    known: dict[str, Measure] = {"malignant_auc": lambda scored: group_auc(scored, malignant)} if malignant else {}
    return {
        "accuracy": accuracy,
        "within_first_2": lambda scored: top(scored, 2),
        "within_first_3": lambda scored: top(scored, FIRST_THREE),
        "balanced_accuracy": balanced_accuracy,
        **known,
        "calibration_error": calibration_error,
        "decided_share": lambda scored: decided_share(scored, decided),
        "accuracy_when_decided": lambda scored: accuracy_when_decided(scored, decided),
        "accuracy_at_75_percent_coverage": lambda scored: accuracy_at_coverage(scored, COVERAGE),
        **of_labels,
    }


def over_seeds(seeds: Sequence[Scored], wanted: dict[str, Measure]) -> dict[str, Estimate]:
    """Each number as the mean over seeds; a draw of patients is the same for all of them.

    All are answers to the same photos in the same order. Whole patients are drawn, so the interval says how much
    other patients might change the mean, and nothing of other seeds.
    """
    found = {name: _mean([measure(scored) for scored in seeds]) for name, measure in wanted.items()}
    return estimates(found, seeds[0].clusters())


def _mean(parts: Sequence[Statistic]) -> Statistic:
    def values(weights: Weights) -> Values:
        return np.asarray(np.mean([part.values(weights) for part in parts], axis=0))

    return Statistic(values, parts[0].n, is_share=parts[0].is_share)
