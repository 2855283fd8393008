"""A file of pretrained weights, opened without running anything in it, and checked tensor by tensor."""

import hashlib
import pickle
from pathlib import Path

import torch
from torch import Tensor

from trainer.networks.backbone import Origin
from trainer.networks.errors import BadWeights
from trainer.networks.mobilenet import CLASSIFIER, FoldedMobileNetV2
from trainer.networks.trunk import OwnTrunk

MOST_BYTES = 200_000_000
_TRUNK = "backbone."
_COUNT = "num_batches_tracked"  # how many batches a norm has seen: of no use to another run
_KNOWN = {
    "67eab735d0fa59b04cc1e6caeed4e6997062f3be77fd6d6946ed965a5bf3afca": Origin(
        "mobilenet_v2_1.0_224_imagenet_folded",
        pretrained=True,
        sha256="67eab735d0fa59b04cc1e6caeed4e6997062f3be77fd6d6946ed965a5bf3afca",
        licence="Apache-2.0",
        credit="MobileNetV2 1.0/224 trained on ImageNet-1k, from github.com/google-coral/test_data (Apache-2.0)",
    )
}


def load_mobilenet(path: Path) -> FoldedMobileNetV2:
    """Load a folded MobileNetV2 from a state dict; raises BadWeights for any other file.

    Every tensor must be there, float32, finite and of its shape; a tensor too many is refused as well, so that
    nothing is silently left out.
    """
    digest = file_sha256(path)
    tensors = _read(path)
    origin = _KNOWN.get(digest, Origin(f"mobilenet_v2_folded {path.stem}", pretrained=True, sha256=digest))
    network = FoldedMobileNetV2(origin)
    wanted = network.state_dict()
    names = network.names_in_file()
    shapes = {names[own]: tuple(tensor.shape) for own, tensor in wanted.items()} | CLASSIFIER
    _check(path, "a folded MobileNetV2", tensors, shapes)
    network.load_state_dict({own: tensors[name] for own, name in names.items()})
    return network


def load_own(path: Path) -> OwnTrunk:
    """Load our own trunk from the weights.pt that an earlier run left, whatever its task was; raises BadWeights.

    Of the file only the trunk's tensors are taken; each must be there, finite and of its shape.
    """
    digest = file_sha256(path)
    tensors = {
        name.removeprefix(_TRUNK): tensor
        for name, tensor in _read(path).items()
        if str(name).startswith(_TRUNK) and not name.endswith(_COUNT)
    }
    trunk = OwnTrunk(origin=Origin("own, fitted before", pretrained=True, sha256=digest))
    shapes = {name: tuple(tensor.shape) for name, tensor in trunk.state_dict().items() if not name.endswith(_COUNT)}
    _check(path, "the weights of our own trunk", tensors, shapes)
    trunk.load_state_dict(tensors, strict=False)
    return trunk


def file_sha256(path: Path) -> str:
    """SHA-256 of a file of weights, in hex; raises BadWeights where it cannot be read or is far too large."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadWeights(f"{path.name} has more than {MOST_BYTES:,} bytes: not a backbone that could serve")
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadWeights(f"{path.name} cannot be read: {error.strerror}") from error


def _read(path: Path) -> dict[str, Tensor]:
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise BadWeights(f"{path.name} is not a PyTorch file of plain tensors") from error
    if not isinstance(tensors, dict) or not all(isinstance(tensor, Tensor) for tensor in tensors.values()):
        raise BadWeights(f"{path.name} holds something else than named tensors")
    return tensors


def _check(path: Path, wanted: str, tensors: dict[str, Tensor], shapes: dict[str, tuple[int, ...]]) -> None:
    absent, unknown = sorted(shapes.keys() - tensors.keys()), sorted(map(str, tensors.keys() - shapes.keys()))
    if absent or unknown:
        wrong = f"lacks {absent[0]}" if absent else f"has {unknown[0][:80]}"
        raise BadWeights(
            f"{path.name} is not {wanted}: it {wrong} ({len(absent)} tensors absent, {len(unknown)} unknown)"
        )
    for name, shape in shapes.items():
        tensor = tensors[name]
        if tuple(tensor.shape) != shape:
            raise BadWeights(f"{path.name}: {name} has the shape {tuple(tensor.shape)}, not {shape}")
        if tensor.dtype != torch.float32 or not bool(torch.isfinite(tensor).all()):
            raise BadWeights(f"{path.name}: {name} is not finite float32")
