"""From a close-up's values to its pixels."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.synthetic.props.choice import lay_props
from trainer.synthetic.props.place import Place
from trainer.synthetic.relief.camera import take
from trainer.synthetic.relief.chromophores import reflectance, skin_density
from trainer.synthetic.relief.edge import before_a_room
from trainer.synthetic.relief.hair import grow_hairs
from trainer.synthetic.relief.layers import Layers
from trainer.synthetic.relief.lesion import press
from trainer.synthetic.relief.light import lit
from trainer.synthetic.relief.scene import CloseUp, distant, scattered, usable
from trainer.synthetic.relief.surface import heights

SCENES: dict[str, Callable[[int], CloseUp]] = {
    "usable": usable,
    "lesion_too_small": distant,
    "scattered_lesions": scattered,
}


def draw(kind: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw a close-up of a kind of `SCENES` in `size` (width, height). Raises KeyError for another kind."""
    return render(SCENES[kind](seed), size)


def render(scene: CloseUp, size: tuple[int, int]) -> Image.Image:
    """Draw the scene: same scene and size, same pixels."""
    rng = np.random.default_rng([scene.seed, 14])
    px_per_mm = min(size) / scene.field_mm
    relief = heights(scene.texture, rng, size, px_per_mm)
    layers = Layers(skin_density(scene.complexion, rng, size, px_per_mm), relief, np.zeros_like(relief))
    for spot in scene.spots:
        press(layers, spot, scene.complexion.melanin, px_per_mm)
    picture = reflectance(layers.density)
    layers.lay_matter(picture)
    subject = scene.spots[-1]
    place = Place(subject.x, subject.y, subject.diameter_mm, px_per_mm)
    lay_props(picture, scene.props, place, upon_skin=True)
    lit(picture, layers.height * np.float32(px_per_mm), layers.gloss, scene.lamp, rng)
    grow_hairs(picture, scene.hairs, rng, px_per_mm)
    if scene.edge is not None:
        before_a_room(picture, scene.edge, subject.x, subject.y)
    lay_props(picture, scene.props, place, upon_skin=False)
    return take(picture, scene.camera, rng)
