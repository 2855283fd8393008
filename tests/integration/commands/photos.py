"""Photos in a folder, and what a run of `dermgate convert` makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from inference.manifest import Task
from inference.store import ModelStore
from tests.models import build_model, certain_of, make_manifest, write_model

Convert = Callable[..., tuple[int, list[dict[str, Any]], str]]
"""Runs the command on one process: exit code, records, stderr."""


def draw(path: Path, shade: int, size: tuple[int, int] = (64, 48)) -> None:
    """Write a photo of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise(size, shade).convert("RGB").save(path)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, by its name."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def serve(folder: Path, answer: str, probability: float = 0.9) -> ModelStore:
    """Settings with a store whose suitability model says `answer` of every picture, and whose disease model NEV."""
    (folder / "models").mkdir(exist_ok=True)
    store = ModelStore(folder / "models")
    answers: tuple[tuple[Task, str], ...] = (("suitability", answer), ("disease", "NEV"))
    for task, label in answers:
        manifest = make_manifest(task, version=store.next_version(task))
        model = build_model(manifest, probabilities=certain_of(manifest.labels, label, probability))
        store.add(write_model(folder / "made" / task / str(manifest.version), manifest, model))
        store.promote(manifest.task, manifest.version)
    (folder / "dermgate.toml").write_text('[models]\nstore = "models"\n')
    return store
