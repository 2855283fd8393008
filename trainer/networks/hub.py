"""Backbones of Hugging Face `transformers`, from a local folder or by hub id, taken apart into stages.

Known families: ResNet, ConvNeXt, ConvNeXtV2, MobileNetV2, DINOv2 (with and without registers). Weights are read from
safetensors only, and no code of a repository is run. `transformers` is imported when a backbone is opened.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from trainer.networks.backbone import Backbone, Origin
from trainer.networks.errors import BadWeights

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_SPREAD = (0.229, 0.224, 0.225)
_PREPROCESSING = "preprocessor_config.json"
_WEIGHTS = "model.safetensors"
_MOST_BYTES_OF_JSON = 1_000_000


class TransformersBackbone(Backbone):
    """The stages of a `transformers` model, with the mean and spread its weights were fitted with."""

    def __init__(
        self, origin: Origin, stages: list[nn.Module], width: int, mean: tuple[float, ...], spread: tuple[float, ...]
    ) -> None:
        super().__init__(origin, stages, width)
        self.mean: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.tensor(mean).reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(spread).reshape(1, 3, 1, 1), persistent=False)

    def normalised(self, picture: Tensor) -> Tensor:
        """Centre and scale each channel."""
        return (picture - self.mean) / self.spread


class TokenBackbone(TransformersBackbone):
    """A vision transformer: tokens become a square map again; those in front (class, registers) are left out."""

    def __init__(self, *arguments: Any, leading: int) -> None:
        super().__init__(*arguments)
        self.leading = leading

    def as_map(self, features: Tensor) -> Tensor:
        """From [N, leading + side * side, width] to [N, width, side, side]; pictures must be square."""
        of_picture = features[:, self.leading :]
        side = round(of_picture.shape[1] ** 0.5)
        return of_picture.transpose(1, 2).reshape(-1, self.width, side, side)


def _of_resnet(model: Any) -> list[nn.Module]:
    return [model.embedder, *(layer for stage in model.encoder.stages for layer in stage.layers)]


def _of_convnext(model: Any) -> list[nn.Module]:
    stages: list[nn.Module] = [model.embeddings]
    for stage in model.encoder.stages:
        blocks = list(stage.layers)
        stages += [nn.Sequential(*stage.downsampling_layer, blocks[0]), *blocks[1:]]
    return stages


def _of_mobilenet(model: Any) -> list[nn.Module]:
    return [model.conv_stem, *model.layer, model.conv_1x1]


def _of_dinov2(model: Any) -> list[nn.Module]:
    return [model.embeddings, *model.encoder.layer, model.layernorm]


_FAMILIES: dict[str, Callable[[Any], list[nn.Module]]] = {
    "resnet": _of_resnet,
    "convnext": _of_convnext,
    "convnextv2": _of_convnext,
    "mobilenet_v2": _of_mobilenet,
    "dinov2": _of_dinov2,
    "dinov2_with_registers": _of_dinov2,
}


def load_transformers(spec: str) -> Backbone:
    """Load a model by folder or hub id (`owner/name` or `owner/name@revision`); raises BadWeights.

    A folder needs `config.json` and `model.safetensors` and works without a network; mean and spread come from its
    `preprocessor_config.json`, else ImageNet's are taken.
    """
    folder = Path(spec) if Path(spec).is_dir() else _fetched(spec)
    model = _model(folder, spec)
    family = str(model.config.model_type)
    if family not in _FAMILIES:
        raise BadWeights(f"a model of type {family!r} is not known; known are {', '.join(sorted(_FAMILIES))}")
    mean, spread = _mean_and_spread(folder)
    name = spec if not Path(spec).is_dir() else folder.resolve().name
    origin = Origin(name, pretrained=True, sha256=_sha256(folder / _WEIGHTS), licence=_licence(folder), credit=name)
    stages = _FAMILIES[family](model)
    if family.startswith("dinov2"):
        leading = 1 + int(getattr(model.config, "num_register_tokens", 0))
        return TokenBackbone(origin, stages, int(model.config.hidden_size), mean, spread, leading=leading)
    return TransformersBackbone(origin, stages, _width(stages, mean, spread), mean, spread)


def _fetched(spec: str) -> Path:
    """Fetch a repository's configuration and weights into the hub's own cache."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only a hub id needs it
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError  # noqa: PLC0415 - as above

    name, _, revision = spec.partition("@")
    try:
        return Path(
            snapshot_download(name, revision=revision or None, allow_patterns=["*.json", _WEIGHTS, "README.md"])
        )
    except (HFValidationError, HfHubHTTPError, OSError) as error:
        raise BadWeights(f"{spec!r} is neither a folder here nor a model that the hub hands out") from error


