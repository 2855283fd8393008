"""From a planned example to what the model takes, through a JPEG and inference's own preprocessing."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.orientation import turn
from inference.patches import PatchPlan
from inference.picture import Picture
from inference.preprocess import native_patches, whole_image
from trainer.faults.registry import harm_nothing, spoil
from trainer.negatives.cutting import cut
from trainer.reading import MIN_SIDE, read_picture
from trainer.suitability.plan import Planned
from trainer.synthetic.album import USABLE, synthetic_photo

_SIZES = ((480, 360), (360, 480), (640, 480), (480, 480), (800, 600), (1024, 768))
_SIZE_CHANCES = (0.2, 0.15, 0.3, 0.15, 0.12, 0.08)
_LONGEST_SIDE = 2000
_MOST_PIXELS = 4_000_000  # spoiling 12 megapixels takes seconds
_SHORTEST_SIDE = 240

Samples = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class View:
    """What the model sees of each photo."""

    image_size: int
    patches: PatchPlan


def example(planned: Planned, view: View) -> tuple[Samples, Samples]:
    """Make the example: the whole picture [3, H, W] and its patches [P, 3, h, w], 8 bits a sample."""
    return seen(read_picture(sent(planned), planned.label), view)


def seen(picture: Picture, view: View) -> tuple[Samples, Samples]:
    """What the model sees of a picture, as `example` gives it."""
    whole, patches = whole_image(picture, view.image_size), native_patches(picture, view.patches)
    return np.round(whole * 255).astype(np.uint8), np.round(patches * 255).astype(np.uint8)


def sent(planned: Planned) -> bytes:
    """The example as a gateway would receive it: a JPEG."""
    rng = np.random.default_rng([planned.seed, 7])
    return _as_sent(_made(planned, rng), rng)


def _made(planned: Planned, rng: np.random.Generator) -> Image.Image:
    if planned.making == "scene":
        return synthetic_photo(planned.label, planned.scene_seed, _any_size(rng), planned.severity, planned.scene)
    photo = _source(planned, rng)
    if planned.making == "negative":
        return cut(photo, _any_size(rng), rng)
    if planned.making == "spoilt":
        return spoil(photo, planned.label, planned.severity, planned.seed, planned.fault)
    if planned.making == "harmless":
        return harm_nothing(photo, planned.severity, planned.seed, planned.fault)
    return photo


def _source(planned: Planned, rng: np.random.Generator) -> Image.Image:
    """The photo that something is made of."""
    if planned.photo is not None:
        picture = read_picture(planned.photo.read_bytes(), planned.photo.name)
        return _of_bounded_size(turn(picture.image, picture.orientation))
    return synthetic_photo(USABLE, planned.scene_seed, _any_size(rng), family=planned.scene)


def _of_bounded_size(photo: Image.Image) -> Image.Image:
    """The photo, smaller if it is large: for every way alike, or size would tell them apart."""
    scale = (_MOST_PIXELS / (photo.width * photo.height)) ** 0.5
    if scale >= 1:
        return photo
    return photo.resize(
        (max(round(photo.width * scale), 1), max(round(photo.height * scale), 1)),
        Image.Resampling.BICUBIC,
        reducing_gap=3.0,
    )


def _any_size(rng: np.random.Generator) -> tuple[int, int]:
    return _SIZES[int(rng.choice(len(_SIZES), p=_SIZE_CHANCES))]


def _as_sent(photo: Image.Image, rng: np.random.Generator) -> bytes:
    """The photo at another pixel count (phones have more pixels than detail), as JPEG."""
    if rng.random() < 0.5:
        scale = float(np.exp(rng.uniform(np.log(0.7), np.log(3.0))))
        scale = float(np.clip(scale, _SHORTEST_SIDE / min(photo.size), _LONGEST_SIDE / max(photo.size)))
        size = (max(round(photo.width * scale), MIN_SIDE), max(round(photo.height * scale), MIN_SIDE))
        photo = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=int(rng.integers(70, 97)))
    return file.getvalue()
