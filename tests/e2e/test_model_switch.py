"""Models are switched while photos pour in: none is refused, and each answer is the named version's own."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.manifest import Task
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel, load_model
from inference.store import TASKS, ModelStore
from inference.suitability import judge
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo
from tests.models import build_model, make_manifest, overwrite, write_model

POSTERS = 16
PHOTOS = 8
SWITCH_SECONDS = 15.0
"""A gateway notices within two seconds; sixteen posters on a few busy cores may take the rest."""
TOLERANCE = 1e-6
MOST_GROWTH_KB = 200_000

Answers = list[dict[str, float]]
"""What one version answers to each photo: probabilities by disease, or P(usable)."""


def _model(task: Task, version: int) -> onnx.ModelProto:
    """A model whose answers depend on the photo, and on the version: its last weights differ."""
    model = build_model(make_manifest(task, version=version))
    last = next(each for each in model.graph.initializer if each.name == _last_weights(model))
    values = numpy_helper.to_array(last)
    shifted = values + np.random.default_rng(version).standard_normal(values.shape).astype(np.float32)
    last.CopyFrom(numpy_helper.from_array(shifted.astype(np.float32), last.name))
    return model


def _last_weights(model: onnx.ModelProto) -> str:
    return str(next(node.input[1] for node in model.graph.node if node.op_type == "Gemm"))


@dataclass
class _Posters:
    """Threads that post the same few photos without pause, and hold each answer against what is expected."""

    gateway: GatewayProcess
    expected: dict[str, Answers]
    stopping: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Versions that answered requests begun after `look_anew`: those under way keep the model they began with."""
    answered: int = 0
    _since: float = 0.0

    def look_anew(self) -> None:
        """Forget which versions answered."""
        self._since = time.monotonic()
        self.seen.clear()

    def run(self, number: int) -> None:
        with httpx.Client(base_url=self.gateway.url, trust_env=False, timeout=60) as http:
            each = number
            while not self.stopping.is_set():
                each = (each + 1) % PHOTOS
                began = time.monotonic()
                try:
                    response = http.post("/api/v1/photos", files={"photo": photo(each)})
                except httpx.HTTPError as error:
                    self.faults.append(repr(error))
                    continue
                self._note(each, response, began)

    def _note(self, number: int, response: httpx.Response, began: float) -> None:
        if response.status_code != 201:
            self.faults.append(f"{response.status_code} {response.text[:300]}")
            return
        document = response.json()
        for answer in filter(None, (document["judgement"], document["ranking"])):
            wanted = self.expected.get(answer["model"], [{}] * PHOTOS)[number]
            if not _same(answer, wanted):
                self.faults.append(f"{answer['model']} on photo {number}: {answer}, wanted {wanted}")
            if began > self._since:
                self.seen.add(answer["model"])
        self.answered += 1


def _same(answer: dict[str, Any], wanted: dict[str, float]) -> bool:
    if "probability" in answer:
        return abs(float(answer["probability"]) - wanted.get("usable", -1)) < TOLERANCE
    found = {each["code"]: each["probability"] for each in answer["diseases"]}
    return set(found) == set(wanted) and all(abs(found[code] - wanted[code]) < TOLERANCE for code in wanted)


def _expected(model: LoadedModel) -> Answers:
    answers = []
    for number in range(PHOTOS):
        picture = PreparedPicture(decode_picture(photo(number), max_pixels=10**7))
        if model.manifest.task == "suitability":
            answers.append({"usable": judge(model, picture).probability})
        else:
            ranking = rank(model, picture, UNKNOWN_CONTEXT, 0.5, 0.1)
            answers.append({each.code: each.probability for each in ranking.diseases})
    return answers


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """Versions 1 and 2 of both tasks, 1 serving, and a version 3 that was tampered with."""
    store = ModelStore(tmp_path / "models")
    for task in TASKS:
        for version in (1, 2, 3):
            manifest = make_manifest(task, version=version, threshold=0.0 if task == "suitability" else 0.5)
            model = build_model(manifest)
            model.graph.CopyFrom(_model(task, version).graph)
            store.add(write_model(tmp_path / f"{task}-{version}", manifest, model))
        store.promote(task, 1)
        spoilt = store.folder(task, 3) / "model.onnx"
        overwrite(spoilt, spoilt.read_bytes()[:-1] + b"x")
    return store


