"""Every check of a policy, made on a model's answers to the held-out photos: plain arithmetic, exact where it decides.

Shares are compared as fractions of whole numbers with the decimal number in the policy, because 0.8 x 100 hits out
of 100 x 0.8 must be equal, not a rounding above.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from inference.rules import USABLE
from trainer.evaluation.bootstrap import Difference, difference, estimate
from trainer.evaluation.numbers.probability import calibration_error
from trainer.evaluation.numbers.refusals import usable_passed
from trainer.evaluation.numbers.shares import accuracy, balanced_accuracy, recall
from trainer.evaluation.scored import Scored, verdicts
from trainer.handover.decision import Check, Interval
from trainer.handover.examined import Examined, FileCost, NotCompared, Served, beside
from trainer.handover.policy import (
    AccuracyRule,
    BalancedAccuracyRule,
    By,
    CalibrationRule,
    LimitsRule,
    PhotosRule,
    Policy,
    RecallRule,
    ServedRule,
    SuitabilityRule,
    exactly,
)
from trainer.handover.sample_size import least_hits
from trainer.metrics import Estimate, wilson

ACCURACY = "accuracy"
BALANCED_ACCURACY = "balanced accuracy"
CALIBRATION = "calibration error"
SERVED = "accuracy beside the served model's"
PHOTOS = "test photos"
FEWEST_OF_A_CLASS = "test photos of the rarest class"
PATIENTS = "test patients"
USABLE_PASSED = "usable photos let through"
MEGABYTES = "megabytes of the file"
MILLISECONDS = "milliseconds a photo"

_LOWER_END = {"observed": "", "wilson": "lower end ", "patients": "lower end over patients "}


def recall_of(label: str) -> str:
    """What the check of a class's recall is called."""
    return f"recall of {label}"


def all_checks(examined: Examined, policy: Policy, served: Served) -> Iterator[Check]:
    """Every check the policy asks for, passed or not. Raises ValueError where `served` is of other photos."""
    scored = examined.scored
    yield _accuracy(scored, policy.accuracy)
    if policy.balanced_accuracy is not None:
        yield _balanced_accuracy(scored, policy.balanced_accuracy)
    if policy.recall is not None:
        yield from (_recall(scored, label, policy.recall) for label in scored.labels)
    if policy.calibration is not None:
        yield _calibration(scored, policy.calibration)
    if policy.suitability is not None and examined.usable_threshold is not None:
        yield _usable_passed(scored, examined.usable_threshold, policy.suitability)
    if policy.served is not None:
        yield _beside_served(scored, served, policy.served)
    if policy.photos is not None:
        yield from _photos(examined, policy.photos)
    if policy.limits is not None:
        yield from _limits(examined.file, policy.limits)


def hits_of(scored: Scored, label: str) -> tuple[int, int]:
    """How many photos of a label were named right, and how many there are."""
    of_label = scored.is_truly(label)
    return int(scored.right[of_label].sum()), int(of_label.sum())


@dataclass(frozen=True, slots=True)
class UsableVerdicts:
    """How many of the usable photos pass at the model's threshold."""

    passed: int
    photos: int


def usable_verdicts(scored: Scored, threshold: float) -> UsableVerdicts:
    """Ask for the verdict on every usable photo as the gateway would."""
    usable = scored.is_truly(USABLE)
    passed = verdicts(scored, threshold)[usable] == scored.labels.index(USABLE)
    return UsableVerdicts(int(passed.sum()), int(usable.sum()))


def _accuracy(scored: Scored, rule: AccuracyRule) -> Check:
    hits, photos = int(scored.right.sum()), len(scored)
    # The report's own interval, unless the policy asks for Wilson's.
    found = wilson(hits, photos) if rule.by == "wilson" else estimate(accuracy(scored), scored.clusters())
    value = Fraction(hits, photos) if photos else None
    reached = _deciding(rule.by, value, found)
    passed = reached is not None and reached > exactly(rule.threshold)
    return Check(
        ACCURACY,
        f"{_LOWER_END[rule.by]}above {rule.threshold}",
        float(value) if value is not None else None,
        _interval(found),
        photos,
        passed,
        "" if passed else _what_it_takes(rule, photos),
    )


def _what_it_takes(rule: AccuracyRule, photos: int) -> str:
    least = least_hits(exactly(rule.threshold), photos, on_lower_end=rule.by != "observed")
    if least is None:
        return f"{photos} photos are too few to show it"
    return f"{'about ' * (rule.by == 'patients')}{least} of {photos} must be right"


def _balanced_accuracy(scored: Scored, rule: BalancedAccuracyRule) -> Check:
    recalls = [Fraction(hits, n) for hits, n in (hits_of(scored, label) for label in scored.labels) if n]
    value = sum(recalls, Fraction(0)) / len(recalls) if recalls else None
    found = estimate(balanced_accuracy(scored), scored.clusters())
    reached = _deciding(rule.by, value, found)
    return Check(
        BALANCED_ACCURACY,
        f"{_LOWER_END[rule.by]}at least {rule.at_least}",
        float(value) if value is not None else None,
        _interval(found),
        len(scored),
        reached is not None and reached >= exactly(rule.at_least),
    )


