import json
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference.bundling import install_bundled
from inference.errors import ManifestError, StoreError
from inference.manifest import Task
from inference.store import ModelStore
from tests.models import make_manifest, overwrite, write_model


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


def add(store: ModelStore, task: Task, *versions: int) -> None:
    for version in versions:
        manifest = make_manifest(task, version=version)
        store.add(write_model(store.root.parent / f"made-{task}-{version}", manifest))


@pytest.mark.parametrize("task", ["", ".", "..", "../disease", "disease/1", "Disease", "other"])
def test_what_is_no_task_is_refused(store: ModelStore, task: str) -> None:
    with pytest.raises(StoreError, match="no task"):
        store.folder(task, 1)


@pytest.mark.parametrize("version", [0, -1, 10**9, "..", "1/../../2", "01", "1\n", "٣", ""])
def test_what_is_no_version_is_refused(store: ModelStore, version: int) -> None:
    with pytest.raises(StoreError, match="no version"):
        store.folder("disease", version)


def test_a_missing_store_is_told(store: ModelStore) -> None:
    with pytest.raises(StoreError, match="no model store"):
        store.versions("disease")
    with pytest.raises(StoreError, match="serving is missing"):
        store.serving("disease")
    assert store.serving_mark("disease") is None


def test_a_version_that_is_not_there_cannot_serve(store: ModelStore) -> None:
    add(store, "disease", 1)
    with pytest.raises(StoreError, match="not in the store"):
        store.promote("disease", 2)


@pytest.mark.parametrize("text", ["", "x", "../1", "1 2", "1" * 100, "0", "\xff"])
def test_a_serving_file_that_names_no_version_is_told(store: ModelStore, text: str) -> None:
    add(store, "disease", 1)
    (store.root / "disease" / "serving").write_bytes(text.encode("latin-1"))
    with pytest.raises(StoreError, match="disease/serving"):
        store.serving("disease")


def test_a_serving_file_that_names_a_missing_version_is_told(store: ModelStore) -> None:
    add(store, "disease", 1)
    (store.root / "disease" / "serving").write_text("7\n")
    with pytest.raises(StoreError, match="disease/7 is not in the store"):
        store.serving("disease")


def test_a_model_with_another_hash_is_neither_taken_nor_promoted(store: ModelStore, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "made", make_manifest("disease"))
    store.add(folder)
    for place in (folder, store.folder("disease", 1)):
        overwrite(place / "model.onnx", b"other")
    with pytest.raises(StoreError, match="SHA-256"):
        store.add(folder)
    with pytest.raises(StoreError, match="SHA-256"):
        store.promote("disease", 1)


@pytest.mark.parametrize("name", ["model.onnx", "card.md", "photos.sha256"])
def test_an_incomplete_model_is_not_taken(store: ModelStore, tmp_path: Path, name: str) -> None:
    folder = write_model(tmp_path / "made", make_manifest("disease"))
    (folder / name).unlink()
    with pytest.raises(StoreError, match=name):
        store.add(folder)
    assert not store.root.exists() or store.versions("disease") == []


