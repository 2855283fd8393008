"""Handing over in small but for real: judged, exported, compared, quantised, judged again, stored; or refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

pytest.importorskip("torch", reason="handing over needs the extra 'train' (torch), which is not installed")

import torch
from torch import Tensor, nn

from inference.contract import EMBEDDING, IMAGE
from inference.errors import ModelRefused, StoreError
from inference.graph import PROBABILITIES, HiddenSize, hidden_size
from inference.manifest import MODEL_NAME, Manifest, Metric
from inference.runtime import load_model
from inference.store import ModelStore
from trainer.errors import BelowGate, ExportDiffers, NothingToQuantise
from trainer.evaluation.scored import Scored
from trainer.handover.decision import Decision
from trainer.handover.draft import make_draft
from trainer.handover.examined import Examined
from trainer.handover.export import to_onnx, with_metadata
from trainer.handover.finished import Finished, Papers
from trainer.handover.parity import check_parity
from trainer.handover.photos_side import Side, ask
from trainer.handover.policy import Policy, parse_policy, threshold_alone
from trainer.handover.publish import hand_over
from trainer.handover.quantise import inner_layers, to_int8

LABELS = ("nevus", "melanoma")
SIDE, CHANNELS, LAYERS = 32, 50, 11
OUTPUTS = (PROBABILITIES, EMBEDDING)


class Small(nn.Module):
    """Convolutions, their mean, a linear layer: probabilities and an embedding."""

    def __init__(self, layers: int = LAYERS) -> None:
        super().__init__()
        widths = [3, *[CHANNELS] * layers]
        self.layers = nn.ModuleList(
            [nn.Conv2d(a, b, 3, 2 if place < 2 else 1, 1) for place, (a, b) in enumerate(pairwise(widths))]
        )
        self.head = nn.Linear(CHANNELS, len(LABELS))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        features = image - 0.5
        for place, layer in enumerate(self.layers):
            changed = torch.relu(layer(features))
            features = changed if place < 2 else features + changed
        inner = features.mean((2, 3))
        return torch.softmax(self.head(inner), 1), nn.functional.normalize(inner, dim=1)


class Colours:
    """Two labels that redness alone tells apart, with some noise."""

    def __init__(self, count: int, seed: int) -> None:
        rng = torch.Generator().manual_seed(seed)
        self.targets = torch.arange(count) % 2
        self.images = torch.rand(count, 3, SIDE, SIDE, generator=rng) * 0.5
        self.images[self.targets == 1, 0] += 0.4

    def in_order(self, batch_size: int) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        for chosen in torch.split(torch.arange(len(self.targets)), batch_size):
            yield (self.images[chosen],), self.targets[chosen]


def side(count: int, seed: int) -> Side:
    return Side(Colours(count, seed), (IMAGE,))


TRAINING, TEST = side(24, 1), side(40, 2)


def papers(manifest: Manifest, examined: Examined, decision: Decision) -> Papers:
    return Papers(f"# {manifest.name}, {len(examined.scored)} photos, passed: {decision.passed}\n", "<!doctype html>\n")


def accuracy(examined: Examined) -> dict[str, Metric]:
    return {"accuracy": Metric(value=float(examined.scored.right.mean()), n=len(examined.scored))}


@pytest.fixture(scope="module")
def network() -> Small:
    """A network fitted for a few steps: right of every photo of the test side."""
    torch.manual_seed(3)
    torch.set_num_threads(1)
    network, examples = Small(), Colours(64, 4)
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(12):
        optimiser.zero_grad()
        chosen = network(examples.images)[0][torch.arange(64), examples.targets]
        (-chosen.clamp_min(1e-6).log().mean()).backward()
        optimiser.step()
    return network.eval()


@pytest.fixture(scope="module")
def graph(network: Small) -> onnx.ModelProto:
    return to_onnx(network, next(TEST.batches(2)), OUTPUTS)


@pytest.fixture
def exported(graph: onnx.ModelProto, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exporting takes seconds and gives the same each time: the graph exported once is taken."""
    monkeypatch.setattr("trainer.handover.publish.to_onnx", lambda *_: _copy(graph))


