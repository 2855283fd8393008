"""Files of pretrained weights: refused with the place of the fault, or loaded whole."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="networks need the extra 'train' (torch), which is not installed")

import torch
from torch import Tensor

from trainer.networks.backbone import Origin
from trainer.networks.errors import BadWeights
from trainer.networks.mobilenet import CLASSIFIER, FoldedMobileNetV2
from trainer.networks.opening import open_backbone
from trainer.networks.suitability import SuitabilityNetwork
from trainer.networks.trunk import OwnTrunk
from trainer.networks.weights import file_sha256


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    """What a good file holds, with drawn values."""
    network = FoldedMobileNetV2(Origin("random", pretrained=True))
    state, names = network.state_dict(), network.names_in_file()
    return {names[own]: tensor for own, tensor in state.items()} | {
        name: torch.zeros(shape) for name, shape in CLASSIFIER.items()
    }


def saved(path: Path, content: object) -> str:
    torch.save(content, path)
    return str(path)


def refused(spec: str) -> str:
    with pytest.raises(BadWeights) as refusal:
        open_backbone(spec)
    return str(refusal.value)


def test_an_absent_file_is_named_without_its_folder(tmp_path: Path) -> None:
    words = refused(str(tmp_path / "absent.pth"))
    assert words.startswith("absent.pth cannot be read")
    assert str(tmp_path) not in words


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.pth"
    path.write_text("no weights")
    assert "not a PyTorch file of plain tensors" in refused(str(path))


class Payload:
    """What an attacker would put into a pickle."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("1/0",))


def test_a_file_that_would_run_code_is_refused_without_running_it(tmp_path: Path) -> None:
    assert "plain tensors" in refused(saved(tmp_path / "evil.pth", {"stem.weight": Payload()}))


def test_a_file_of_numbers_is_refused(tmp_path: Path) -> None:
    assert "something else than named tensors" in refused(saved(tmp_path / "list.pth", [torch.zeros(2)]))


def test_a_tensor_too_few_or_too_many_is_named(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    fewer = {name: tensor for name, tensor in tensors.items() if name != "head.bias"}
    assert "it lacks head.bias" in refused(saved(tmp_path / "fewer.pth", fewer))
    assert "it has extra" in refused(saved(tmp_path / "more.pth", tensors | {"extra": torch.zeros(1)}))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (torch.zeros(31), "stem.bias has the shape (31,), not (32,)"),
        (torch.zeros(32, dtype=torch.float16), "stem.bias is not finite float32"),
        (torch.full((32,), float("nan")), "stem.bias is not finite float32"),
    ],
)
def test_a_tensor_of_the_wrong_kind_is_named(
    tmp_path: Path, tensors: dict[str, Tensor], wrong: Tensor, words: str
) -> None:
    assert words in refused(saved(tmp_path / "wrong.pth", tensors | {"stem.bias": wrong}))


def test_a_good_file_is_loaded_and_named_by_its_hash(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    path = Path(saved(tmp_path / "good.pth", tensors))
    backbone = open_backbone(str(path))
    assert torch.equal(backbone.state_dict()["stages.0.0.weight"], tensors["stem.weight"])
    assert torch.equal(backbone.state_dict()["stages.18.0.bias"], tensors["head.bias"])
    assert backbone.origin.sha256 == file_sha256(path)
    assert backbone.pretrained


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    assert refused(str(tmp_path)) == f"{tmp_path.name} has no config.json"


def test_the_trunk_of_an_earlier_run_is_taken_for_another_task(tmp_path: Path) -> None:
    earlier = SuitabilityNetwork(OwnTrunk(), 8, 3)
    path = saved(tmp_path / "weights.pt", earlier.state_dict())
    trunk = open_backbone(path)
    assert trunk.origin == Origin("own, fitted before", pretrained=True, sha256=file_sha256(Path(path)))
    mine = trunk.state_dict()
    for name, tensor in earlier.backbone.state_dict().items():
        assert name.endswith("num_batches_tracked") or torch.equal(mine[name], tensor)


def test_weights_of_another_trunk_are_refused(tmp_path: Path) -> None:
    state = SuitabilityNetwork(OwnTrunk(), 8, 3).state_dict()
    lacking = {name: tensor for name, tensor in state.items() if not name.startswith("backbone.stages.5")}
    assert "is not the weights of our own trunk: it lacks stages.5" in refused(saved(tmp_path / "less.pt", lacking))
    assert "lacks stages.0" in refused(saved(tmp_path / "none.pt", {"head.weight": torch.zeros(2, 2)}))
    holed = state | {"backbone.stages.0.convolution.norm.weight": torch.full((48,), torch.nan)}
    assert "not finite float32" in refused(saved(tmp_path / "holed.pt", holed))
