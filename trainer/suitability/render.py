"""From a planned example to what the model takes, through a JPEG and inference's own preprocessing."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.patches import PatchPlan
from inference.preprocess import native_patches, whole_image
from inference.rules import USABLE
from trainer.faults.distance import from_further
from trainer.faults.focus import defocused
from trainer.faults.registry import spoil
from trainer.reading import read_picture
from trainer.suitability.plan import Planned
from trainer.synthetic.scene import distant_scene, good_scene, render, scattered_scene

_SIZES = ((480, 360), (360, 480), (640, 480), (480, 480), (800, 600), (1024, 768))
_SIZE_CHANCES = (0.2, 0.15, 0.3, 0.15, 0.12, 0.08)
_OWN_SCENES = {"lesion_too_small": distant_scene, "scattered_lesions": scattered_scene}
_SOFTEST_USABLE = 0.0012  # of the short side: well under the mildest `out_of_focus`
_LONGEST_SIDE = 2000


@dataclass(frozen=True, slots=True)
class View:
    """What the model sees of each photo."""

    image_size: int
    patches: PatchPlan


def example(planned: Planned, view: View) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Make the example: the whole picture [3, H, W] and its patches [P, 3, h, w], 8 bits a sample."""
    rng = np.random.default_rng([planned.seed, 7])
    photo = _labelled(_source(planned, rng), planned, rng)
    picture = read_picture(_as_sent(photo, rng), planned.label)
    whole = np.round(whole_image(picture, view.image_size) * 255).astype(np.uint8)
    return whole, np.round(native_patches(picture, view.patches) * 255).astype(np.uint8)


def _source(planned: Planned, rng: np.random.Generator) -> Image.Image:
    """The photo before its fault; half of the distant and scattered synthetic ones are drawn as such instead."""
    if planned.photo is not None:
        with Image.open(planned.photo) as photo:
            return photo.convert("RGB")
    width, height = _SIZES[int(rng.choice(len(_SIZES), p=_SIZE_CHANCES))]
    if planned.label == "not_skin":
        return Image.new("RGB", (width, height), (200, 150, 120))  # all of it is drawn over
    scene = _OWN_SCENES.get(planned.label, good_scene)
    return render(scene(planned.scene_seed), width, height)


def _labelled(photo: Image.Image, planned: Planned, rng: np.random.Generator) -> Image.Image:
    if planned.label == USABLE:
        return _still_usable(photo, rng)
    if planned.photo is None and planned.label in _OWN_SCENES:
        return photo
    return spoil(photo, planned.label, planned.severity, planned.seed)


def _still_usable(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What faults bring with them without being one: a seam in the skin, a breath of softness."""
    if rng.random() < 0.25:
        photo = from_further(photo, float(rng.uniform(0.65, 0.95)), rng)
    if rng.random() < 0.5:
        photo = defocused(photo, float(rng.uniform(0, _SOFTEST_USABLE)) * min(photo.size))
    return photo


def _as_sent(photo: Image.Image, rng: np.random.Generator) -> bytes:
    """The photo at another pixel count (phones have more pixels than detail), as JPEG."""
    if rng.random() < 0.5:
        scale = float(np.exp(rng.uniform(np.log(0.7), np.log(3.0))))
        scale = float(np.clip(scale, 240 / min(photo.size), _LONGEST_SIDE / max(photo.size)))
        size = (round(photo.width * scale), round(photo.height * scale))
        photo = photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    sent = io.BytesIO()
    photo.save(sent, "JPEG", quality=int(rng.integers(70, 97)))
    return sent.getvalue()