@pytest.fixture
def finished(network: Small) -> Finished:
    with torch.inference_mode():
        answers = np.concatenate([network(batch[IMAGE])[0].numpy() for batch in TEST.batches()]).astype(np.float64)
    photos = len(TEST)
    scored = Scored(
        LABELS, answers, TEST.examples.targets.numpy(), tuple(f"p{n}" for n in range(photos)), ("photo",) * photos
    )
    assert scored.right.all()
    return Finished(
        examined=Examined("disease", scored, dict.fromkeys(LABELS, 32), malignant=("melanoma",)),
        architecture="small",
        served=network,
        outputs=OUTPUTS,
        training=TRAINING,
        test=TEST,
        image_size=SIDE,
        threshold=0.5,
        temperature=1.0,
        photos=frozenset({"0" * 64}),
        fingerprint="1" * 64,
        demonstration=True,
        credits=(),
        measure=accuracy,
        describe=papers,
    )


def policy(*rules: str) -> Policy:
    return parse_policy("\n".join(["accuracy.threshold = 0.9", *rules]))


def written(run: Path) -> dict[str, object]:
    said: dict[str, object] = json.loads((run / "decision.json").read_text(encoding="utf-8"))
    assert (run / "decision.md").read_text(encoding="utf-8").startswith("# The disease model")
    return said


def test_below_the_gate_nothing_is_exported_and_the_decision_is_written(finished: Finished, tmp_path: Path) -> None:
    half = finished.examined.scored.probabilities[:, ::-1].copy()
    half[:20] = finished.examined.scored.probabilities[:20]
    weak = replace(
        finished, examined=replace(finished.examined, scored=finished.examined.scored.with_probabilities(half))
    )
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    with pytest.raises(BelowGate) as refusal:
        hand_over(weak, policy(), store, run)
    assert not refusal.value.decision.passed
    assert written(run)["passed"] is False
    assert not store.root.exists()
    assert sorted(path.name for path in run.iterdir()) == ["decision.json", "decision.md"]


@pytest.mark.usefixtures("exported")
def test_a_file_over_the_limits_is_refused_though_the_network_passed(finished: Finished, tmp_path: Path) -> None:
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    with pytest.raises(BelowGate, match="megabytes of the file"):
        hand_over(finished, policy("limits.file_megabytes_at_most = 0.01"), store, run)
    assert written(run)["passed"] is False
    assert not store.root.exists()
    assert not (run / "model").exists()


