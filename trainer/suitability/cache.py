"""Examples made before are not made again: a file of arrays, named by everything that determines them."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import trainer
from trainer.suitability.plan import Planned
from trainer.suitability.render import View

_MADE_BY = ("synthetic", "faults", "suitability/plan.py", "suitability/render.py")


class Made(NamedTuple):
    """Examples as the model takes them: `images` [N, 3, H, W] and `patches` [N, P, 3, h, w], 8 bits a sample."""

    images: NDArray[np.uint8]
    patches: NDArray[np.uint8]


def cache_path(folder: Path, planned: Sequence[Planned], view: View) -> Path:
    """Where the examples of a plan lie or will lie: by plan, view, the photos' bytes and the code that makes them."""
    drawn = [(one.label, one.scene_seed, one.severity, one.seed) for one in planned]
    digest = hashlib.sha256(repr((view, drawn)).encode())
    for photo in dict.fromkeys(one.photo for one in planned if one.photo):
        digest.update(hashlib.sha256(photo.read_bytes()).digest())
    for source in _sources():
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return folder / f"examples-{digest.hexdigest()[:32]}.npz"


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
    root = Path(trainer.__path__[0])
    for name in _MADE_BY:
        place = root / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]
