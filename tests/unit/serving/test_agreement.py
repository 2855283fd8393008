import numpy as np
import pytest

from gateway.serving.agreement import DROPPED, FAILED, Tally, compare_judgements, compare_rankings
from inference.disease import Ranking
from inference.rules import RankedDisease
from inference.suitability import Judgement


def judgement(probability: float, threshold: float = 0.5) -> Judgement:
    return Judgement(probability >= threshold, probability, threshold, (), "suitability/1", demonstration=True)


def ranking(**probabilities: float) -> Ranking:
    ranked = sorted(probabilities.items(), key=lambda each: -each[1])
    diseases = tuple(RankedDisease(rank, code, value) for rank, (code, value) in enumerate(ranked, 1))
    return Ranking(diseases[0].probability >= 0.5, 0.5, "disease/1", diseases, (), np.zeros(2, np.float32), True)


def test_of_nothing_judged_no_difference_is_told() -> None:
    assert FAILED.plus(DROPPED).mean_difference is None


@pytest.mark.parametrize(("active", "shadow", "agreed"), [(0.9, 0.6, 1), (0.1, 0.4, 1), (0.6, 0.4, 0), (0.4, 0.6, 0)])
def test_judgements_agree_where_both_or_neither_call_a_photo_usable(active: float, shadow: float, agreed: int) -> None:
    tally = compare_judgements(judgement(active), judgement(shadow))
    assert (tally.judged, tally.agreed) == (1, agreed)
    assert tally.difference_sum == pytest.approx(abs(active - shadow))


def test_each_judges_by_its_own_threshold() -> None:
    assert compare_judgements(judgement(0.7, 0.6), judgement(0.7, 0.8)).agreed == 0


@pytest.mark.parametrize(
    ("shadow", "agreed", "difference"),
    [
        ({"NEV": 0.6, "MEL": 0.4}, 1, 0.1),
        ({"NEV": 0.45, "MEL": 0.3, "BCC": 0.25}, 0, 0.25),
        ({"MEL": 0.8, "NEV": 0.2}, 0, 0.5),
        ({"MEL": 0.8, "BCC": 0.2}, 0, 0.7),
    ],
)
def test_rankings_agree_on_the_first_disease_and_whether_it_is_decided(
    shadow: dict[str, float], agreed: int, difference: float
) -> None:
    tally = compare_rankings(ranking(NEV=0.7, MEL=0.3), ranking(**shadow))
    assert (tally.judged, tally.agreed) == (1, agreed)
    assert tally.difference_sum == pytest.approx(difference)


def test_tallies_add_up() -> None:
    whole = Tally(judged=3, agreed=1, difference_sum=0.3).plus(Tally(judged=1, agreed=1, failed=2, difference_sum=0.5))
    assert (whole.judged, whole.agreed, whole.failed) == (4, 2, 2)
    assert whole.mean_difference == pytest.approx(0.2)
