"""Pictures of what is not skin but has its colours: materials, things lying on them, marks that look like lesions."""

import numpy as np
from PIL import Image

from trainer.faults.b.focus import through_lens
from trainer.faults.b.not_skin.materials import MATERIALS
from trainer.faults.primitives import Pixels, axes, clouds, grained, mixed, photo_of, pixels, smoothstep
from trainer.synthetic.noise import Field

_COLOURS = (
    *((196, 150, 110), (140, 96, 62), (222, 190, 150), (90, 60, 42), (230, 220, 205), (170, 120, 110)),
    *((120, 120, 122), (60, 62, 70), (205, 170, 60), (110, 130, 90), (70, 100, 150), (170, 60, 50)),
)


def not_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Draw a scene in the photo's size; mild ones take the photo's own mean colour half-way, which makes it hard."""
    own = pixels(photo.resize((1, 1), Image.Resampling.BOX))[0, 0]
    likeness = np.float32((1 - severity) * float(rng.uniform(0.4, 1.0)))
    values = _coloured(photo.size, own, likeness, rng)
    if rng.random() < 0.45:
        cover = _thing(photo.size, rng)
        values = mixed(values * (1 - 0.35 * cover)[..., None], _coloured(photo.size, own, likeness, rng), cover)
    if rng.random() < 0.4:
        values = _spotted(values, rng)
    light = np.clip(1 + float(rng.uniform(0, 0.25)) * clouds(rng, photo.size, max(photo.size) / 2), 0.3, 1.6)
    view = photo_of(grained(values * light[..., None], float(rng.uniform(0.5, 3)), rng))
    return through_lens(view, float(rng.uniform(0.8, 3)), rng) if rng.random() < 0.25 else view


def _coloured(size: tuple[int, int], own: Pixels, likeness: np.float32, rng: np.random.Generator) -> Pixels:
    shade = MATERIALS[int(rng.integers(len(MATERIALS)))](size, rng)
    colour = np.array(_COLOURS[int(rng.integers(len(_COLOURS)))], dtype=np.float32) * np.float32(rng.uniform(0.7, 1.1))
    return np.asarray(shade * (colour * (1 - likeness) + own * likeness), dtype=np.float32)


def _thing(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """1 on a roundish or straight-edged thing that covers a part of the frame."""
    x, y = axes(size)
    middle = rng.uniform(-0.4, 0.4, 2)
    angle = float(rng.uniform(0, np.pi))
    along = np.cos(angle) * (x - middle[0]) + np.sin(angle) * (y - middle[1])
    across = np.cos(angle) * (y - middle[1]) - np.sin(angle) * (x - middle[0])
    reach, long = float(rng.uniform(0.12, 0.4)), float(rng.uniform(1, 2.5))
    power = float(rng.choice([2.0, 2.0, 8.0]))
    distance = (np.abs(along / (reach * long)) ** power + np.abs(across / reach) ** power) ** (1 / power)
    return smoothstep((1 - distance + 0.03 * clouds(rng, size, max(size) / 8)) * 40)


def _spotted(values: Pixels, rng: np.random.Generator) -> Pixels:
    """A stain, a knot, a button or a hole about where a lesion would be."""
    rows, columns = values.shape[:2]
    x, y = axes((columns, rows))
    middle, reach = rng.uniform(-0.15, 0.15, 2), float(rng.uniform(0.03, 0.16))
    ragged = float(rng.choice([0.0, 0.25])) * clouds(rng, (columns, rows), max(rows, columns) / 12)
    distance = np.hypot(x - middle[0], y - middle[1]) / reach + ragged
    cover = smoothstep((1 - distance) * float(rng.uniform(2, 20)))
    return mixed(values, (values * rng.uniform(0.1, 0.7, 3)).astype(np.float32), cover)
