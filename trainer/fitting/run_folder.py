"""The folder a run leaves behind: what was asked, on what machine, how it went, and what to resume from."""

import json
from collections.abc import Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from trainer.fitting.course import Weights
from trainer.fitting.curves import draw_curves
from trainer.fitting.durable import write_text, write_whole
from trainer.fitting.epoch import Epoch, epochs_csv
from trainer.fitting.errors import CannotResume

_PACKAGES = ("dermgate", "torch", "numpy", "pillow", "onnx", "onnxruntime", "transformers")


class RunFolder:
    """Files of one run: run.json, layers.txt, epochs.csv, curves.png and .svg, checkpoint.pt, weights.pt."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoint = path / "checkpoint.pt"
        self.weights = path / "weights.pt"

    def open(self, *, resume: bool) -> None:
        """Make the folder. Raises CannotResume where it holds another run that is not to be gone on with."""
        if self.checkpoint.exists() and not resume:
            raise CannotResume(f"the folder {self.path.name} holds a run already: resume it, or name another folder")
        self.path.mkdir(parents=True, exist_ok=True)

    def write_run(self, facts: dict[str, Any]) -> None:
        """Replace run.json; versions of the packages that matter are added."""
        said = facts | {"versions": _versions()}
        write_text(self.path / "run.json", json.dumps(said, indent=2, ensure_ascii=False) + "\n")

    def write_layers(self, text: str) -> None:
        """Replace layers.txt."""
        write_text(self.path / "layers.txt", text)

    def write_epochs(self, epochs: Sequence[Epoch]) -> None:
        """Replace epochs.csv."""
        write_text(self.path / "epochs.csv", epochs_csv(epochs))

    def write_curves(self, epochs: Sequence[Epoch]) -> None:
        """Replace both pictures of the curves."""
        for kind in ("png", "svg"):
            write_whole(self.path / f"curves.{kind}", partial(draw_curves, epochs, kind))

    def write_weights(self, weights: Weights) -> None:
        """Replace the weights the fit ended with: a state dict for `torch.load(..., weights_only=True)`."""
        write_whole(self.weights, lambda beside: torch.save(weights, beside))


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
