"""A watcher that runs for months outlives a round that cannot be begun, says why, and tries again where it may help."""

import errno
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

from rich.console import Console

from inference.errors import InferenceError
from inference.states import State
from tests.unit.trainer.loop.surroundings import KNOWN, Killed, Place
from trainer.cli import _parse
from trainer.errors import BadData, BadPolicy
from trainer.loop import command
from trainer.loop.asking import Letting
from trainer.loop.book import Came, Outcome, Phase
from trainer.loop.gathering import Base, Rules
from trainer.loop.rounds import Watcher
from trainer.loop.step import Step
from trainer.photos.errors import CacheBusy, NearDuplicates, NotAllowed
from trainer.photos.gateway_cache import LabelCache, open_cache
from trainer.synthetic.album import USABLE, synthetic_photo

UNTOLD = Outcome("untold-1-model", "disease", Came.REFUSED, 1, datetime.now(UTC), 1, 0, "not yet told")


def test_what_serves_is_not_forgotten_for_want_of_photos_and_the_watcher_goes_on(place: Place) -> None:
    place.serve(2, *KNOWN, "melanoma")
    watcher = place.watcher()
    assert watcher.look() is Step.REFUSED
    assert (place.fits.begun, place.shelf.open().learnt, place.shelf.open().phase) == ([], {}, Phase.IDLE)
    (told,) = place.desk.told
    assert (told["came"], told["round"], told["new_samples"], told["version"]) == ("failed", 1, 24, None)
    assert "melanoma" in told["words"]
    assert "melanoma" in place.said.getvalue()
    place.store.promote("disease", 1, again=True)
    assert watcher.look() is Step.WENT_ON
    assert [told["came"] for told in place.desk.told] == ["failed", "trained"]


