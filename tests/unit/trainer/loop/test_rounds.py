"""A watcher that dies at any moment goes on: no model is made twice, no sample lost, nothing told twice."""

import errno
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.errors import StoreError
from inference.states import State
from tests.unit.trainer.loop.surroundings import Killed, Place
from trainer.loop.asking import Letting
from trainer.loop.book import Phase, Shelf
from trainer.loop.errors import AlreadyWatched, BookDamaged
from trainer.loop.locking import watching
from trainer.loop.samples import Sample, read_samples, write_samples
from trainer.loop.step import Step
from trainer.photos.claims import Claim
from trainer.photos.gateway_labels import GatewayLabel


def test_a_round_is_run_once_and_told_once(place: Place) -> None:
    assert place.watcher().look() is Step.WENT_ON
    assert (place.store.versions("disease"), place.store.serving("disease")) == ([1, 2], 2)
    assert [(told["came"], told["serves"], told["new_samples"]) for told in place.desk.told] == [
        ("trained", "active", 24)
    ]
    assert place.watcher().look() is Step.WAITS
    place.label(24, 7)
    assert place.watcher().look() is Step.WAITS
    place.label(31, 1)
    assert place.watcher().look() is Step.WENT_ON
    assert place.fits.begun == [False, False]
    samples = read_samples(place.shelf.round(2) / "samples.jsonl", "disease")
    assert (len(samples), sum(sample.is_new for sample in samples)) == (32, 8)


@pytest.mark.parametrize("moment", ["in the fit", "before the store", "after the store"])
def test_who_dies_in_a_fit_goes_on_with_it(place: Place, moment: str) -> None:
    def die(where: str) -> None:
        if where == moment and len(place.fits.begun) == 1:
            raise Killed

    place.fits.die = die
    with pytest.raises(Killed):
        place.watcher().look()
    place.label(24, 20)  # what comes meanwhile is of the next round
    assert place.watcher().look() is Step.WENT_ON
    assert place.store.versions("disease")[:2] == [1, 2]
    assert [told["round"] for told in place.desk.told] == [1, 2]
    assert place.desk.told[0]["new_samples"] == 24
    assert place.fits.begun[:2] == ([False, False] if moment == "after the store" else [False, True])
    assert place.fits.done == 2


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("number", range(6))
def test_who_dies_with_the_book_in_hand_does_nothing_twice(
    place: Place, number: int, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, calls = Shelf.keep, []

    def dying(shelf: Shelf, book: Any) -> Any:
        calls.append(book)
        if len(calls) - 1 == number:
            if kept:
                keep(shelf, book)
            raise Killed
        return keep(shelf, book)

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "keep", dying)
        with pytest.raises(Killed):
            place.watcher().look()
    place.watcher().look()
    assert (place.store.versions("disease"), place.store.serving("disease")) == ([1, 2], 2)
    assert len(place.fits.begun) == 1
    assert [told["came"] for told in place.desk.told] == ["trained"]
    book = place.shelf.open()
    assert (book.round, book.phase, book.untold, len(book.learnt)) == (1, Phase.IDLE, (), 24)


def test_a_model_that_is_refused_is_told_with_what_to_collect_and_not_tried_again(place: Place) -> None:
    place.fits.refuse = True
    assert place.watcher().look() is Step.REFUSED
    assert place.store.versions("disease") == [1]
    (told,) = place.desk.told
    assert (told["came"], told["version"]) == ("refused", None)
    assert list(told["collect"]) == [{"label": "tinea", "test_photos": 20, "train_photos": 40, "why": "too few"}]
    assert place.watcher().look() is Step.WAITS
    assert len(place.fits.begun) == 1


def test_a_gateway_that_does_not_answer_is_told_later(place: Place) -> None:
    place.desk.silent = True
    place.watcher().look()
    assert place.desk.told == []
    place.desk.silent = False
    assert place.watcher().look() is Step.WAITS
    assert [told["came"] for told in place.desk.told] == ["trained"]


def test_a_model_judges_in_the_shadow_before_it_serves(place: Place) -> None:
    letting = Letting(shadow_hours=24, photos=5)
    assert place.watcher(letting).look() is Step.WENT_ON
    assert (place.store.shadow("disease"), place.store.serving("disease")) == (2, 1)
    assert [told["serves"] for told in place.desk.told] == ["shadow"]
    place.label(24, 20)
    assert place.watcher(letting).look() is Step.WAITS  # no other round before it is decided
    book = place.shelf.open()
    assert book.shadow is not None
    place.shelf.keep(replace(book, shadow=replace(book.shadow, since=datetime.now(UTC) - timedelta(hours=25))))
    assert place.watcher(letting).look() is Step.WAITS
    place.desk.judged = 5
    assert place.watcher(replace(letting, shadow_hours=24)).look() is Step.WENT_ON
    assert place.store.state("disease", 2) is State.ACTIVE


