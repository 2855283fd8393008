"""Photos and models for the end-to-end tests: small, made on the spot, no two alike."""

import functools
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gateway.review.labels import REASONS
from inference.manifest import Task
from inference.rules import SUITABILITY_LABELS
from inference.store import ModelStore
from tests.models import DISEASES, build_model, certain_of, make_manifest, write_model

SIDE = 256
"""Pixels on the short side of the photos; 224 are needed."""


@functools.cache
def _ground() -> "np.ndarray[Any, Any]":
    y, x = np.mgrid[0:SIDE, 0 : SIDE + 64] / SIDE
    return np.stack([190 - 40 * x, 140 + 30 * y, 120 + 30 * np.sin(6 * x)], axis=-1)


def photo(number: int, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture that differs for each number, as JPEG or PNG."""
    pixels = _ground().copy()
    pixels[40:72, 40:72] = np.random.default_rng(number).integers(0, 255, (32, 32, 3))
    target = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(target, kind, **options)
    return target.getvalue()


def with_orientation(orientation: int) -> bytes:
    """EXIF that says how the camera was held, for `photo(..., exif=…)`."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def add_model(store: Path, folder: Path, task: Task, version: int, answer: str) -> None:
    """Put a model that always answers `answer` into the store, and let it serve."""
    labels = SUITABILITY_LABELS if task == "suitability" else DISEASES
    manifest = make_manifest(task, version=version)
    model = build_model(manifest, probabilities=certain_of(labels, answer))
    models = ModelStore(store)
    models.add(write_model(folder / f"{task}-{version}", manifest, model))
    models.promote(task, version)


def fill_store(store: Path, folder: Path, *, disease: str = "NEV") -> None:
    """Models of both tasks: every photo is usable, and shows `disease`."""
    add_model(store, folder, "suitability", 1, SUITABILITY_LABELS[0])
    add_model(store, folder, "disease", 1, disease)


FAULT = REASONS[2]
"""The fault that tests have a model find."""
