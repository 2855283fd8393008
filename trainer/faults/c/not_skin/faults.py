"""Something else than skin, drawn: materials, things, outdoors. The photo lends its size and, when mild, its colour."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from trainer.faults.c.fields import around, slope_across
from trainer.faults.c.not_skin.cells import crumb, leather, mosaic, pebbles
from trainer.faults.c.not_skin.lettered import keyboard, screen, sheet
from trainer.faults.c.not_skin.materials import board, brushed_metal, fur, knitting, marble, plaster, wood
from trainer.faults.c.not_skin.objects import bricks, coins, foliage, food
from trainer.faults.c.not_skin.outdoors import street, water
from trainer.faults.c.not_skin.palette import anything
from trainer.faults.c.pixels import Pixels, Size, grained, light_of, photo_of_light

Scene = Callable[[Size, Pixels, np.random.Generator], Pixels]

SCENES: tuple[Scene, ...] = (
    wood, leather, board, plaster, crumb, fur, knitting, marble, brushed_metal, pebbles, mosaic, bricks, coins,
    keyboard, food, foliage, screen, sheet, street, water,
)  # fmt: skip


def not_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One of the scenes; a mild one is in the photo's own colours (wood, bread, leather), a gross one in any."""
    scene = SCENES[int(rng.integers(len(SCENES)))]
    own = light_of(photo.convert("RGB").resize((1, 1), Image.Resampling.BOX))[0, 0]
    colour = own ** np.float32(1 - severity) * np.maximum(anything(rng), 0.01) ** np.float32(severity)
    light = scene(photo.size, colour.astype(np.float32), rng)
    lit = 1 + np.float32(rng.uniform(0, 0.35)) * slope_across(photo.size, float(rng.uniform(0, 6.3)))
    lit *= 1 - np.float32(rng.uniform(0, 0.4)) * (1 - around(photo.size, (0.5, 0.5), 0.9))
    view = photo_of_light(light * lit[..., None])
    if rng.random() < 0.5:
        view = view.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 0.8))))
    return grained(view, float(rng.uniform(0.5, 4)), rng)