def test_a_model_without_a_manifest_is_not_taken(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        store.add(tmp_path)


def test_a_version_is_never_replaced(store: ModelStore, tmp_path: Path) -> None:
    add(store, "disease", 1)
    other = write_model(tmp_path / "other", make_manifest("disease", code_version="other"))
    with pytest.raises(StoreError, match="never replaced"):
        store.add(other)


def test_a_folder_with_another_versions_manifest_cannot_serve(store: ModelStore) -> None:
    add(store, "disease", 1)
    store.folder("disease", 1).rename(store.folder("disease", 2))
    with pytest.raises(StoreError, match="disease/1"):
        store.promote("disease", 2)


def test_a_copy_that_fails_leaves_nothing_behind(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_model(tmp_path / "made", make_manifest("disease"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.add(folder)
    assert list((store.root / "disease").iterdir()) == []


def test_going_back_from_the_first_version_is_refused(store: ModelStore) -> None:
    add(store, "disease", 1)
    store.promote("disease", 1)
    with pytest.raises(StoreError, match="no version of disease served before"):
        store.rollback("disease")
    assert store.serving("disease") == 1


def test_the_same_model_again_is_no_error(store: ModelStore, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "made", make_manifest("disease", version=4))
    assert [store.add(folder), store.add(folder)] == [4, 4]
    assert store.versions("disease") == [4]


def test_versions_are_listed_by_number_without_strangers(store: ModelStore) -> None:
    add(store, "disease", 10, 9, 1)
    (store.root / "disease" / ".half-made").mkdir()
    (store.root / "disease" / "12").write_text("a file")
    assert store.versions("disease") == [1, 9, 10]
    assert store.next_version("disease") == 11
    assert store.next_version("suitability") == 1


def test_promotions_and_going_back(store: ModelStore) -> None:
    add(store, "disease", 1, 2, 3)
    for version in (1, 2, 3):
        store.promote("disease", version)
    assert [store.rollback("disease"), store.rollback("disease")] == [2, 1]
    assert store.serving("disease") == 1
    assert [(change.action, change.version) for change in store.history("disease")] == [
        ("promoted", 1),
        ("promoted", 2),
        ("promoted", 3),
        ("rolled_back", 2),
        ("rolled_back", 1),
    ]


def test_the_mark_changes_with_every_promotion(store: ModelStore) -> None:
    add(store, "disease", 1)
    marks = []
    for _ in range(3):
        store.promote("disease", 1)
        marks.append(store.serving_mark("disease"))
    assert len(set(marks)) == 3


def test_readers_never_see_half_a_switch(store: ModelStore) -> None:
    add(store, "disease", 1, 2)
    store.promote("disease", 1)

    def switch(turn: int) -> None:
        store.promote("disease", 1 + turn % 2, again=True)

    with ThreadPoolExecutor(3) as pool:
        switching = [pool.submit(switch, turn) for turn in range(20)]
        while not all(each.done() for each in switching):
            assert store.serving("disease") in (1, 2)
    assert len(store.history("disease")) == 21


def test_the_states_of_versions(store: ModelStore) -> None:
    add(store, "disease", 1, 2, 3, 4, 5)
    store.promote("disease", 1)
    store.promote("disease", 2)
    store.retire("disease", 4)
    store.put_in_shadow("disease", 3)
    states = [store.state("disease", version) for version in store.versions("disease")]
    assert states == ["retired", "active", "shadow", "retired", "candidate"]
    with pytest.raises(StoreError, match="not in the store"):
        store.state("disease", 6)


def test_what_is_retired_serves_again_only_by_saying_so(store: ModelStore) -> None:
    add(store, "disease", 1, 2, 3)
    store.promote("disease", 1)
    store.promote("disease", 2)
    store.retire("disease", 3)
    for version in (1, 3):
        with pytest.raises(StoreError, match="is retired"):
            store.promote("disease", version)
    assert store.serving("disease") == 2
    store.promote("disease", 3, again=True)
    assert store.serving("disease") == 3


def test_what_serves_cannot_be_retired_nor_put_in_its_own_shadow(store: ModelStore) -> None:
    add(store, "disease", 1)
    store.promote("disease", 1)
    with pytest.raises(StoreError, match="promote another version or roll back first"):
        store.retire("disease", 1)
    with pytest.raises(StoreError, match="serves already"):
        store.put_in_shadow("disease", 1)


def test_going_back_passes_over_what_was_retired_by_hand(store: ModelStore) -> None:
    add(store, "disease", 1, 2, 3)
    for version in (1, 2, 3):
        store.promote("disease", version)
    store.retire("disease", 2)
    assert store.rollback("disease") == 1


def test_going_back_to_what_was_tampered_with_is_refused(store: ModelStore) -> None:
    add(store, "disease", 1, 2)
    store.promote("disease", 1)
    store.promote("disease", 2)
    overwrite(store.folder("disease", 1) / "model.onnx", b"other")
    with pytest.raises(StoreError, match="SHA-256"):
        store.rollback("disease")
    assert store.serving("disease") == 2


def test_one_version_at_most_judges_in_the_shadow_and_promotion_ends_that(store: ModelStore) -> None:
    add(store, "disease", 1, 2, 3)
    store.promote("disease", 1)
    for version in (2, 3):
        store.put_in_shadow("disease", version)
    assert store.shadow("disease") == 3
    assert store.state("disease", 2) == "candidate"
    store.promote("disease", 3)
    assert store.shadow("disease") is None
    assert store.end_shadow("disease") is None


def test_the_shadow_is_left_by_hand_by_retiring_and_when_its_mark_is_spoilt(store: ModelStore) -> None:
    add(store, "disease", 1, 2)
    store.promote("disease", 1)
    store.put_in_shadow("disease", 2)
    assert store.end_shadow("disease") == 2
    store.put_in_shadow("disease", 2)
    store.retire("disease", 2)
    assert store.shadow("disease") is None
    (store.root / "disease" / "shadow").write_text("no version")
    with pytest.raises(StoreError, match="disease/shadow"):
        store.shadow("disease")
    assert store.end_shadow("disease") is None
    assert store.shadow("disease") is None


def test_a_promotion_that_died_before_the_shadow_was_left_casts_none(store: ModelStore) -> None:
    add(store, "disease", 1)
    store.promote("disease", 1)
    (store.root / "disease" / "shadow").write_text("1\n")
    assert store.shadow("disease") is None
    assert store.state("disease", 1) == "active"


def test_what_came_with_a_model_is_kept_and_nothing_else(store: ModelStore, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "made", make_manifest("disease"))
    for name in ("decision.json", "report.html", "weights.pt"):
        (folder / name).write_text("kept?")
    store.add(folder)
    held = {path.name for path in store.folder("disease", 1).iterdir()}
    assert held == {"model.onnx", "manifest.json", "card.md", "photos.sha256", "decision.json", "report.html"}


def test_the_files_of_a_version_can_only_be_read(store: ModelStore) -> None:
    add(store, "disease", 1)
    modes = {path.stat().st_mode & 0o777 for path in store.folder("disease", 1).iterdir()}
    assert modes == {0o444}


def bundle(folder: Path) -> Path:
    for task in ("suitability", "disease"):
        for version in (1, 2):
            write_model(folder / task / str(version), make_manifest(task, version=version))
    return folder


def test_bundled_models_fill_an_empty_store(store: ModelStore, tmp_path: Path) -> None:
    bundled = bundle(tmp_path / "bundled")
    assert install_bundled(store, bundled) == ["suitability/2", "disease/2"]
    assert (store.serving("suitability"), store.serving("disease")) == (2, 2)
    assert install_bundled(store, bundled) == []


def test_a_store_in_use_is_left_alone(store: ModelStore, tmp_path: Path) -> None:
    add(store, "disease", 5)
    assert install_bundled(store, bundle(tmp_path / "bundled")) == ["suitability/2"]
    assert store.versions("disease") == [5]


def test_an_installation_cut_short_is_finished(store: ModelStore, tmp_path: Path) -> None:
    bundled = bundle(tmp_path / "bundled")
    store.add(bundled / "disease" / "1")
    assert "disease/2" in install_bundled(store, bundled)


def test_replicas_that_start_together_agree(store: ModelStore, tmp_path: Path) -> None:
    bundled = bundle(tmp_path / "bundled")
    context = multiprocessing.get_context("spawn")
    replicas = [context.Process(target=install_bundled, args=(store, bundled)) for _ in range(3)]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.join()
    assert [replica.exitcode for replica in replicas] == [0, 0, 0]
    assert store.serving("disease") == 2


def test_what_is_written_can_be_read_by_other_users(store: ModelStore) -> None:
    add(store, "disease", 1)
    store.promote("disease", 1)
    assert store.folder("disease", 1).stat().st_mode & 0o777 == 0o755
    assert (store.root / "disease" / "serving").stat().st_mode & 0o777 == 0o644
    assert json.loads((store.folder("disease", 1) / "manifest.json").read_text())["version"] == 1


def test_a_version_takes_the_place_in_the_shadow_only_where_it_is_free_if_so_asked(store: ModelStore) -> None:
    add(store, "disease", 1, 2, 3)
    store.promote("disease", 1)
    store.put_in_shadow("disease", 2, displace=False)
    store.put_in_shadow("disease", 2, displace=False)
    with pytest.raises(StoreError, match="disease/2 judges in the shadow"):
        store.put_in_shadow("disease", 3, displace=False)
    assert store.shadow("disease") == 2
    store.put_in_shadow("disease", 3)
    assert store.shadow("disease") == 3


def test_nothing_serving_is_told_from_what_cannot_be_read(store: ModelStore) -> None:
    add(store, "disease", 1)
    assert store.served("disease") is None
    store.promote("disease", 1)
    assert store.served("disease") == 1
    (store.root / "disease" / "serving").write_text("9\n")
    with pytest.raises(StoreError, match="disease/9"):
        store.served("disease")