def test_who_takes_a_model_out_of_the_shadow_by_hand_is_heard(place: Place) -> None:
    letting = Letting(shadow_hours=24)
    place.watcher(letting).look()
    place.store.end_shadow("disease")
    assert place.watcher(letting).look() is Step.WENT_ON
    assert (place.store.serving("disease"), place.shelf.open().phase) == (1, Phase.IDLE)


def test_a_photo_that_is_deleted_leaves_the_cache_while_a_model_is_in_the_shadow(place: Place) -> None:
    letting = Letting(shadow_hours=24)
    place.watcher(letting).look()
    picture = place.folder / "cache" / "pictures" / "p3.jpg"
    assert picture.is_file()
    place.desk.said.append(GatewayLabel(99, "p3", "north", None, "rule", "deletion"))
    place.watcher(letting).look()
    assert place.shelf.open().phase is Phase.SHADOW
    assert not picture.exists()


def test_a_model_that_is_taken_out_of_the_store_does_not_stop_the_watcher(place: Place) -> None:
    letting = Letting(shadow_hours=24)
    place.watcher(letting).look()
    shutil.rmtree(place.store.folder("disease", 2))
    assert place.watcher(letting).look() is Step.WENT_ON
    assert place.shelf.open().phase is Phase.IDLE


def test_a_model_that_was_retired_before_it_could_serve_stays_so(place: Place) -> None:
    def die(where: str) -> None:
        if where == "after the store":
            raise Killed

    place.fits.die = die
    with pytest.raises(Killed):
        place.watcher().look()
    place.store.retire("disease", 2)
    assert place.watcher().look() is Step.WENT_ON
    assert (place.store.serving("disease"), place.shelf.open().phase) == (1, Phase.IDLE)
    (told,) = place.desk.told
    assert (told["came"], told["serves"]) == ("trained", "candidate")
    assert "retired" in told["words"]


def test_a_store_that_is_full_costs_no_model(place: Place) -> None:
    def full(where: str) -> None:
        if where == "before the store" and len(place.fits.begun) == 1:
            raise StoreError("the store cannot be written") from OSError(errno.ENOSPC, "No space left on device")

    place.fits.die = full
    with pytest.raises(OSError, match="No space"):
        place.watcher().look()
    assert (place.desk.told, place.shelf.open().phase) == ([], Phase.FITTING)
    assert place.watcher().look() is Step.WENT_ON
    assert (place.store.serving("disease"), place.fits.begun) == (2, [False, True])


def test_a_base_set_with_much_said_of_each_photo_is_read_as_it_was_written(tmp_path: Path) -> None:
    facts = {f"column {number}": "x" * 200 for number in range(200)}
    claim = Claim(tmp_path / "a.jpg", "a.jpg", "", diagnosis="nevus", facts=facts)
    written = Sample(claim, "0" * 64, "nevus", "train", is_new=False, is_base=True)
    write_samples([written], tmp_path / "samples.jsonl")
    assert read_samples(tmp_path / "samples.jsonl", "disease") == (written,)


def test_copies_and_new_diseases_wait_in_quarantine_with_the_reason(place: Place) -> None:
    place.desk.said = []
    place.label(0, 12)
    place.desk.say("p12", "eczema", "somebody")
    place.desk.say("p0012", "nevus", "another")  # the picture of p12 again
    assert place.watcher().look() is Step.WENT_ON
    lines = (place.folder / "rounds" / "quarantine.csv").read_text().splitlines()
    assert {line.split(",")[2] for line in lines[1:]} >= {"near_duplicate"}
    assert place.desk.told[0]["held"] == len(lines) - 1
    drift = json.loads((place.shelf.round(1) / "drift.json").read_text())
    assert drift["words"].startswith("too few photos")


def test_one_watcher_at_a_time_looks_after_a_task(tmp_path: Path) -> None:
    with watching(tmp_path, "disease"), watching(tmp_path, "suitability"), pytest.raises(AlreadyWatched):
        watching(tmp_path, "disease").__enter__()
    with watching(tmp_path, "disease"):
        pass


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"task": "disease", "phase": "asleep"}', "\x00"])
def test_a_book_that_is_none_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "book.json").write_text(written)
    with pytest.raises(BookDamaged):
        Shelf(tmp_path, "disease").open()


def test_a_book_of_another_task_is_refused(tmp_path: Path) -> None:
    Shelf(tmp_path, "disease").open()
    with pytest.raises(BookDamaged, match="disease models"):
        Shelf(tmp_path, "suitability").open()
