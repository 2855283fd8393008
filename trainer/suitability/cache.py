"""Examples made before are not made again: a file of arrays, named by everything that determines them."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL
from numpy.typing import NDArray

import trainer
from trainer.suitability.plan import Planned
from trainer.suitability.render import View

_MADE_BY = (
    "inference/formats",
    "inference/orientation.py",
    "inference/patches.py",
    "inference/picture.py",
    "inference/preprocess.py",
    "inference/structure.py",
    "trainer/faults",
    "trainer/negatives",
    "trainer/reading.py",
    "trainer/suitability/plan.py",
    "trainer/suitability/render.py",
    "trainer/synthetic",
)
"""The code between a planned example and its samples, beside numpy and Pillow."""


class Made(NamedTuple):
    """Examples as the model takes them: `images` [N, 3, H, W] and `patches` [N, P, 3, h, w], 8 bits a sample."""

    images: NDArray[np.uint8]
    patches: NDArray[np.uint8]


def cache_path(folder: Path, planned: Sequence[Planned], view: View) -> Path:
    """Where the examples of a plan lie or will lie: by plan, view, the photos' bytes and the code that makes them."""
    photos: dict[Path | None, str] = {path: _sha256(path) for path in {one.photo for one in planned if one.photo}}
    # A photo is what its bytes are, wherever it lies, and whose it is leaves no trace in an example.
    drawn = [(replace(one, photo=None, origin=""), photos.get(one.photo)) for one in planned]
    code = [_sha256(source) for source in _sources()]
    determines = repr((view, drawn, code, np.__version__, PIL.__version__))
    return folder / f"examples-{hashlib.sha256(determines.encode()).hexdigest()[:32]}.npz"


def load_made(path: Path) -> Made | None:
    """Read what was made before; None where nothing was."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return Made(arrays["images"], arrays["patches"])


def save_made(path: Path, made: Made) -> None:
    """Keep what was made, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez(file, images=made.images, patches=made.patches)
    Path(file.name).replace(path)


def _sources() -> Iterator[Path]:
    root = Path(trainer.__path__[0]).parent
    for name in _MADE_BY:
        place = root / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
