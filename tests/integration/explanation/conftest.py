"""Gateways whose answers are explained, and photos with a mark at a known place."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from inference.bundling import install_bundled
from inference.store import ModelStore
from tests.integration.intake.conftest import MakeSettings, fresh, fresh_settings, model_store, served, settings_for
from tests.integration.intake.served import Served
from trainer.faults.registry import spoil
from trainer.synthetic.album import USABLE, synthetic_photo

__all__ = ["fresh", "fresh_settings", "model_store", "served", "settings_for"]

SIZE = (800, 600)
MARK = (0.73, 0.12, 0.88, 0.31)
"""Left, top, right and bottom of the mark of `marked`, in fractions."""


def scene(seed: int = 5004) -> Image.Image:
    """A drawn lesion on skin."""
    return synthetic_photo(USABLE, seed, SIZE, family="any")


def marked(orientation: int | None = None) -> bytes:
    """The same with a mark in the upper right, as a JPEG."""
    return as_jpeg(spoil(scene(), "watermark", 0.8, 16, "b"), orientation)


def as_jpeg(image: Image.Image, orientation: int | None = None) -> bytes:
    """A picture as a file, turned by a quarter and saying so where an orientation of 6 is asked for."""
    exif = Image.Exif()
    if orientation == 6:
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[0x0112] = 6
    target = io.BytesIO()
    image.save(target, "JPEG", quality=92, exif=exif)
    return target.getvalue()


@pytest.fixture(scope="module")
def bundled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the models that come with Dermgate."""
    folder = tmp_path_factory.mktemp("bundled") / "models"
    install_bundled(ModelStore(folder))
    return folder


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, settings_for: MakeSettings, bundled_store: Path) -> Iterator[Served]:
    """A gateway with the bundled models."""
    folder = tmp_path_factory.mktemp("real")
    with Served(settings_for(folder, models={"store": bundled_store, "threads": 1})) as made:
        yield made
