"""Pretrained backbones of every known family, and what of them agrees with the file that serves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")
pytest.importorskip("transformers", reason="needs the extra 'train' (transformers)")

import numpy as np
import onnx
import onnxruntime
import torch
import transformers
from torch import nn

from inference.graph import hidden_size as hidden_size_of_file
from tests.integration.trainer.shared import shared_data
from trainer.handover.export import to_onnx
from trainer.networks.backbone import Backbone
from trainer.networks.disease import DiseaseNetwork
from trainer.networks.errors import BadWeights
from trainer.networks.opening import open_backbone
from trainer.networks.served import ServedDisease, ServedSuitability
from trainer.networks.size import hidden_size
from trainer.networks.suitability import SuitabilityNetwork

SIDE = 64
PICTURES = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
PATCHES = torch.rand(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(2))
CONTEXT = torch.zeros(2, 5)


def _convnext(kind: str) -> nn.Module:
    config = getattr(transformers, f"{kind}Config")(hidden_sizes=[8, 16], depths=[1, 2], num_stages=2)
    model: nn.Module = getattr(transformers, f"{kind}Model")(config)
    return model


def _dinov2(kind: str) -> nn.Module:
    config = getattr(transformers, f"{kind}Config")(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=7
    )
    model: nn.Module = getattr(transformers, f"{kind}Model")(config)
    return model


def _resnet() -> nn.Module:
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 2], layer_type="basic")
    model: nn.Module = transformers.ResNetModel(config)
    return model


def _mobilenet() -> nn.Module:
    model: nn.Module = transformers.MobileNetV2Model(transformers.MobileNetV2Config(depth_multiplier=0.25))
    return model


FAMILIES: dict[str, Callable[[], nn.Module]] = {
    "resnet": _resnet,
    "convnext": lambda: _convnext("ConvNext"),
    "convnextv2": lambda: _convnext("ConvNextV2"),
    "mobilenet_v2": _mobilenet,
    "dinov2": lambda: _dinov2("Dinov2"),
    "dinov2_with_registers": lambda: _dinov2("Dinov2WithRegisters"),
}


def saved(model: nn.Module, folder: Path, **preprocessing: object) -> Path:
    model.eval().save_pretrained(folder)  # type: ignore[operator]  # every transformers model has it
    if preprocessing:
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_from_a_folder_answers_in_stages_as_it_did_whole(family: str, tmp_path: Path) -> None:
    model = FAMILIES[family]()
    folder = saved(model, tmp_path / family, image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.25])
    backbone = open_backbone(str(folder)).eval()
    with torch.no_grad():
        spread = torch.tensor([0.5, 0.5, 0.25]).reshape(1, 3, 1, 1)
        whole = model((PICTURES - 0.5) / spread).last_hidden_state
        found = backbone(PICTURES)
        cut = backbone.finish(backbone.begin(PICTURES, 2), 2)
    if whole.dim() == 3:
        whole = whole[:, -found[0, 0].numel() :].transpose(1, 2).reshape(found.shape)
    assert found.shape[1] == backbone.width
    assert torch.allclose(found, whole, atol=1e-5)
    assert torch.equal(cut, found)
    assert backbone.pretrained
    assert backbone.name == family
    assert backbone.origin.sha256 is not None


@pytest.mark.parametrize("family", ["convnextv2", "dinov2"])
def test_size_and_answers_of_a_pretrained_network_agree_with_its_file(family: str, tmp_path: Path) -> None:
    assert_agrees(open_backbone(str(saved(FAMILIES[family](), tmp_path / family))))


def test_size_and_answers_of_our_own_network_agree_with_its_file() -> None:
    assert_agrees(open_backbone(None))


def assert_agrees(backbone: Backbone) -> None:
    network = DiseaseNetwork(backbone, 6, 5).eval()
    inputs = {"image": PICTURES, "context": CONTEXT}
    served = ServedDisease(network, 0.8)
    file = to_onnx(served, inputs, ("probabilities", "embedding"))
    assert hidden_size(network, tuple(inputs.values())) == hidden_size_of_file(file)
    assert_answers_alike(served, file, inputs)


def assert_answers_alike(served: nn.Module, file: onnx.ModelProto, inputs: dict[str, torch.Tensor]) -> None:
    session = onnxruntime.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(["probabilities"], {name: tensor.numpy() for name, tensor in inputs.items()})[0]
    with torch.no_grad():
        answer = served(*inputs.values())
    expected = answer[0] if isinstance(answer, tuple) else answer
    assert np.abs(found - expected.numpy()).max() < 1e-4


def test_size_and_answers_of_the_suitability_network_agree_with_its_file() -> None:
    network = SuitabilityNetwork(open_backbone(None), 8, 3).eval()
    inputs = {"image": PICTURES, "patches": PATCHES}
    served = ServedSuitability(network, 1.0)
    file = to_onnx(served, inputs, ("probabilities",))
    size = hidden_size(network, tuple(inputs.values()))
    assert size == hidden_size_of_file(file)
    assert size.layers >= 10
    assert size.units >= 500
    assert_answers_alike(served, file, inputs)


def test_a_family_that_is_not_known_is_named(tmp_path: Path) -> None:
    config = transformers.ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    folder = saved(transformers.ViTModel(config), tmp_path / "vit")
    with pytest.raises(BadWeights, match="type 'vit' is not known; known are convnext"):
        open_backbone(str(folder))


def test_a_model_that_lacks_tensors_is_refused(tmp_path: Path) -> None:
    folder = saved(_resnet(), tmp_path / "resnet")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"depths": [1, 3]}))
    with pytest.raises(BadWeights, match="resnet lacks"):
        open_backbone(str(folder))


@pytest.mark.parametrize("content", ["", "[1]", '{"model_type": "nothing"}'])
def test_a_damaged_configuration_is_refused(tmp_path: Path, content: str) -> None:
    folder = saved(_resnet(), tmp_path / "resnet")
    (folder / "config.json").write_text(content)
    with pytest.raises(BadWeights):
        open_backbone(str(folder))


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = saved(_resnet(), tmp_path / "resnet")
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(BadWeights):
        open_backbone(str(folder))


@pytest.mark.parametrize(
    "said",
    [
        {"image_mean": [0.5]},
        {"image_mean": None},
        {"image_std": [0, 1, 1]},
        {"image_std": "abc"},
        {"image_std": [float("nan"), 1, 1]},
    ],
)
def test_a_spread_that_cannot_be_is_refused(tmp_path: Path, said: dict[str, object]) -> None:
    folder = saved(_resnet(), tmp_path / "resnet", **said)
    with pytest.raises(BadWeights, match="preprocessor_config"):
        open_backbone(str(folder))


def test_the_licence_is_read_from_the_models_card(tmp_path: Path) -> None:
    folder = saved(_resnet(), tmp_path / "resnet")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# a model\n")
    assert open_backbone(str(folder)).origin.licence == "apache-2.0"


def test_the_shared_weights_know_a_photo_of_a_cat() -> None:
    """The classifier that the backbone leaves out names what it was trained on: padding and scale are right."""
    weights = shared_data("weights") / "mobilenet_v2_1.0_224_imagenet_folded.pth"
    backbone = open_backbone(str(weights)).eval()
    assert backbone.origin.licence == "Apache-2.0"
    tensors = torch.load(weights, weights_only=True)
    names = (weights.parent / "imagenet_labels.txt").read_text().splitlines()
    with torch.no_grad():
        features = backbone(_photo(shared_data("skin-real") / "not-skin" / "cat.jpg")).mean((2, 3))
        named = (features @ tensors["classifier.weight"].T + tensors["classifier.bias"]).topk(3).indices[0]
    assert any("cat" in names[int(index)] for index in named)


def _photo(path: Path) -> torch.Tensor:
    from inference.preprocess import whole_image  # noqa: PLC0415 - only this test looks at a photo
    from trainer.reading import read_picture  # noqa: PLC0415 - as above

    return torch.from_numpy(whole_image(read_picture(path.read_bytes(), path.name), 224))[None]
