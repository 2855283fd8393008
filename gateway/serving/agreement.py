"""How two models of a task answered the same photo: agreed or not, and by how much their probabilities differ."""

from dataclasses import dataclass

from inference.disease import Ranking
from inference.manifest import Task
from inference.suitability import Judgement


@dataclass(frozen=True, slots=True)
class Pair:
    """The version that answered, and the one that judged in its shadow."""

    task: Task
    active: int
    shadow: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of photos: judged by both, of these agreed on; failed where the shadow gave no answer; dropped unjudged.

    `difference_sum` adds up |dP| (each 0..1) over the judged: of P(usable), or of the disease that was answered first.
    """

    judged: int = 0
    agreed: int = 0
    failed: int = 0
    dropped: int = 0
    difference_sum: float = 0.0

    @property
    def mean_difference(self) -> float | None:
        """Mean |dP| over the judged, None where none is."""
        return self.difference_sum / self.judged if self.judged else None

    def plus(self, other: "Tally") -> "Tally":
        """Give both together."""
        return Tally(
            judged=self.judged + other.judged,
            agreed=self.agreed + other.agreed,
            failed=self.failed + other.failed,
            dropped=self.dropped + other.dropped,
            difference_sum=self.difference_sum + other.difference_sum,
        )


FAILED, DROPPED = Tally(failed=1), Tally(dropped=1)


def compare_judgements(active: Judgement, shadow: Judgement) -> Tally:
    """Hold two judgements of a photo together: agreed where both or neither call it usable."""
    return _judged(active.usable == shadow.usable, abs(active.probability - shadow.probability))


def compare_rankings(active: Ranking, shadow: Ranking) -> Tally:
    """Hold two rankings of a photo together: agreed where the same disease is first and both or neither decide."""
    first = active.diseases[0]
    same = shadow.diseases[0].code == first.code and shadow.decided == active.decided
    theirs = next((each.probability for each in shadow.diseases if each.code == first.code), 0.0)
    return _judged(same, abs(first.probability - theirs))


def _judged(agreed: bool, difference: float) -> Tally:
    return Tally(judged=1, agreed=int(agreed), difference_sum=difference)
