"""A moment's fault of the store decides nothing, and what a hand did there stands."""

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from inference.errors import ManifestError, ModelRefused, StoreError
from inference.states import State
from inference.store import ModelStore
from tests.unit.trainer.loop.surroundings import Killed, Place
from trainer.loop.asking import Letting
from trainer.loop.book import Phase, Shelf
from trainer.loop.rounds import Watcher
from trainer.loop.shadowing import ShadowCount
from trainer.loop.step import Step
from trainer.passing import raise_what_passes
from trainer.photos.gateway_labels import GatewayLabel

SHADOW = Letting(shadow_hours=24)
PROMOTE = Letting(promote=True)


def failing(method: str, monkeypatch: pytest.MonkeyPatch, *, error: Exception) -> pytest.MonkeyPatch:
    """The store's method raises ModelRefused, as from a file that cannot be read."""

    def fail(*_: object, **__: object) -> None:
        raise ModelRefused("model.onnx cannot be read") from error

    monkeypatch.setattr(ModelStore, method, fail)
    return monkeypatch


def its_time_is_over(place: Place) -> Watcher:
    """A watcher whose model has been in the shadow for longer than is asked."""
    place.watcher(SHADOW).look()
    book = place.shelf.open()
    assert book.shadow is not None
    place.shelf.keep(replace(book, shadow=replace(book.shadow, since=datetime.now(UTC) - timedelta(hours=25))))
    return place.watcher(SHADOW)


@pytest.mark.parametrize(
    ("letting", "method", "serves"), [(PROMOTE, "promote", "active"), (SHADOW, "put_in_shadow", "shadow")]
)
def test_a_store_that_fails_for_a_moment_leaves_no_model_a_candidate(
    place: Place, letting: Letting, method: str, serves: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing(method, patch, error=OSError(errno.EIO, "Input/output error"))
        with pytest.raises(OSError, match="Input/output"):
            place.watcher(letting).look()
    assert place.desk.told == []
    place.watcher(letting).look()
    assert [told["serves"] for told in place.desk.told] == [serves]


def test_a_store_that_fails_for_a_moment_withholds_no_model(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = its_time_is_over(place)
    with monkeypatch.context() as patch:
        failing("promote", patch, error=OSError(errno.ESTALE, "Stale file handle"))
        with pytest.raises(OSError, match="Stale"):
            watcher.look()
    assert place.shelf.open().phase is Phase.SHADOW
    assert watcher.look() is Step.WENT_ON
    assert place.store.serving("disease") == 2


def test_a_mark_that_cannot_be_read_for_a_moment_ends_no_shadow(place: Place) -> None:
    place.watcher(SHADOW).look()
    mark = place.store.root / "disease" / "shadow"
    mark.rename(mark.with_name("aside"))
    mark.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        place.watcher(SHADOW).look()
    mark.rmdir()
    mark.with_name("aside").rename(mark)
    assert place.watcher(SHADOW).look() is Step.WAITS
    assert place.shelf.open().phase is Phase.SHADOW


def test_what_serves_and_cannot_be_read_for_a_moment_is_no_reason_to_skip_the_shadow(place: Place) -> None:
    mark = place.store.root / "disease" / "serving"
    there = mark.read_text()

    def lose(where: str) -> None:
        if where == "after the store":
            mark.unlink()
            mark.symlink_to(mark)  # it can be neither read nor looked at

    place.fits.die = lose
    with pytest.raises(OSError, match="symbolic links"):
        place.watcher(SHADOW).look()
    mark.unlink()
    mark.write_text(there)
    place.watcher(SHADOW).look()
    assert [told["serves"] for told in place.desk.told] == ["shadow"]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ManifestError(["manifest.json cannot be read"]), FileNotFoundError()),
        (ModelRefused("another hash"), None),
        (StoreError("damaged"), ValueError()),
        (ValueError(), OSError()),
    ],
)
def test_what_only_a_hand_can_mend_does_not_pass(error: Exception, cause: Exception | None) -> None:
    error.__cause__ = cause
    raise_what_passes(error)


