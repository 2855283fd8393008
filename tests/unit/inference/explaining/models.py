"""Models that see one thing only, so that it is known what their answers stand on."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import onnxruntime
from PIL import Image

from inference.contract import EMBEDDING, IMAGE
from inference.graph import PROBABILITIES
from inference.manifest import Manifest
from inference.picture import Picture
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.runtime import LoadedModel

Look = Callable[[dict[str, Tensor]], Tensor]
"""From named inputs to probabilities [N, C]."""


class OneEyedSession:
    """Stands for ONNX Runtime's session."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.batches: list[int] = []

    def get_outputs(self) -> list[SimpleNamespace]:
        """Name what it gives."""
        return [SimpleNamespace(name=PROBABILITIES), SimpleNamespace(name=EMBEDDING)]

    def run(self, _names: list[str], inputs: dict[str, Tensor]) -> list[Tensor]:
        """Look at the inputs."""
        self.batches.append(len(inputs[IMAGE]))
        return [self._look(inputs), np.ones((len(inputs[IMAGE]), 1), np.float32)]


def one_eyed(manifest: Manifest, look: Look) -> tuple[LoadedModel, OneEyedSession]:
    """A model of this manifest that only looks."""
    session = OneEyedSession(look)
    return LoadedModel(manifest, Path("unused"), cast(onnxruntime.InferenceSession, session), 1), session


def share_of(values: Tensor, place: int, labels: int) -> Tensor:
    """Probabilities that give the label at `place` each of `values` [N], and share the rest out."""
    values = np.clip(values, 0.001, 0.999)
    probabilities = np.repeat(((1 - values) / (labels - 1))[:, None], labels, axis=1)
    probabilities[:, place] = values
    return probabilities.astype(np.float32)


def prepared(pixels: Tensor) -> PreparedPicture:
    """A picture of samples [H, W, 3] in 0..1."""
    image = Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    return PreparedPicture(Picture(image, 1, image.width, image.height, "png"))


def skin(height: int = 240, width: int = 320, seed: int = 0) -> Tensor:
    """Even skin with a little grain: [H, W, 3]."""
    grain = np.random.default_rng(seed).normal(0, 0.02, (height, width, 1))
    return (np.array([0.8, 0.6, 0.5]) + grain).astype(np.float32)
