"""From a view's values to its pixels."""

import numpy as np
from PIL import Image

from trainer.synthetic.anatomy.clothes import dress
from trainer.synthetic.anatomy.down import comb
from trainer.synthetic.anatomy.painting import paint
from trainer.synthetic.anatomy.phone import photographed
from trainer.synthetic.anatomy.rooms import any_room
from trainer.synthetic.anatomy.scene import SCENES, View
from trainer.synthetic.anatomy.surface import skinned
from trainer.synthetic.anatomy.view import seen
from trainer.synthetic.props.choice import lay_props
from trainer.synthetic.props.place import Place


def draw(kind: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw a view of a kind of `SCENES` in `size` (width, height). Raises KeyError for another kind."""
    return render(SCENES[kind](seed, size), size)


def render(view: View, size: tuple[int, int]) -> Image.Image:
    """Draw the view: same view and size, same pixels."""
    rng = np.random.default_rng([view.seed, 34])
    framing, light = view.framing, view.light
    px_per_mm = min(size) / framing.field_mm
    sight = seen(framing, light, rng, size)
    way = light.way
    picture = skinned(view.skin, view.cover, rng, size, px_per_mm=px_per_mm, light=way)
    for lesion in view.lesions:
        paint(picture, lesion, view.skin, px_per_mm, way)
    subject = view.lesions[-1]
    place = Place(subject.x, subject.y, subject.diameter_mm, px_per_mm)
    lay_props(picture, view.props, place, upon_skin=True)
    comb(picture, view.down, rng, px_per_mm, sight.body)
    picture *= sight.on_body[..., None]
    if float(sight.body.min()) < 1:
        room = any_room(rng, size, view.focus)
        room *= sight.on_room[..., None]
        picture -= room
        picture *= sight.body[..., None]
        picture += room
    if view.garment is not None:
        dress(picture, view.garment, subject.x, subject.y)
    lay_props(picture, view.props, place, upon_skin=False)
    return photographed(picture, view.phone, rng, light.warmth)
