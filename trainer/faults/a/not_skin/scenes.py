"""Pictures of something else than skin, all drawn: the photo handed in only lends its size."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.a.focus import grainy
from trainer.faults.a.not_skin.landscape import landscape
from trainer.faults.a.not_skin.leaves import coloured_noise, dead_leaves
from trainer.faults.a.not_skin.page import text_page
from trainer.faults.a.not_skin.things import cloth, things

Draw = Callable[[tuple[int, int], np.random.Generator], Image.Image]

SCENES: tuple[Draw, ...] = (text_page, landscape, things, cloth, dead_leaves, coloured_noise)


def not_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Draw one of the scenes in the photo's size.

    Severity is how unlike skin: a mild one is tinted half-way to the photo's own mean colour, which makes it harder.
    """
    scene = SCENES[int(rng.integers(len(SCENES)))](photo.size, rng)
    tint = Image.new("RGB", photo.size, photo.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))
    return grainy(Image.blend(scene, tint, 0.3 * (1 - severity)), rng)
