"""A model in the shadow is counted and never seen, and costs what is posted nothing."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.exc import OperationalError

from gateway.database import Database
from gateway.migrations.upgrade import upgrade
from gateway.serving import shadow
from gateway.serving.agreement import Pair, Tally
from gateway.serving.models import ServedModels
from gateway.serving.shadow import Answered, ShadowJudge
from gateway.serving.tallies import add_tallies, read_agreements
from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.errors import ModelFailed
from inference.manifest import Task
from inference.picture import Picture
from inference.prepared import PreparedPicture
from inference.rules import SUITABILITY_LABELS
from inference.runtime import LoadedModel
from inference.store import ModelStore
from inference.suitability import Judgement, judge
from tests.models import DISEASES, build_model, certain_of, make_manifest, write_model

SUITABILITY, DISEASE = Pair("suitability", 1, 2), Pair("disease", 1, 2)


class Kept:
    """What was kept; it can be out of order for a while."""

    def __init__(self) -> None:
        self.tallies: defaultdict[Pair, Tally] = defaultdict(Tally)
        self.broken = False

    def __call__(self, tallies: Mapping[Pair, Tally]) -> None:
        if self.broken:
            raise OperationalError("INSERT", {}, Exception("locked"))
        for pair, tally in tallies.items():
            self.tallies[pair] = self.tallies[pair].plus(tally)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_QUIET_SECONDS", 0.01), ("_PATIENCE_SECONDS", 0.2), ("_KEEP_SECONDS", 0.05)):
        monkeypatch.setattr(shadow, name, seconds)


@pytest.fixture
def models(tmp_path: Path) -> Iterator[ServedModels]:
    """Version 1 of both tasks serves; version 2 calls the photo usable too, and another disease its first."""
    store = ModelStore(tmp_path / "store")
    answers: tuple[tuple[Task, int, str, float], ...] = (
        ("suitability", 1, "usable", 0.9),
        ("suitability", 2, "usable", 0.7),
        ("disease", 1, "NEV", 0.9),
        ("disease", 2, "MEL", 0.9),
    )
    for task, version, label, probability in answers:
        manifest = make_manifest(task, version=version)
        labels = SUITABILITY_LABELS if task == "suitability" else DISEASES
        model = build_model(manifest, probabilities=certain_of(labels, label, probability))
        store.add(write_model(tmp_path / f"{task}-{version}", manifest, model))
        if version == 1:
            store.promote(task, version)
        else:
            store.put_in_shadow(task, version)
    with ServedModels(store, threads=1, check_seconds=0.02) as models:
        yield models


@contextmanager
def running(models: ServedModels, kept: Kept) -> Iterator[ShadowJudge]:
    judging = ShadowJudge(models, kept)
    judging.start()
    try:
        yield judging
    finally:
        judging.stop()


def answered(models: ServedModels) -> Answered:
    picture = PreparedPicture(Picture(Image.new("RGB", (256, 256), "tan"), 1, 256, 256, "jpeg"))
    judgement = judge(models.suitability(), picture)
    ranking = rank(models.disease(), picture, UNKNOWN_CONTEXT, 0.5, 0.1)
    return Answered(picture, UNKNOWN_CONTEXT, judgement, ranking, 0.1)


def soon(happened: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_both_tasks_are_judged_and_counted(models: ServedModels) -> None:
    kept = Kept()
    with running(models, kept) as judging:
        for _ in range(3):
            judging.offer(answered(models))
        assert soon(lambda: kept.tallies[DISEASE].judged == 3)
    suitability, disease = kept.tallies[SUITABILITY], kept.tallies[DISEASE]
    assert (suitability.judged, suitability.agreed) == (3, 3)
    assert suitability.mean_difference == pytest.approx(0.2, abs=1e-3)
    assert (disease.judged, disease.agreed) == (3, 0)
    assert disease.mean_difference == pytest.approx(0.88, abs=1e-3)


def test_what_waits_is_bounded_and_the_rest_dropped_and_counted(models: ServedModels) -> None:
    kept = Kept()
    photos = [answered(models) for _ in range(shadow.MOST_WAITING + 4)]
    judging = ShadowJudge(models, kept)
    begun = time.monotonic()
    for photo in photos:
        judging.offer(photo)
    assert time.monotonic() - begun < 0.1
    judging.start()
    assert soon(lambda: kept.tallies[SUITABILITY].judged == shadow.MOST_WAITING)
    judging.stop()
    assert kept.tallies[SUITABILITY].dropped == kept.tallies[DISEASE].dropped == 4


def test_large_pictures_are_bounded_by_their_pixels(models: ServedModels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow, "MOST_WAITING_PIXELS", 2 * 256 * 256)
    kept = Kept()
    with running(models, kept) as judging, judging.judging():
        for _ in range(3):
            judging.offer(answered(models))
        assert soon(lambda: kept.tallies[SUITABILITY].dropped == 1)


def test_it_lets_photos_that_are_being_judged_pass_first_though_not_for_ever(models: ServedModels) -> None:
    kept = Kept()
    with running(models, kept) as judging, judging.judging():
        begun = time.monotonic()
        judging.offer(answered(models))
        assert soon(lambda: kept.tallies[SUITABILITY].judged == 1)
        assert time.monotonic() - begun >= 0.2


def test_a_shadow_that_fails_is_counted_and_the_next_photo_judged(
    models: ServedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    failing = threading.Event()
    failing.set()

    def judged(model: LoadedModel, picture: PreparedPicture) -> Judgement:
        if failing.is_set():
            failing.clear()
            raise ModelFailed("no answer")
        return judge(model, picture)

    monkeypatch.setattr("gateway.serving.shadow.judge", judged)
    with running(models, kept) as judging:
        for _ in range(2):
            judging.offer(answered(models))
        assert soon(lambda: kept.tallies[SUITABILITY].judged == 1)
    assert kept.tallies[SUITABILITY].failed == 1


def test_counts_that_cannot_be_kept_are_kept_later(models: ServedModels) -> None:
    kept = Kept()
    kept.broken = True
    with running(models, kept) as judging:
        judging.offer(answered(models))
        time.sleep(0.3)
        kept.broken = False
        assert soon(lambda: kept.tallies[SUITABILITY].judged == 1)


def test_without_a_shadow_nothing_waits(models: ServedModels, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "store")
    store.end_shadow("suitability")
    store.end_shadow("disease")
    assert soon(lambda: models.shadow("suitability") is models.shadow("disease") is None)
    kept = Kept()
    with running(models, kept) as judging:
        judging.offer(answered(models))
        time.sleep(0.2)
    assert not kept.tallies


def test_counts_of_several_processes_add_up(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/dermgate.db")
    upgrade(database)
    for tally in (Tally(judged=2, agreed=1, difference_sum=0.5), Tally(judged=2, dropped=1, difference_sum=0.3)):
        with database.write() as unit_of_work:
            add_tallies(unit_of_work, {DISEASE: tally, SUITABILITY: Tally(failed=1)})
    with database.read() as session:
        disease, suitability = read_agreements(session)
    database.close()
    assert (disease.task, disease.active, disease.shadow) == ("disease", 1, 2)
    assert (disease.judged, disease.agreed, disease.dropped) == (4, 1, 1)
    assert disease.mean_difference == pytest.approx(0.2)
    assert (suitability.failed, suitability.mean_difference) == (2, None)