def test_a_file_that_is_gone_withholds_the_model(place: Place) -> None:
    watcher = its_time_is_over(place)
    (place.store.folder("disease", 2) / "manifest.json").unlink()
    assert watcher.look() is Step.REFUSED
    assert (place.desk.told[-1]["came"], place.store.shadow("disease")) == ("refused", None)


@pytest.mark.parametrize("letting", [PROMOTE, SHADOW])
def test_a_store_that_is_an_empty_mount_point_is_waited_for(place: Place, letting: Letting) -> None:
    place.watcher(letting).look()
    place.label(24, 20)
    book = place.shelf.open()
    away = place.folder / "away"
    place.store.root.rename(away)
    place.store.root.mkdir()
    place.desk.said.append(GatewayLabel(99, "p3", "north", None, "rule", "deletion"))
    with pytest.raises(StoreError, match="is it mounted"):
        place.watcher(letting).look()
    assert (place.shelf.open(), len(place.fits.begun)) == (book, 1)
    assert not (place.folder / "cache" / "pictures" / "p3.jpg").exists(), "deleted photos leave the cache all the same"
    place.store.root.rmdir()
    away.rename(place.store.root)
    place.watcher(letting).look()
    assert len(place.fits.begun) == (2 if letting is PROMOTE else 1)


def test_a_watcher_that_never_made_a_model_remembers_that_one_served(place: Place) -> None:
    place.new = 100
    assert place.watcher().look() is Step.WAITS
    place.store.root.rename(place.folder / "away")
    place.store.root.mkdir()
    place.new = 8
    with pytest.raises(StoreError, match="is it mounted"):
        place.watcher().look()
    assert place.fits.begun == []


def test_a_mark_of_what_is_not_in_the_store_does_not_stand_in_the_way(place: Place) -> None:
    (place.store.root / "disease" / "shadow").write_text("7\n")
    place.watcher(SHADOW).look()
    assert (place.store.shadow("disease"), place.desk.told[0]["serves"]) == (2, "shadow")


@pytest.mark.parametrize(
    ("by_hand", "serves", "words"),
    [
        (lambda store: store.promote("disease", 2), "active", "passes the gate"),
        (lambda store: store.retire("disease", 2), "candidate", "retired"),
        (lambda store: store.put_in_shadow("disease", 2), "shadow", "passes the gate"),
    ],
    ids=["promoted", "retired", "put in the shadow"],
)
def test_what_was_done_by_hand_before_the_shadow_is_told_as_it_is(
    place: Place, by_hand: Callable[[ModelStore], object], serves: str, words: str
) -> None:
    def die(where: str) -> None:
        if where == "after the store":
            raise Killed

    place.fits.die = die
    with pytest.raises(Killed):
        place.watcher(SHADOW).look()
    by_hand(place.store)
    place.watcher(SHADOW).look()
    (told,) = place.desk.told
    assert (told["serves"], words in told["words"]) == (serves, True)
    assert place.shelf.open().phase is (Phase.SHADOW if serves == "shadow" else Phase.IDLE)


@pytest.mark.parametrize("moment", ["before it is told", "before the shadow ends", "after the shadow ends"])
def test_that_a_model_is_withheld_is_told_whenever_the_watcher_dies(
    place: Place, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.watcher(SHADOW).look()
    monkeypatch.setattr("trainer.loop.letting.count_shadow", lambda *_: ShadowCount(judged=5, failed=5))
    ended = ModelStore.end_shadow

    def end(store: ModelStore, task: str) -> int | None:
        if moment == "after the shadow ends":
            ended(store, "disease")
        raise Killed

    def keep(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*((Shelf, "keep", keep) if moment == "before it is told" else (ModelStore, "end_shadow", end)))
        with pytest.raises(Killed):
            place.watcher(SHADOW).look()
    place.watcher(SHADOW).look()
    assert [told["came"] for told in place.desk.told] == ["trained", "refused"]
    assert (place.store.state("disease", 2), place.shelf.open().phase) == (State.CANDIDATE, Phase.IDLE)


def test_a_book_that_cannot_be_read_for_a_moment_is_neither_damaged_nor_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "book.json").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        Shelf(tmp_path, "disease").open()
    assert (tmp_path / "book.json").is_dir()