@pytest.fixture
def posters(store: ModelStore, tmp_path: Path) -> Iterator[_Posters]:
    names = [(task, version) for task in TASKS for version in (1, 2)]
    expected = {
        f"{task}/{version}": _expected(load_model(store.folder(task, version), threads=1)) for task, version in names
    }
    with GatewayProcess(tmp_path / "gateway", models=store.root) as gateway:
        posters = _Posters(gateway, expected)
        threads = [threading.Thread(target=posters.run, args=(number,)) for number in range(POSTERS)]
        for thread in threads:
            thread.start()
        yield posters
        posters.stopping.set()
        for thread in threads:
            thread.join()


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SWITCH_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _resident_kb(gateway: GatewayProcess) -> int:
    assert gateway.process is not None
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def test_no_photo_fails_and_each_answer_is_that_of_the_version_it_names(posters: _Posters, store: ModelStore) -> None:
    gateway = posters.gateway

    def serves(version: int) -> None:
        names = {f"{task}/{version}" for task in TASKS}
        posters.look_anew()
        _until(lambda: names <= posters.seen, f"{names} answer")

    serves(1)
    resident = _resident_kb(gateway)
    for _ in range(2):
        for task in TASKS:
            assert gateway.run("models", "promote", f"{task}/2", "--again").returncode == 0
        serves(2)
        for task in TASKS:
            refused = gateway.run("models", "promote", f"{task}/3")
            assert (refused.returncode, "SHA-256" in refused.stderr) == (2, True)
            (store.root / task / "serving").write_text("3\n")
        _until(lambda: gateway.run("check").returncode == 1, "the tampered versions are told")
        serves(2)
        for version in (2, 1):
            for task in TASKS:
                assert f"{task}/{version} serves again" in gateway.run("models", "rollback", task).stdout
            serves(version)
    posters.stopping.set()
    assert posters.faults == []
    assert posters.answered > POSTERS
    assert _resident_kb(gateway) - resident < MOST_GROWTH_KB


def test_a_shadow_is_counted_and_its_answers_are_shown_to_nobody(store: ModelStore, tmp_path: Path) -> None:
    with GatewayProcess(tmp_path / "gateway", models=store.root) as gateway:
        for task in TASKS:
            assert gateway.run("models", "shadow", f"{task}/2").returncode == 0

        def listed() -> dict[str, Any]:
            document: dict[str, Any] = gateway.http.get("/api/v1/models").json()
            return document

        def in_the_shadow() -> int:
            return sum(model["state"] == "shadow" and model["threads"] == 1 for model in listed()["models"])

        _until(lambda: in_the_shadow() == len(TASKS), "the shadows are loaded")
        answers = [gateway.accepted(photo(number)) for number in range(3)]
        assert {answer["judgement"]["model"] for answer in answers} == {"suitability/1"}
        assert {answer["ranking"]["model"] for answer in answers} == {"disease/1"}
        _until(lambda: [each["judged"] for each in listed()["shadows"]] == [3, 3], "all are judged")
        figures = gateway.http.get("/metrics").text
        assert 'dermgate_shadow_judged_total{active="1",shadow="2",task="disease"} 3.0' in figures
        assert 'dermgate_model_threads{task="disease",version="1"}' in figures
        (told,) = json.loads(gateway.run("models", "show", "disease/2").stdout)["shadow"]
        assert (told["active"], told["judged"], told["failed"], told["dropped"]) == (1, 3, 0, 0)
        assert 0 < told["mean_difference"] < 1
