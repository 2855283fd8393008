import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from gateway.serving.models import NoModelServes, ServedModels
from inference.manifest import Task
from inference.store import ModelStore
from tests.models import make_manifest, overwrite, write_model

NOTICED_WITHIN_SECONDS = 2.0


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "store")
    for task in ("suitability", "disease"):
        add(store, task, 1)
        store.promote(task, 1)
    return store


@pytest.fixture
def models(store: ModelStore) -> Iterator[ServedModels]:
    with ServedModels(store, threads=1, check_seconds=0.05) as models:
        yield models


def add(store: ModelStore, task: Task, version: int) -> None:
    store.add(write_model(store.root.parent / f"made-{task}-{version}", make_manifest(task, version=version)))


def spoil(store: ModelStore, task: Task, version: int) -> None:
    overwrite(store.folder(task, version) / "model.onnx", b"spoilt")


def soon(happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + NOTICED_WITHIN_SECONDS
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_without_a_store_the_gateway_starts_and_says_what_is_missing(tmp_path: Path) -> None:
    with ServedModels(ModelStore(tmp_path / "nowhere")) as models:
        with pytest.raises(NoModelServes, match="serving is missing"):
            models.disease()
        assert set(models.faults()) == {"suitability", "disease"}
        assert models.describe() == []


def test_a_spoilt_model_keeps_its_task_from_serving_and_the_other_goes_on(
    store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(store, "disease", 1)
    with caplog.at_level(logging.ERROR), ServedModels(store) as models:
        with pytest.raises(NoModelServes, match="SHA-256"):
            models.disease()
        assert models.suitability().manifest.name == "suitability/1"
        assert [record.state for record in models.describe()] == ["active", "refused"]
    assert "refused" in caplog.text


def test_a_refused_new_model_leaves_the_old_one_serving_and_says_why(models: ServedModels, store: ModelStore) -> None:
    add(store, "disease", 2)
    spoil(store, "disease", 2)
    (store.root / "disease" / "serving").write_text("2\n")
    assert soon(lambda: "disease" in models.faults())
    assert models.disease().manifest.version == 1
    newest, oldest = (record for record in models.describe() if record.task == "disease")
    assert (newest.version, newest.state) == (2, "refused")
    assert "SHA-256" in (newest.reason or "")
    assert (oldest.version, oldest.state, oldest.serving, oldest.reason) == (1, "active", True, None)


def test_a_serving_file_that_vanishes_or_names_nothing_changes_nothing(models: ServedModels, store: ModelStore) -> None:
    (store.root / "disease" / "serving").unlink()
    assert soon(lambda: "missing" in models.faults().get("disease", ""))
    (store.root / "disease" / "serving").write_text("99\n")
    assert soon(lambda: "not in the store" in models.faults().get("disease", ""))
    assert models.disease().manifest.version == 1


def test_a_folder_with_another_models_manifest_is_refused(models: ServedModels, store: ModelStore) -> None:
    add(store, "disease", 2)
    store.folder("disease", 2).rename(store.folder("disease", 3))
    (store.root / "disease" / "serving").write_text("3\n")
    assert soon(lambda: "that of disease/2" in models.faults().get("disease", ""))


def test_a_promotion_and_going_back_are_noticed_within_two_seconds(store: ModelStore) -> None:
    add(store, "suitability", 2)
    with ServedModels(store) as models:
        store.promote("suitability", 2)
        assert soon(lambda: models.suitability().manifest.version == 2)
        store.rollback("suitability")
        assert soon(lambda: models.suitability().manifest.version == 1)


def test_a_store_that_is_mended_serves(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "store")
    with ServedModels(store, check_seconds=0.05) as models:
        add(store, "disease", 1)
        store.promote("disease", 1)
        assert soon(lambda: "disease" not in models.faults())
        assert models.disease().manifest.version == 1


def test_every_request_finishes_while_models_are_switched(store: ModelStore) -> None:
    for version in (2, 3, 4):
        add(store, "disease", version)
    image = {"image": np.zeros((1, 3, 32, 32), np.float32)}
    seen: set[int] = set()
    faults: list[BaseException] = []
    done = threading.Event()

    with ServedModels(store, threads=1, check_seconds=0.02) as models:

        def ask() -> None:
            try:
                while not done.is_set():
                    model = models.disease()
                    model.run(image)
                    seen.add(model.manifest.version)
            except BaseException as fault:
                faults.append(fault)
                raise

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        for version in (2, 3, 4):
            store.promote("disease", version)
            assert soon(partial(seen.__contains__, version))
        done.set()
        for asker in askers:
            asker.join()
    assert not faults
    assert seen >= {2, 3, 4}


def test_records_tell_what_people_ask_for(models: ServedModels, store: ModelStore) -> None:
    add(store, "disease", 2)
    records = {(record.task, record.version): record for record in models.describe()}
    assert [(task, version) for task, version in records] == [("suitability", 1), ("disease", 2), ("disease", 1)]
    newest = records["disease", 2]
    assert (newest.state, newest.demonstration, newest.reason) == ("candidate", True, None)
    assert newest.manifest is not None
    assert newest.manifest.architecture.hidden_layers == 10


def test_a_version_whose_manifest_cannot_be_read_is_refused(models: ServedModels, store: ModelStore) -> None:
    add(store, "disease", 2)
    overwrite(store.folder("disease", 2) / "manifest.json", b"{}")
    record = next(record for record in models.describe() if record.version == 2)
    assert (record.state, record.manifest, record.demonstration) == ("refused", None, None)
    assert "Field required" in (record.reason or "")


def test_closing_ends_the_watch_and_models_go_on_working(store: ModelStore) -> None:
    models = ServedModels(store)
    models.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "model-store"]
    assert models.suitability().run({"image": np.zeros((1, 3, 32, 32), np.float32)})


def test_the_old_model_is_freed_when_its_last_request_ends(models: ServedModels, store: ModelStore) -> None:
    add(store, "disease", 2)
    in_hand = models.disease()
    session = weakref.ref(in_hand.session)
    store.promote("disease", 2)
    assert soon(lambda: models.disease().manifest.version == 2)
    assert session() is not None
    del in_hand
    gc.collect()
    assert session() is None


def test_threads_are_measured_once_for_a_model_file_and_told(store: ModelStore) -> None:
    with ServedModels(store) as models:
        chosen = {record.task: record.threads for record in models.describe()}
    assert set(chosen) == {"suitability", "disease"}
    assert all(threads is not None and 1 <= threads <= 4 for threads in chosen.values())
    assert len(list(store.measured_folder.iterdir())) == 2


def test_a_store_that_can_only_be_read_serves(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("inference.threads.replace_text", read_only)
    with ServedModels(store) as models:
        assert models.faults() == {}