def test_answers_of_another_order_are_a_mistake_of_the_caller(finished: Finished, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another order"):
        hand_over(replace(finished, test=side(39, 2)), policy(), ModelStore(tmp_path), tmp_path)


def test_a_gate_at_another_threshold_than_the_models_is_a_mistake_of_the_caller(
    finished: Finished, tmp_path: Path
) -> None:
    other = replace(finished.examined, task="suitability", usable_threshold=0.4)
    with pytest.raises(ValueError, match="another threshold"):
        hand_over(replace(finished, examined=other), policy(), ModelStore(tmp_path), tmp_path)


def test_a_file_that_answers_otherwise_than_the_network_is_not_handed_over(
    finished: Finished, graph: onnx.ModelProto, tmp_path: Path
) -> None:
    draft = make_draft(finished, graph, "float32", 1, tmp_path / "draft")
    parity = check_parity(finished.served, draft.model, TEST)
    assert (parity.photos, parity.same_first) == (40, 1.0)
    assert parity.largest_difference < 1e-4
    torch.manual_seed(9)
    with pytest.raises(ExportDiffers, match="differ by"):
        check_parity(Small().eval(), draft.model, TEST)
    with pytest.raises(ExportDiffers, match="without photos"):
        check_parity(finished.served, draft.model, side(0, 2))


def test_a_network_that_gives_no_numbers_is_not_like_its_file(
    finished: Finished, network: Small, graph: onnx.ModelProto, tmp_path: Path
) -> None:
    class Numberless(nn.Module):
        def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
            probabilities, embedding = network(image)
            return probabilities, embedding * float("nan")

    draft = make_draft(finished, _copy(graph), "float32", 1, tmp_path / "draft")
    with pytest.raises(ExportDiffers, match="differ by inf"):
        check_parity(Numberless(), draft.model, TEST)


def test_a_network_that_cannot_be_exported_is_told_so() -> None:
    class Undecided(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return image.mean((2, 3)) if image.sum() > 0 else image.amax((2, 3))

    with pytest.raises(ExportDiffers, match="cannot be written"):
        to_onnx(Undecided(), next(TEST.batches(2)), (PROBABILITIES,))


@pytest.mark.usefixtures("exported")
def test_a_store_that_cannot_be_written_is_told_and_the_model_kept(finished: Finished, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="the store cannot be written") as refusal:
        hand_over(finished, policy(), ModelStore(tmp_path / "store"), tmp_path / "run")
    assert str(tmp_path) not in str(refusal.value)
    assert load_model(tmp_path / "run" / "model", threads=1).manifest.version == 1


def test_a_file_that_takes_fewer_inputs_gets_the_first_of_them() -> None:
    examples = Colours(5, 1)
    two = SimpleNamespace(
        targets=examples.targets,
        in_order=lambda size: (((*one, one[0]), truth) for one, truth in examples.in_order(size)),
    )
    assert [list(batch) for batch in Side(two, (IMAGE,)).batches()] == [[IMAGE]]


def test_too_few_layers_are_not_handed_over(finished: Finished, tmp_path: Path) -> None:
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    shallow = replace(finished, served=Small(layers=3).eval())
    with pytest.raises(ModelRefused, match="3 hidden layers"):
        hand_over(shallow, policy(), store, run)
    assert not store.root.exists()
    assert [path.name for path in run.iterdir() if path.is_dir()] == [], "no draft is left behind"


def test_a_model_that_passes_is_stored_with_its_decision_and_may_serve(finished: Finished, tmp_path: Path) -> None:
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    served = finished.examined.scored
    handed = hand_over(finished, policy("served.margin = 0", "limits.milliseconds_at_most = 1000"), store, run, served)
    assert (handed.version, handed.size.layers) == (1, LAYERS)
    store.promote("disease", 1)
    model = load_model(store.folder("disease", 1), threads=1)
    assert model.manifest.precision == "float32"
    assert model.manifest.metrics["accuracy"].value == 1.0
    assert written(run)["passed"] is True
    assert "the policy does not ask for int8" in (run / "decision.md").read_text(encoding="utf-8")
    kept = {path.name for path in (run / "model").iterdir()}
    assert {MODEL_NAME, "card.md", "decision.json", "manifest.json", "photos.sha256", "report.html"} == kept
    assert (run / "model" / "card.md").read_text(encoding="utf-8") == "# disease/1, 40 photos, passed: True\n"
    assert np.abs(ask(model, TEST).probabilities - finished.examined.scored.probabilities).max() < 1e-4


@pytest.mark.usefixtures("exported")
def test_int8_that_is_not_fast_enough_is_left_and_the_decision_says_why(finished: Finished, tmp_path: Path) -> None:
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    handed = hand_over(finished, policy("int8.faster_by_at_least = 0.99"), store, run)
    choice = handed.decision.precision
    assert choice is not None
    assert choice.chosen == "float32"
    assert "99% less is asked for" in choice.why
    assert [one.precision for one in choice.candidates] == ["float32", "int8"]
    assert load_model(store.folder("disease", 1), threads=1).manifest.precision == "float32"


@pytest.mark.usefixtures("exported")
def test_int8_that_will_not_load_is_left_and_float32_handed_over(
    finished: Finished, graph: onnx.ModelProto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = to_int8(graph, TRAINING)
    broken.graph.input[0].name = "picture"
    for node in broken.graph.node:
        node.input[:] = ["picture" if name == IMAGE else name for name in node.input]
    monkeypatch.setattr("trainer.handover.publish.to_int8", lambda *_: broken)
    handed = hand_over(finished, policy("[int8]"), ModelStore(tmp_path / "store"), tmp_path / "run")
    assert handed.decision.precision is not None
    assert handed.decision.precision.chosen == "float32"
    assert "not int8: the inputs are picture" in handed.decision.precision.why


@pytest.mark.usefixtures("exported")
def test_int8_is_handed_over_where_float32_is_too_large_and_int8_as_good(finished: Finished, tmp_path: Path) -> None:
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    handed = hand_over(finished, policy("limits.file_megabytes_at_most = 0.5", "[int8]"), store, run)
    model = load_model(store.folder("disease", handed.version), threads=1)
    assert model.manifest.precision == "int8"
    assert handed.file_bytes < 500_000
    assert handed.decision.precision is not None
    assert handed.decision.precision.verdicts_agree == 1.0
    assert [one.passed for one in handed.decision.precision.candidates] == [False, True]


def test_the_same_weights_give_the_same_bytes(network: Small, graph: onnx.ModelProto) -> None:
    again = to_onnx(network, next(TEST.batches(2)), OUTPUTS)
    assert with_metadata(again, {"task": "disease"}) == with_metadata(_copy(graph), {"task": "disease"})
    whole, second = to_int8(graph, TRAINING), to_int8(graph, TRAINING)
    assert with_metadata(whole, {}) == with_metadata(second, {})


def test_layers_and_units_are_counted_alike_in_int8(graph: onnx.ModelProto) -> None:
    small = to_int8(graph, TRAINING)
    assert hidden_size(small) == hidden_size(graph) == HiddenSize(LAYERS, LAYERS * CHANNELS)
    assert small.ByteSize() < graph.ByteSize() / 2.5


def test_the_first_layer_and_the_last_stay_float32(graph: onnx.ModelProto) -> None:
    layers = [node for node in graph.graph.node if node.op_type in {"Conv", "Gemm"}]
    inner = inner_layers(graph)
    assert inner == [node.name for node in layers[1:-1]]


def test_activations_right_behind_a_layer_go_with_it(graph: onnx.ModelProto) -> None:
    def activations(model: onnx.ModelProto) -> int:
        return sum(node.op_type == "Relu" for node in model.graph.node)

    assert activations(graph) == LAYERS
    assert activations(to_int8(graph, TRAINING)) == 1, "that of the first layer, which stays float32"


def test_a_network_without_inner_layers_has_nothing_to_quantise() -> None:
    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(3, 2)

        def forward(self, image: Tensor) -> Tensor:
            return torch.softmax(self.head(image.mean((2, 3))), 1)

    flat = to_onnx(Flat().eval(), next(TEST.batches(2)), (PROBABILITIES,))
    with pytest.raises(NothingToQuantise):
        to_int8(flat, TRAINING)


def test_without_photos_to_calibrate_with_there_is_no_int8(graph: onnx.ModelProto) -> None:
    with pytest.raises(NothingToQuantise):
        to_int8(graph, side(0, 1))


@pytest.mark.usefixtures("exported")
def test_a_second_model_is_the_next_version_and_the_first_stays(finished: Finished, tmp_path: Path) -> None:
    store, run = ModelStore(tmp_path / "store"), tmp_path / "run"
    for version in (1, 2):
        assert hand_over(finished, threshold_alone(0.9), store, run).version == version
    manifests = [load_model(store.folder("disease", version), threads=1).manifest for version in (1, 2)]
    assert manifests[0].model_sha256 == manifests[1].model_sha256


def _copy(graph: onnx.ModelProto) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(graph)
    return copy