def _model(folder: Path, spec: str) -> Any:
    for needed in ("config.json", _WEIGHTS):
        if not (folder / needed).is_file():
            raise BadWeights(f"{Path(spec).name} has no {needed}")
    from safetensors import SafetensorError  # noqa: PLC0415 - as below
    from transformers import AutoModel  # noqa: PLC0415 - takes seconds, and only this way needs it

    try:
        with _quiet():
            model, told = AutoModel.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=torch.float32,
                attn_implementation=_attention(folder),
                output_loading_info=True,
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        kind = type(error).__name__  # its own words may name places of this machine
        raise BadWeights(f"{Path(spec).name} cannot be loaded as a transformers model ({kind})") from error
    absent = sorted(told["missing_keys"])
    if absent:
        raise BadWeights(f"{Path(spec).name} lacks {len(absent)} tensors, {absent[0]} among them")
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the library neither draw bars nor note what it does, and then again as before."""
    from transformers.utils import logging  # noqa: PLC0415 - as above

    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # untyped there
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped there
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # untyped there


def _attention(folder: Path) -> str | None:
    """Plain attention for vision transformers: it is exported node for node."""
    return "eager" if str(_json(folder / "config.json").get("model_type", "")).startswith("dinov2") else None


def _mean_and_spread(folder: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    path = folder / _PREPROCESSING
    said = _json(path) if path.is_file() else {}
    mean = said.get("image_mean", _IMAGENET_MEAN)
    spread = said.get("image_std", _IMAGENET_SPREAD)
    for numbers in (mean, spread):
        if not _are_three(numbers):
            raise BadWeights(f"{_PREPROCESSING} names no mean and spread of three channels")
    if min(spread) <= 0:
        raise BadWeights(f"{_PREPROCESSING} names a spread that is not above zero")
    return tuple(map(float, mean)), tuple(map(float, spread))


def _are_three(numbers: Any) -> bool:
    if not isinstance(numbers, list | tuple) or len(numbers) != 3:
        return False
    return all(isinstance(number, int | float) and math.isfinite(number) for number in numbers)


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES_OF_JSON:
            raise BadWeights(f"{path.name} is far too large")
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadWeights(f"{path.name} cannot be read") from error
    if not isinstance(said, dict):
        raise BadWeights(f"{path.name} is not an object")
    return said


def _licence(folder: Path) -> str | None:
    """The licence that the model's card names in its first lines, if it names one."""
    card = folder / "README.md"
    if not card.is_file():
        return None
    with card.open(encoding="utf-8", errors="replace") as lines:
        head = lines.read(8192).splitlines()
    named = [line.partition(":")[2].strip() for line in head if line.startswith("license:")]
    return named[0] if named else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _width(stages: list[nn.Module], mean: tuple[float, ...], spread: tuple[float, ...]) -> int:
    """How many channels the last stage gives, found by asking."""
    probe = TransformersBackbone(Origin("probe", pretrained=True), stages, 0, mean, spread).eval()
    with torch.no_grad():
        return int(probe(torch.zeros(1, 3, 64, 64)).shape[1])
