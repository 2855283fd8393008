"""The temperature is found on one side and judged on the other."""

import numpy as np
import pytest

from tests.unit.trainer.evaluation.cases import drawn_scored, scored_of
from trainer.evaluation.bootstrap import point
from trainer.evaluation.numbers.probability import calibration_error, log_loss
from trainer.evaluation.scored import Scored
from trainer.evaluation.temperature import calibrated, likeliest_temperature, logits_of
from trainer.metrics import softmax


def overconfident(seed: int, by: float) -> Scored:
    scored = drawn_scored(seed, 3000)
    return scored.with_probabilities(np.asarray(softmax(logits_of(scored) * by, 1.0), dtype=np.float64))


@pytest.mark.parametrize("by", [0.5, 1.0, 2.5])
def test_the_temperature_found_undoes_what_was_done(by: float) -> None:
    scored = overconfident(1, by)
    assert likeliest_temperature(logits_of(scored), scored.truth) == pytest.approx(by, rel=0.08)


def test_the_test_side_has_no_say_in_the_temperature() -> None:
    tune, test = overconfident(1, 2.5), overconfident(2, 2.5)
    temperature, better = calibrated(tune, test)
    assert temperature == calibrated(tune, overconfident(3, 9.0))[0]
    for number in (log_loss, calibration_error):
        assert point(number(better), 3000) < point(number(test), 3000)
    assert (better.named == test.named).all(), "who is first does not change"


def test_photos_that_are_all_right_are_no_reason_to_be_surer() -> None:
    assert likeliest_temperature(np.zeros((0, 3)), np.zeros(0, dtype=np.int64)) == 1.0
    certain = scored_of([[0.6, 0.2, 0.2]] * 5, [0] * 5)
    assert likeliest_temperature(logits_of(certain), certain.truth) == 1.0


def test_photos_that_are_all_wrong_give_a_temperature_within_bounds() -> None:
    wrong = scored_of([[0.6, 0.2, 0.2]] * 5, [1] * 5)
    assert likeliest_temperature(logits_of(wrong), wrong.truth) == pytest.approx(20, rel=1e-3)
