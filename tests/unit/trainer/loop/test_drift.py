"""What is far apart is told from what chance does; the page shows it in both languages."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from inference.runtime import LoadedModel
from inference.store import ModelStore
from tests.models import build_model, make_manifest, write_model
from trainer.loop import second_side
from trainer.loop.drift import measuring
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
from trainer.loop.samples import Place, Sample
from trainer.photos.claims import Claim

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


def samples(place: Place, count: int, *, is_new: bool = False) -> list[Sample]:
    names = [f"{place}{number}{is_new}" for number in range(count)]
    return [Sample(Claim(Path(name), name, ""), name, "nevus", place, is_new=is_new, is_base=False) for name in names]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    made = ModelStore(tmp_path / "models")
    manifest = make_manifest("disease", labels=("nevus", "tinea"), malignant=())
    made.add(write_model(tmp_path / "first", manifest, build_model(manifest)))
    made.promote("disease", 1)
    return made


def test_new_photos_are_compared_with_old_ones_that_no_model_has_learnt(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model is surer of what it was fitted to: beside that, everything new would pass for drift."""
    asked: list[str] = []

    def answers(_: LoadedModel, new: Sequence[Sample], old: Sequence[Sample]) -> measuring._Answers:
        asked.extend(one.place for one in old)
        is_new, patients = measuring._sets(new, old)
        return measuring._Answers(np.linspace(0, 1, len(is_new)), None, is_new, patients)

    monkeypatch.setattr(measuring, "_ask", answers)
    old = [*samples("train", 20), *samples("resting", 9), *samples("val", 3), *samples("test", 4)]
    new = samples("train", 12, is_new=True)
    few = measuring.drift_report(store, "disease", [*old, *new], tmp_path)
    assert "too few old photos were not trained on" in few[0]
    assert "drift of classes" in few[1]
    told = measuring.drift_report(store, "disease", [*old, *samples("second", 2), *new], tmp_path)
    assert set(asked) == {"val", "test", "second"}
    assert any("drift of scores" in line for line in told)
    assert "9 old photos that were not trained on" in (tmp_path / "drift.html").read_text()


def test_the_second_side_is_asked_of_who_came_last(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_side, "MOST_PHOTOS", 3)
    monkeypatch.setattr(second_side, "_first", lambda _, sample: "nevus" if sample.sha256 >= "second4" else "tinea")
    held_out = samples("second", 7)
    (line,) = second_side.try_second_side(store, "disease", [1], held_out, tmp_path)
    assert "3 of 3 photos right" in line