def test_a_round_that_cannot_be_begun_is_not_tried_over_and_over_but_when_labels_come(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.serve(2, *KNOWN, "melanoma")
    watcher = place.watcher()
    tried: list[object] = []
    monkeypatch.setattr("trainer.loop.rounds.read_gateway", _counted(tried))
    assert [watcher.look() for _ in range(4)] == [Step.REFUSED, *[Step.WAITS] * 3]
    assert len(tried) == 1
    place.label(24, 1)
    assert watcher.look() is Step.REFUSED
    assert (len(tried), len(place.desk.told)) == (2, 1)  # the gateway hears of it once


def test_a_round_that_could_not_be_begun_is_tried_again_in_a_day(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.serve(2, *KNOWN, "melanoma")
    hours = [0.0]
    monkeypatch.setattr("trainer.loop.rounds.monotonic", lambda: hours[-1] * 3600)
    watcher = place.watcher()
    watcher.look()
    hours.append(23.0)
    assert watcher.look() is Step.WAITS
    hours.append(24.5)
    assert watcher.look() is Step.REFUSED


def test_who_looks_once_is_told_each_time_and_the_gateway_once(place: Place) -> None:
    place.serve(2, *KNOWN, "melanoma")
    assert [place.watcher().look() for _ in range(3)] == [Step.REFUSED] * 3
    assert len(place.desk.told) == 1


def test_a_base_set_that_is_gone_by_now_ends_no_watcher(place: Place) -> None:
    place.base = Base(place.folder / "base")
    watcher = place.watcher()
    assert watcher.look() is Step.REFUSED
    assert "base is no folder" in place.said.getvalue()
    for disease in KNOWN:
        (place.folder / "base" / disease).mkdir(parents=True)
        synthetic_photo(USABLE, 900 + len(disease), (160, 160)).save(place.folder / "base" / disease / "a.jpg")
    assert watcher.look() is Step.WENT_ON


@pytest.mark.parametrize("again", ["another photo", "other bytes", "a folder gone", "not a picture"])
def test_a_base_set_of_folders_is_read_again_when_what_is_in_them_changes(place: Place, again: str) -> None:
    place.serve(2, *KNOWN, "melanoma")
    nevus = place.folder / "base" / "nevus"
    (nevus / "empty").mkdir(parents=True)
    synthetic_photo(USABLE, 900, (160, 160)).save(nevus / "a.jpg")
    place.base = Base(place.folder / "base")
    watcher = place.watcher()
    if again != "a folder gone":
        (nevus / "empty").rmdir()
    assert [watcher.look() for _ in range(2)] == [Step.REFUSED, Step.WAITS]
    if again == "another photo":
        synthetic_photo(USABLE, 901, (160, 160)).save(nevus / "b.jpg")
    elif again == "other bytes":
        synthetic_photo(USABLE, 902, (200, 200)).save(nevus / "a.jpg")
    elif again == "a folder gone":
        (nevus / "empty").rmdir()
    else:
        (nevus / "notes.txt").write_text("not a picture")
    assert watcher.look() is (Step.WAITS if again == "not a picture" else Step.REFUSED)


def test_what_stands_in_the_base_set_is_told_to_no_hospital(place: Place) -> None:
    (place.folder / "base").mkdir()
    (place.folder / "kim-minjun.csv").write_text("file,diagnosis,sex\nlee.jpg,nevus,kim minjun of 12 high street\n")
    place.base = Base(place.folder / "base", place.folder / "kim-minjun.csv")
    assert place.watcher().look() is Step.REFUSED
    (told,) = place.desk.told
    assert told["words"].startswith("no round could be begun: the base set cannot be used: the watcher's own output")
    assert "kim" not in told["words"]
    assert "kim-minjun.csv line 2" in place.said.getvalue()
    assert "kim-minjun.csv line 2" in place.shelf.open().halted


def test_what_a_fit_says_of_photos_is_told_to_no_hospital(place: Place) -> None:
    def refuse(_: str) -> None:
        raise NearDuplicates("nearly the same picture on two sides", [("kim-minjun.jpg", "b.jpg")])

    place.fits.die = refuse
    assert place.watcher().look() is Step.REFUSED
    (told,) = place.desk.told
    assert (told["came"], "kim" in told["words"]) == ("failed", False)
    assert "kim-minjun.jpg and b.jpg" in place.said.getvalue()


@pytest.mark.parametrize(
    ("lone", "before", "after"),
    [
        (3, {"rules": Rules(floor=20)}, {"rules": Rules(floor=4)}),
        (3, {"new": 8}, {"new": 3}),
        (8, {"rules": Rules(floor=20, votes=2)}, {"rules": Rules(floor=20)}),
    ],
    ids=["floor", "new", "votes"],
)
def test_a_setting_that_is_changed_makes_it_look_again(
    place: Place, lone: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    place.rules = Rules(floor=20)
    assert place.watcher().look() is Step.WENT_ON
    for number in range(24, 33):  # a disease of too few photos, of which two doctors say the same
        place.desk.say(f"p{number}", "eczema", f"patient{number}")
        place.desk.say(f"p{number}", "eczema", f"patient{number}", voter="lee")
    place.label(33, lone)
    assert [place.changed(before).look() for _ in range(2)] == [Step.WAITS] * 2
    assert place.shelf.open().round == 1
    assert place.changed(after).look() is Step.WENT_ON
    assert place.shelf.open().round == 2


def test_settings_that_stay_cost_no_second_look(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.label(24, 8)
    place.rules = Rules(floor=20)
    place.watcher().look()
    for number in range(32, 41):
        place.desk.say(f"p{number}", "eczema", f"patient{number}")
    tried: list[object] = []
    monkeypatch.setattr("trainer.loop.rounds.read_gateway", _counted(tried))
    assert [place.watcher().look() for _ in range(3)] == [Step.WAITS] * 3
    assert len(tried) == 1


def test_another_model_that_serves_makes_it_look_again(place: Place) -> None:
    place.rules = Rules(floor=20)
    place.watcher().look()
    for number in range(24, 33):
        place.desk.say(f"p{number}", "eczema", f"patient{number}")
    assert place.watcher().look() is Step.WAITS
    place.serve(3, *KNOWN, "eczema")  # what it knows need not wait
    assert place.watcher().look() is Step.WENT_ON


def test_a_model_that_somebody_put_in_the_shadow_stays_there(place: Place) -> None:
    place.add(2, *KNOWN)
    place.store.put_in_shadow("disease", 2)
    assert place.watcher(Letting(shadow_hours=24)).look() is Step.WENT_ON
    assert (place.store.shadow("disease"), place.store.state("disease", 3)) == (2, State.CANDIDATE)
    (told,) = place.desk.told
    assert (told["came"], told["serves"], told["version"]) == ("trained", "candidate", 3)
    assert "disease/2 judges in the shadow" in told["words"]
    assert "dermgate models shadow disease/3" in place.said.getvalue()
    assert place.shelf.open().phase is Phase.IDLE


@pytest.mark.parametrize("mark", ["7\n", "nothing\n"])
def test_what_serves_and_cannot_be_read_is_named_and_nothing_is_fitted(place: Place, mark: str) -> None:
    (place.store.root / "disease" / "serving").write_text(mark)
    with pytest.raises(InferenceError, match=r"disease/(7|serving)"):
        place.watcher().look()
    assert place.fits.begun == []


def test_a_damaged_manifest_of_what_serves_is_named(place: Place) -> None:
    manifest = place.store.folder("disease", 1) / "manifest.json"
    manifest.chmod(0o600)
    manifest.write_text("{}")
    with pytest.raises(InferenceError, match="disease/1"):
        place.watcher().look()
    assert place.fits.begun == []


def test_where_nothing_serves_a_first_model_is_made(place: Place) -> None:
    (place.store.root / "disease" / "serving").unlink()
    assert place.watcher().look() is Step.WENT_ON
    assert place.store.serving("disease") == 2


# -- the command: what ends it, what does not


def look(place: Place, watcher: Watcher | None = None) -> str:
    """One look of a watcher that goes on; what it said."""
    command._look(watcher or place.watcher(), Console(file=place.said, width=1000))
    return place.said.getvalue()


def test_a_store_that_is_out_of_reach_for_a_while_ends_nothing(place: Place) -> None:
    (place.store.root / "disease" / "serving").write_text("7\n")
    assert "disease/7 is not in the store; it is tried again at the next look" in look(place)


@pytest.mark.parametrize("free", range(4))
def test_a_cache_that_is_in_use_halts_no_round(place: Place, free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher opens it `free` times; then another run holds its lock, as long as the look lasts."""
    opened: list[Path] = []

    @contextmanager
    def sharing(folder: Path, url: str) -> Iterator[LabelCache]:
        with ExitStack() as other_run:
            if len(opened) == free:
                other_run.enter_context(open_cache(folder, url))
            opened.append(folder)
            with open_cache(folder, url) as kept:
                yield kept

    watcher = place.watcher()
    with monkeypatch.context() as patch:
        patch.setattr("trainer.photos.gateway_source.open_cache", sharing)
        said = look(place, watcher)
    if free < 3:
        assert "in use by another run; it is tried again at the next look" in said
        assert (place.desk.told, place.shelf.open().halted) == ([], "")
        assert watcher.look() is Step.WENT_ON
    assert [told["came"] for told in place.desk.told] == ["trained"]


def test_a_full_disk_under_the_cache_halts_no_round(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    watcher = place.watcher()
    with monkeypatch.context() as patch:
        patch.setattr(LabelCache, "keep_picture", full)
        assert "No space left on device; it is tried again at the next look" in look(place, watcher)
    assert (place.desk.told, place.shelf.open().halted) == ([], "")
    assert watcher.look() is Step.WENT_ON


def test_a_key_without_the_rights_ends_it(place: Place) -> None:
    place.desk.without_rights = True
    with pytest.raises(NotAllowed):
        look(place)


def test_a_key_that_lost_its_rights_ends_it_before_a_fit_that_was_begun_goes_on(place: Place) -> None:
    def die(where: str) -> None:
        raise Killed

    place.fits.die = die
    with pytest.raises(Killed):
        place.watcher().look()
    place.desk.without_rights = True
    with pytest.raises(NotAllowed):
        look(place)
    assert len(place.fits.begun) == 1


def test_a_key_that_may_not_tell_outcomes_ends_it_and_the_outcome_is_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NotAllowed("the gateway answered 403")

    monkeypatch.setattr(type(place.desk), "post", refuse)
    with pytest.raises(NotAllowed):
        look(place)
    assert [one.came for one in place.shelf.open().untold] == ["trained"]


def test_a_policy_that_cannot_be_used_any_more_ends_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise BadPolicy(["accuracy: is missing"])

    watched = replace(place.watched(Letting()), ask_fit=refuse)  # type: ignore[arg-type]
    with pytest.raises(BadPolicy):
        command._look(Watcher(watched, Console(quiet=True), place.desk), Console(quiet=True))


def test_a_base_set_that_is_none_ends_the_command_at_once(tmp_path: Path) -> None:
    words = ["watch", "--gateway", "http://127.0.0.1:9", "--task", "disease", "--cache", str(tmp_path / "cache"),
             "--base", str(tmp_path / "none"), "--store", str(tmp_path / "models")]  # fmt: skip
    with pytest.raises(BadData, match="none is no folder"):
        command.run(_parse(words), Console(quiet=True), _parse)


def test_a_cache_in_use_keeps_nobody_from_telling_what_came(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "GatewayClient", lambda *_: place.desk)
    place.shelf.keep(replace(place.shelf.open(), untold=(UNTOLD,)))
    with open_cache(place.folder / "cache", place.desk.url), pytest.raises(CacheBusy):
        command.run(_once(place), Console(quiet=True), _parse)
    assert [told["id"] for told in place.desk.told] == [UNTOLD.id]
    assert command.run(_once(place), Console(quiet=True), _parse) == 0


def test_who_looks_once_without_the_base_set_still_tells_and_ends_a_shadow(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "GatewayClient", lambda *_: place.desk)
    place.watcher(Letting(shadow_hours=24)).look()
    place.store.end_shadow("disease")
    book = place.shelf.open()
    place.shelf.keep(replace(book, untold=(replace(UNTOLD, round=book.round),)))
    assert command.run(_once(place, "--base", str(place.folder / "none")), Console(quiet=True), _parse) == 0
    assert place.shelf.open().phase is Phase.IDLE
    assert [told["id"] for told in place.desk.told][1:] == [UNTOLD.id]


def _once(place: Place, *more: str) -> Namespace:
    words = ["watch", "--once", "--gateway", place.desk.url, "--task", "disease", "--shadow", "24",
             "--cache", str(place.folder / "cache"), "--store", str(place.store.root),
             "--rounds", str(place.folder / "rounds"), *more]  # fmt: skip
    return _parse(words)


def test_a_cache_of_another_gateway_ends_the_command_at_once(tmp_path: Path) -> None:
    (tmp_path / "cache" / "pictures").mkdir(parents=True)
    (tmp_path / "cache" / "gateway.json").write_text('{"url": "http://127.0.0.1:8", "kinds": []}')
    words = ["watch", "--gateway", "http://127.0.0.1:9", "--task", "disease", "--cache", str(tmp_path / "cache"),
             "--store", str(tmp_path / "models")]  # fmt: skip
    with pytest.raises(BadData, match="another gateway"):
        command.run(_parse(words), Console(quiet=True), _parse)


def _counted(tried: list[object]) -> object:
    from trainer.photos.gateway_source import read_gateway  # noqa: PLC0415 - the one that is replaced

    def counting(*args: object, **more: object) -> object:
        tried.append(args)
        return read_gateway(*args, **more)  # type: ignore[arg-type]

    return counting
