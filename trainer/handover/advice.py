"""What to collect so that a model passes: which labels, how many photos to train on, how many to test with.

Test photos narrow an interval and are arithmetic; training photos make a model better and are a rule of thumb
(`learning_curve`). Every line names a number, if only one to begin with. Numbers overlap and are not to be added up:
one line a label.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from inference.rules import USABLE
from trainer.handover import checks
from trainer.handover.confusions import worst_confusions
from trainer.handover.decision import Check, Lack, Wanted
from trainer.handover.examined import Examined
from trainer.handover.learning_curve import as_a_start, more_photos, one_figure
from trainer.handover.policy import Policy, exactly
from trainer.handover.sample_size import least_hits, photos_to_clear
from trainer.handover.subgroups import missing_skin_tones

ALL = "all"
_START = "a start, no rule names enough: "


@dataclass(frozen=True, slots=True)
class _OneLabel:
    """How a label did: `right` of `photos` test photos; `mistaken` photos of others were taken for it."""

    name: str
    right: int
    photos: int
    mistaken: int
    trained_on: int

    @property
    def recall(self) -> Fraction:
        """Share named right; 0 of none."""
        return Fraction(self.right, self.photos) if self.photos else Fraction(0)


def what_to_collect(examined: Examined, policy: Policy, made: Sequence[Check]) -> tuple[Wanted, ...]:
    """Photos that are wanted because of failed checks, most first, and the skin tones that no test photo shows."""
    failed = frozenset(check.name for check in made if check.passed is False)
    wanted = [
        *_for_accuracy(examined, policy, failed),
        *_for_floors(examined, policy, failed),
        *_for_usable(examined, policy, failed),
    ]
    counted = sorted(wanted, key=_most_first)
    confused = worst_confusions(examined.scored.table, examined.malignant) if failed & _of_naming(examined) else ()
    lines = _one_of_each_label([*_for_photos(examined, policy, failed), *counted, *confused])
    return (*(_with_a_number(line, examined) for line in lines), *missing_skin_tones(examined.scored))


def _of_naming(examined: Examined) -> frozenset[str]:
    recalls = (checks.recall_of(label) for label in examined.scored.labels)
    return frozenset({checks.ACCURACY, checks.BALANCED_ACCURACY, checks.SERVED, *recalls})


def _for_accuracy(examined: Examined, policy: Policy, failed: frozenset[str]) -> Iterator[Wanted]:
    """More to train on where the model is too weak, shared out by mistakes; more to test with where only that lacks."""
    scored, rule = examined.scored, policy.accuracy
    if checks.ACCURACY not in failed or not len(scored):
        return
    threshold = exactly(rule.threshold)
    right, photos = int(scored.right.sum()), len(scored)
    if Fraction(right, photos) > threshold:
        yield _more_to_test(ALL, right, photos, threshold)
        return
    needed = least_hits(threshold, photos, on_lower_end=rule.by != "observed")
    aim = max(1 - needed / photos, 0.0) if needed else 0.0
    aim = aim or float(1 - threshold) / 2  # all would have to be right: half of what the threshold allows is aimed at
    more = more_photos(sum(examined.trained_on.values()), 1 - right / photos, aim)
    held_back = {label: _holds_back(label, threshold) for label in _labels(examined) if label.photos}
    for label, mistakes in held_back.items():
        if mistakes:
            part = float(Fraction(mistakes, sum(held_back.values())))
            share = one_figure(more * part) if more is not None else None
            yield _to_train(examined, label, Lack.ACCURACY, share)
    yield from _for_a_sure_answer(photos, threshold)


def _holds_back(label: _OneLabel, threshold: Fraction) -> int:
    """The mistakes that a label has a part in: its own, unless it is above the threshold, and others taken for it."""
    return (label.photos - label.right if label.recall <= threshold else 0) + label.mistaken


def _for_a_sure_answer(photos: int, threshold: Fraction) -> Iterator[Wanted]:
    """Test photos with which a model halfway between the threshold and no mistake would show that it is above."""
    halfway = (1 + threshold) / 2
    enough = photos_to_clear(halfway, threshold)
    if enough is not None and photos < enough:
        why = (
            f"{photos} test photos are too few to tell chance from skill at {float(threshold):g}: with about "
            f"{one_figure(enough)}, a model that is right on {float(halfway):g} of them shows that it is above"
        )
        yield Wanted(ALL, (Lack.WIDE_INTERVAL,), one_figure(enough - photos), None, why)


def _to_train(examined: Examined, label: _OneLabel, reason: Lack, more: int | None) -> Wanted:
    """Photos of a label to train on; where the rule of thumb names no number, or knows nothing, a start."""
    start = as_a_start(label.trained_on)
    why = _how_it_did(examined, label)
    if not label.right:
        return Wanted(label.name, (reason,), None, max(start, more or 0), f"not learnt at all: a start; {why}")
    return Wanted(label.name, (reason,), None, start if more is None else more, f"{_START * (more is None)}{why}")


def _for_floors(examined: Examined, policy: Policy, failed: frozenset[str]) -> Iterator[Wanted]:
    """Each label below its floor of recall, or below what balanced accuracy asks for."""
    balanced = policy.balanced_accuracy if checks.BALANCED_ACCURACY in failed else None
    for label in _labels(examined):
        own = policy.recall is not None and checks.recall_of(label.name) in failed
        floor = exactly(policy.recall.floor(label.name)) if policy.recall is not None and own else None
        if floor is not None and label.photos:
            yield _for_floor(examined, label, floor)
        if balanced is not None and label.photos and label.recall < exactly(balanced.at_least):
            yield _for_floor(examined, label, exactly(balanced.at_least))


def _for_floor(examined: Examined, label: _OneLabel, floor: Fraction) -> Wanted:
    if label.recall > floor:
        return _more_to_test(label.name, label.right, label.photos, floor)
    aim = float(1 - floor) or 0.5 / label.photos
    # Equal to the floor fails only on its lower end: a step above is aimed at then.
    aim = min(aim, 1 - (label.right + 1) / label.photos) if label.recall == floor else aim
    more = more_photos(label.trained_on, float(1 - label.recall), aim)
    return _to_train(examined, label, Lack.RECALL, more)


def _for_usable(examined: Examined, policy: Policy, failed: frozenset[str]) -> Iterator[Wanted]:
    if policy.suitability is None or checks.USABLE_PASSED not in failed or examined.usable_threshold is None:
        return
    usable = checks.usable_verdicts(examined.scored, examined.usable_threshold)
    if not usable.photos:
        return
    aim = float(1 - exactly(policy.suitability.usable_passed_at_least)) or 0.5 / usable.photos
    trained_on = examined.trained_on.get(USABLE, 0)
    more = more_photos(trained_on, 1 - usable.passed / usable.photos, aim)
    refused = usable.photos - usable.passed
    why = f"{refused} of {usable.photos} usable photos were refused: collect usable ones like those"
    number = as_a_start(trained_on) if more is None else more
    yield Wanted(USABLE, (Lack.FALSE_REJECTS,), None, number, f"{_START * (more is None)}{why}")


def _for_photos(examined: Examined, policy: Policy, failed: frozenset[str]) -> Iterator[Wanted]:
    """Test photos that the policy asks for and that are not there: exact numbers."""
    rule, held_out = policy.photos, examined.held_out
    least_of_class = rule.each_class_at_least if rule is not None else 0
    if rule is not None and checks.PHOTOS in failed:
        lacking = rule.at_least - held_out.photos
        why = f"{held_out.photos} test photos, {rule.at_least} asked for"
        yield Wanted(ALL, (Lack.FEW_PHOTOS,), lacking, None, why)
    if rule is not None and checks.PATIENTS in failed:
        lacking = rule.patients_at_least - held_out.patients
        yield Wanted(ALL, (Lack.FEW_PHOTOS,), lacking, None, f"of {lacking} further patients, at least one photo each")
    for label in _labels(examined):
        least = max(least_of_class, 1 if checks.recall_of(label.name) in failed else 0)
        if label.photos < least:
            why = f"{label.photos} test photos of it, {least} asked for; {label.trained_on} trained on"
            yield Wanted(label.name, (Lack.FEW_PHOTOS,), least - label.photos, None, why)


def _more_to_test(name: str, right: int, photos: int, limit: Fraction) -> Wanted:
    """The share is high enough, its interval too wide."""
    enough = photos_to_clear(Fraction(right, photos), limit)
    # Wilson's arithmetic takes photos for independent; where patients have several it may ask for none: then as many
    # again, of others.
    more = one_figure(enough - photos if enough is not None and enough > photos else photos)
    why = (
        f"{right} of {photos} named right is above {float(limit):g}, its lower end is not: "
        "the same share on more test photos, of other patients, would be"
    )
    return Wanted(name, (Lack.WIDE_INTERVAL,), more, None, why)


def _how_it_did(examined: Examined, label: _OneLabel) -> str:
    taken = examined.scored.table.most_taken_for(label.name)
    mistaken = f", most often taken for {taken}" if taken else ""
    others = f", {label.mistaken} photos of others taken for it" if label.mistaken else ""
    return f"{label.right} of {label.photos} named right{mistaken}{others}; {label.trained_on} trained on"


def _labels(examined: Examined) -> Iterator[_OneLabel]:
    called = examined.scored.table.counts.sum(0)
    for place, label in enumerate(examined.scored.labels):
        right, photos = checks.hits_of(examined.scored, label)
        yield _OneLabel(label, right, photos, int(called[place]) - right, examined.trained_on.get(label, 0))


def _one_of_each_label(wanted: Iterable[Wanted]) -> Iterator[Wanted]:
    """All that is wanted of a label in one line: the largest numbers, every reason."""
    merged: dict[str, Wanted] = {}
    for one in wanted:
        merged[one.label] = _both(merged[one.label], one) if one.label in merged else one
    return iter(merged.values())


def _both(first: Wanted, second: Wanted) -> Wanted:
    return Wanted(
        first.label,
        tuple(dict.fromkeys((*first.reasons, *second.reasons))),
        _larger(first.test_photos, second.test_photos),
        _larger(first.train_photos, second.train_photos),
        "; ".join(dict.fromkeys((first.why, second.why))),
    )


def _larger(first: int | None, second: int | None) -> int | None:
    return max(first or 0, second or 0) if first is not None or second is not None else None


def _with_a_number(wanted: Wanted, examined: Examined) -> Wanted:
    """A line that says what kind of photos are wanted says how many to begin with."""
    if wanted.test_photos or wanted.train_photos:
        return wanted
    start = as_a_start(examined.trained_on.get(wanted.label, 0))
    return replace(wanted, train_photos=start, why=f"{_START}{wanted.why}")


def _most_first(wanted: Wanted) -> tuple[int, str]:
    return -max(wanted.test_photos or 0, wanted.train_photos or 0), wanted.label
