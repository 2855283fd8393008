"""The numbers a model is known by: one set for each task, every one with its interval over patients."""

from collections.abc import Sequence

from inference.rules import USABLE
from trainer.evaluation.bootstrap import DRAWS, Statistic, estimates
from trainer.evaluation.numbers.probability import brier, calibration_error, log_loss
from trainer.evaluation.numbers.ranking import average_precision, class_auc, group_auc, macro_auc, usable_auc
from trainer.evaluation.numbers.refusals import all_caught, caught, unusable_refused, usable_passed
from trainer.evaluation.numbers.selection import accuracy_at_coverage, accuracy_when_decided, aurc, decided_share
from trainer.evaluation.numbers.shares import accuracy, balanced_accuracy, macro_f1, recall, top
from trainer.evaluation.scored import Scored
from trainer.metrics import Estimate

Numbers = dict[str, Estimate]
"""Name of a number -> its value, 95 % interval and photos; NaN where it cannot be said of these photos."""

_FEWEST_FOR_THREE = 4
"""Among so many labels the first three leave out one at most: to be among them says nothing."""


def headline(
    scored: Scored, threshold: float, malignant: Sequence[str] = (), *, draws: int = DRAWS, seed: int = 0
) -> Numbers:
    """The headline numbers of whichever task the labels are of.

    `threshold` is the manifest's: least P(usable) of a usable photo, or least first probability of a decided ranking.
    `malignant` names labels of a disease model.
    """
    of_task = _suitability(scored, threshold) if USABLE in scored.labels else _disease(scored, threshold, malignant)
    return estimates(_shared(scored) | of_task, scored.clusters(), draws=draws, seed=seed)


def per_class(scored: Scored, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Numbers]:
    """Label -> recall, auc (one against the rest) and average_precision, for the labels that occur."""
    there = [label for label in scored.labels if scored.is_truly(label).any()]
    statistics: dict[str, Statistic] = {}
    for label in there:
        statistics[f"recall {label}"] = recall(scored, label)
        statistics[f"auc {label}"] = class_auc(scored, label)
        statistics[f"ap {label}"] = average_precision(scored.probability_of(label), scored.is_truly(label))
    found = estimates(statistics, scored.clusters(), draws=draws, seed=seed)
    return {
        label: {
            "recall": found[f"recall {label}"],
            "auc": found[f"auc {label}"],
            "average_precision": found[f"ap {label}"],
        }
        for label in there
    }


def _shared(scored: Scored) -> dict[str, Statistic]:
    return {
        "accuracy": accuracy(scored),
        "balanced_accuracy": balanced_accuracy(scored),
        "macro_f1": macro_f1(scored),
        "macro_auc": macro_auc(scored),
        "log_loss": log_loss(scored),
        "brier": brier(scored),
        "calibration_error": calibration_error(scored),
        "calibration_error_equal_mass": calibration_error(scored, "mass"),
        "aurc": aurc(scored),
    }


def _suitability(scored: Scored, threshold: float) -> dict[str, Statistic]:
    faults = [label for label in scored.labels if label != USABLE and scored.is_truly(label).any()]
    return {
        "usable_auc": usable_auc(scored),
        "usable_passed": usable_passed(scored, threshold),
        "spoilt_refused": unusable_refused(scored, threshold),
        "caught_at_5_percent": all_caught(scored),
    } | {f"caught_at_5_percent_{label}": caught(scored, label) for label in faults}


def _disease(scored: Scored, threshold: float, malignant: Sequence[str]) -> dict[str, Statistic]:
    numbers = {"within_first_3": top(scored, 3)} if len(scored.labels) > _FEWEST_FOR_THREE else {}
    numbers |= {
        "decided_share": decided_share(scored, threshold),
        "accuracy_when_decided": accuracy_when_decided(scored, threshold),
        "accuracy_at_75_percent_coverage": accuracy_at_coverage(scored, 0.75),
    }
    known = [label for label in malignant if label in scored.labels]
    return numbers | ({"malignant_auc": group_auc(scored, known)} if known else {})
