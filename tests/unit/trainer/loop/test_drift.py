"""What is far apart is told from what chance does; the page shows it in both languages."""

import numpy as np
import pytest

from trainer.loop.drift.page import drift_page
from trainer.loop.drift.shift import (
    Shift,
    kolmogorov_smirnov,
    mean_discrepancy,
    measured,
    population_stability,
    total_variation,
)
from trainer.loop.drift.told import Drift, Scores

RNG = np.random.default_rng(0)
NEW = np.arange(120) < 60
ALONE = np.arange(120)
DEALS = 200


def test_the_same_photos_do_not_drift() -> None:
    scores, embeddings = RNG.random(120), RNG.standard_normal((120, 8))
    for statistic in (kolmogorov_smirnov(scores), mean_discrepancy(embeddings)):
        shift = measured(statistic, NEW, ALONE, 1, DEALS)
        assert not shift.is_more_than_chance
        assert shift.p > 0.05
    assert not measured(total_variation(np.arange(120) % 3), NEW, ALONE, 1, DEALS).is_more_than_chance


def test_other_scores_pictures_and_classes_are_noticed() -> None:
    scores = np.where(NEW, RNG.beta(2, 5, 120), RNG.beta(5, 2, 120))
    embeddings = RNG.standard_normal((120, 8)) + NEW[:, None]
    classes = np.where(NEW, 0, np.arange(120) % 3)
    for statistic in (kolmogorov_smirnov(scores), mean_discrepancy(embeddings), total_variation(classes)):
        shift = measured(statistic, NEW, ALONE, 1, DEALS)
        assert shift.is_more_than_chance
        assert shift.p < 0.02
    assert population_stability(scores, NEW) > 0.25


def test_one_new_patient_with_many_photos_is_no_drift() -> None:
    """Sixty photos of one patient differ from the others because patients differ."""
    patients = np.where(NEW, 0, 1 + np.arange(120) // 60)
    embeddings = RNG.standard_normal((3, 8))[patients] + 0.01 * RNG.standard_normal((120, 8))
    assert not measured(mean_discrepancy(embeddings), NEW, patients, 1, DEALS).is_more_than_chance


def test_distances_are_what_they_are_said_to_be() -> None:
    new = np.array([True, True, False, False])
    assert kolmogorov_smirnov(np.array([0.1, 0.2, 0.8, 0.9]))(new) == 1
    assert kolmogorov_smirnov(np.array([0.5, 0.5, 0.5, 0.5]))(new) == 0
    assert total_variation(np.array([0, 0, 0, 1]))(new) == pytest.approx(0.5)
    assert mean_discrepancy(np.zeros((4, 2)))(new) == pytest.approx(0)


def test_the_page_shows_what_was_found_in_both_languages_and_runs_nothing() -> None:
    shift = Shift(0.4, 0.05, 0.2, 0.002)
    scores = Scores(shift, 0.3, (1, 0, 0, 0, 0, 0, 0, 0, 0, 3), (0, 0, 0, 0, 2, 0, 0, 0, 0, 2))
    page = drift_page(Drift("disease/2", 4, 4, {"nevus": 4}, {"melanoma": 4}, "", shift, scores, shift))
    assert page.count("more than chance") == 3
    assert page.count("우연을 넘음") == 3
    assert "흑색종" in page
    assert "<script" not in page


def test_what_could_not_be_measured_is_said() -> None:
    page = drift_page(Drift("", 2, 0, {"<b>": 2}, {}, "too few photos to compare"))
    assert "too few photos" in page
    assert page.count("측정하지 않음") == 3
    assert "<b>" not in page