def _recall(scored: Scored, label: str, rule: RecallRule) -> Check:
    hits, photos = hits_of(scored, label)
    floor = rule.floor(label)
    found = wilson(hits, photos) if rule.by == "wilson" else estimate(recall(scored, label), scored.clusters())
    # A class without a photo has no recall; that it lacks photos is another check's to say unless a floor is asked.
    reached = _deciding(rule.by, Fraction(hits, photos), found) if photos else Fraction(0)
    return Check(
        recall_of(label),
        f"{_LOWER_END[rule.by]}at least {floor}",
        hits / photos if photos else None,
        _interval(found) if photos else None,
        photos,
        reached is not None and reached >= exactly(floor),
        "" if photos else "no test photo of it",
    )


def _calibration(scored: Scored, rule: CalibrationRule) -> Check:
    found = estimate(calibration_error(scored), scored.clusters())
    passed = math.isfinite(found.value) and Fraction(found.value) <= exactly(rule.error_at_most)
    return Check(
        CALIBRATION,
        f"at most {rule.error_at_most}",
        _finite(found.value),
        _interval(found),
        len(scored),
        passed,
        "" if passed else "the temperature wants more photos on the tune side, or the model fewer epochs",
    )


def _usable_passed(scored: Scored, threshold: float, rule: SuitabilityRule) -> Check:
    found = usable_verdicts(scored, threshold)
    return Check(
        USABLE_PASSED,
        f"at least {rule.usable_passed_at_least}",
        found.passed / found.photos if found.photos else None,
        _interval(estimate(usable_passed(scored, threshold), scored.clusters())),
        found.photos,
        found.photos > 0 and Fraction(found.passed, found.photos) >= exactly(rule.usable_passed_at_least),
        f"at P(usable) {threshold:g}",
    )


def _beside_served(scored: Scored, served: Served, rule: ServedRule) -> Check:
    wanted = f"{_LOWER_END[rule.by]}at least {-rule.margin if rule.margin else 0}"
    if served is None:
        return Check(SERVED, wanted, None, None, None, True, "no model serves yet")
    if isinstance(served, NotCompared):
        return Check(SERVED, wanted, None, None, None, False if served.refuses else None, served.why)
    if set(served.labels) != set(scored.labels):
        return Check(SERVED, wanted, None, None, None, False, "the served model tells other labels apart")
    if not len(scored):
        return Check(SERVED, wanted, None, None, 0, False)
    same = beside(scored, served)
    learnt = len(scored) - len(same)
    gap = difference(accuracy, same, _with_columns(served, scored.labels))
    better = int(same.right.sum()) - int(served.right.sum())
    value = Fraction(better, len(same))
    reached = value if rule.by == "observed" else _fraction(gap.low)
    return Check(
        SERVED,
        wanted,
        float(value),
        _interval(gap),
        len(same),
        reached is not None and reached >= -exactly(rule.margin),
        f"{learnt} photos of patients whom it learnt from are left out" if learnt else "",
    )


def _with_columns(scored: Scored, labels: tuple[str, ...]) -> Scored:
    """The same answers with their columns in another order of the same labels."""
    column_of = [scored.labels.index(label) for label in labels]
    place_of = np.argsort(column_of)
    truth = place_of[scored.truth].astype(np.int64)
    return Scored(labels, scored.probabilities[:, column_of], truth, scored.patients, scored.names, scored.subgroups)


def _photos(examined: Examined, rule: PhotosRule) -> Iterator[Check]:
    counts = {label: hits_of(examined.scored, label)[1] for label in examined.scored.labels}
    rarest = min(counts, key=lambda label: counts[label])
    held_out = examined.held_out
    yield _count(PHOTOS, held_out.photos, rule.at_least)
    yield _count(FEWEST_OF_A_CLASS, counts[rarest], rule.each_class_at_least, rarest)
    yield _count(PATIENTS, held_out.patients, rule.patients_at_least)


def _count(name: str, found: int, least: int, note: str = "") -> Check:
    return Check(name, f"at least {least}", float(found), None, None, found >= least, note)


def _limits(file: FileCost | None, rule: LimitsRule) -> Iterator[Check]:
    megabytes = Fraction(file.file_bytes, 1_000_000) if file else None
    milliseconds = Fraction(file.milliseconds) if file else None
    limits = (
        (MEGABYTES, megabytes, rule.file_megabytes_at_most),
        (MILLISECONDS, milliseconds, rule.milliseconds_at_most),
    )
    for name, found, limit in limits:
        if limit is None:
            continue
        wanted = f"at most {limit}"
        if found is None:
            yield Check(name, wanted, None, None, None, None, "there is no file yet")
        else:
            yield Check(name, wanted, float(found), None, None, found <= exactly(limit))


def _deciding(by: By, value: Fraction | None, found: Estimate) -> Fraction | None:
    """The number that must reach the limit; None where there is none."""
    return value if by == "observed" else _fraction(found.low)


def _fraction(number: float) -> Fraction | None:
    return Fraction(number) if math.isfinite(number) else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _interval(found: Estimate | Difference) -> Interval | None:
    return (found.low, found.high) if math.isfinite(found.low) and math.isfinite(found.high) else None
