"""What must be known of a model beside the policy's checks: whether it only guesses, and whether what serves is better.

Chance is the share of the commonest label: who always names it is right as often, without having learnt anything.
No other way to guess is right more often, so that one in the number of labels is never above it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from trainer.handover.checks import ACCURACY, SERVED, hits_of
from trainer.handover.decision import Check
from trainer.handover.examined import Examined, NotCompared, Served, beside
from trainer.handover.policy import Policy, exactly


@dataclass(frozen=True, slots=True)
class Commonest:
    """The label that most test photos have."""

    label: str
    photos: int
    of: int

    @property
    def share(self) -> Fraction:
        """How often it is right to name it always."""
        return Fraction(self.photos, self.of)

    def words(self) -> str:
        """What is right that often."""
        return f"always naming {self.label} ({self.photos} of {self.of}, {float(self.share):.3f})"


def commonest(examined: Examined) -> Commonest | None:
    """Of several equally common the first; None without a test photo."""
    counts = {label: hits_of(examined.scored, label)[1] for label in examined.scored.labels}
    photos = len(examined.scored)
    label = max(counts, key=lambda each: counts[each])
    return Commonest(label, counts[label], photos) if photos else None


def only_guesses(examined: Examined) -> str:
    """The label that to name always is as good as the model; empty where the model is better."""
    common = commonest(examined)
    return common.label if common is not None and int(examined.scored.right.sum()) <= common.photos else ""


def doubts(examined: Examined, policy: Policy, served: Served, made: Sequence[Check]) -> tuple[str, ...]:
    """Sentences on what the checks let pass or do not ask for."""
    common = commonest(examined)
    about_chance = () if common is None else _about_chance(examined, policy, made, common)
    return (*about_chance, *_about_served(examined, served, made))


def _about_chance(examined: Examined, policy: Policy, made: Sequence[Check], common: Commonest) -> Iterator[str]:
    threshold = policy.accuracy.threshold
    if exactly(threshold) <= common.share:
        yield f"the threshold {threshold} is not above what {common.words()} reaches"
    right = int(examined.scored.right.sum())
    interval = next((check.interval for check in made if check.name == ACCURACY), None)
    found = f"{right} of {common.of} named right"
    if right <= common.photos:
        yield f"the model is no better than {common.words()}: {found}"
    elif interval is not None and interval[0] <= common.share:
        reach = f"{interval[0]:.3f} to {interval[1]:.3f}"
        yield f"{found} ({reach}) cannot be told from {common.words()}: more test photos, or a better model"


def _about_served(examined: Examined, served: Served, made: Sequence[Check]) -> Iterator[str]:
    if any(check.name == SERVED and check.passed is False for check in made):
        return  # said by the check
    if isinstance(served, NotCompared):
        yield f"it was not compared with the model that serves: {served.why}"
    elif served is not None and len(same := beside(examined.scored, served)) == len(served):
        mine, its = int(same.right.sum()), int(served.right.sum())
        if mine < its:
            yield f"what serves is better on the same photos: {its} of {len(served)} named right, this model {mine}"
