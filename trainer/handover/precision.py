"""Which of two files to hand over: int8 only where it is as good and clearly faster. Rules only, no files."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from inference.manifest import Precision
from trainer.evaluation.scored import Scored, verdicts
from trainer.handover.decision import Candidate, PrecisionChoice
from trainer.handover.examined import FileCost
from trainer.handover.policy import Int8Rule, exactly


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One file, tried on the whole test side: what it cost, what it said, whether it passes the gate."""

    precision: Precision
    cost: FileCost
    scored: Scored
    passed: bool

    def candidate(self) -> Candidate:
        """The numbers that the decision shows."""
        hits, photos = int(self.scored.right.sum()), len(self.scored)
        accuracy = hits / photos if photos else 0.0
        return Candidate(self.precision, self.cost.file_bytes, self.cost.milliseconds, accuracy, self.passed)


def float32_alone(tried: Tried, why: str) -> PrecisionChoice:
    """There is no other file."""
    return PrecisionChoice(tried.precision, why, (tried.candidate(),))


def choose(float32: Tried, int8: Tried, rule: Int8Rule, usable_threshold: float | None) -> PrecisionChoice:
    """int8 where nothing speaks against it; else float32, with all that does.

    `usable_threshold` is a suitability model's least P(usable); None for a disease model.
    """
    agree = share_of_same_verdicts(float32.scored, int8.scored, usable_threshold)
    against = tuple(_against(float32, int8, rule, agree))
    faster = float(_faster(float32, int8))
    why = f"not int8: {'; '.join(against)}" if against else f"as good as float32 and {faster:.0%} faster"
    chosen = float32 if against else int8
    return PrecisionChoice(chosen.precision, why, (float32.candidate(), int8.candidate()), float(agree))


def share_of_same_verdicts(one: Scored, other: Scored, usable_threshold: float | None) -> Fraction:
    """Share of photos that both call the same: the verdict of a suitability model, else the first disease."""
    if usable_threshold is None:
        same = one.named == other.named
    else:
        same = verdicts(one, usable_threshold) == verdicts(other, usable_threshold)
    return Fraction(int(same.sum()), len(one)) if len(one) else Fraction(0)


def _against(float32: Tried, int8: Tried, rule: Int8Rule, agree: Fraction) -> Iterator[str]:
    if not int8.passed:
        yield "it does not pass the gate"
    photos = len(float32.scored)
    lost = int(float32.scored.right.sum()) - int(int8.scored.right.sum())
    if lost > exactly(rule.accuracy_drop_at_most) * photos:
        yield f"accuracy falls by {lost / photos:.4f}, more than {rule.accuracy_drop_at_most}"
    if agree < exactly(rule.verdicts_agree_at_least):
        yield f"verdicts agree on {float(agree):.4f} of the photos, less than {rule.verdicts_agree_at_least}"
    # Where float32 does not pass (too large, too slow), int8 need not be faster as well.
    if float32.passed and _faster(float32, int8) < exactly(rule.faster_by_at_least):
        took, less = int8.cost.milliseconds, f"{rule.faster_by_at_least:.0%} less is asked for"
        yield f"it takes {took:.2f} ms a photo, float32 {float32.cost.milliseconds:.2f}; {less}"


def _faster(float32: Tried, int8: Tried) -> Fraction:
    """Share of the time that int8 saves; negative where it takes longer."""
    return 1 - Fraction(int8.cost.milliseconds) / Fraction(float32.cost.milliseconds)
