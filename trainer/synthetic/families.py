"""The families of scenes: each draws skin its own way and shares only noise, colour and props."""

from collections.abc import Callable

from PIL import Image

from trainer.synthetic.anatomy.render import draw as draw_anatomy
from trainer.synthetic.field.scene import draw as draw_field
from trainer.synthetic.relief.render import draw as draw_relief

Draw = Callable[[str, int, tuple[int, int]], Image.Image]
"""Takes a kind of `SCENES`, a seed and a size (width, height); same arguments, same pixels."""

_DRAWN_BY: dict[str, Draw] = {"field": draw_field, "relief": draw_relief, "anatomy": draw_anatomy}

FAMILIES: tuple[str, ...] = tuple(_DRAWN_BY)
"""`field`: flat fields of noise; `relief`: close-ups of a lit surface; `anatomy`: limbs and trunks in a room."""

ANY = "any"
DEFAULT_FAMILY = "field"
SCENES = ("usable", "lesion_too_small", "scattered_lesions")
"""What a family draws by itself; other faults are made of a usable photo afterwards."""


def draw_scene(kind: str, seed: int, size: tuple[int, int], family: str = DEFAULT_FAMILY) -> Image.Image:
    """Draw one RGB scene of `SCENES` in `size` (width, height); `any` takes the families in turn, by seed.

    Same arguments, same pixels. Raises KeyError for an unknown kind or family.
    """
    name = FAMILIES[seed % len(FAMILIES)] if family == ANY else family
    return _DRAWN_BY[name](kind, seed, size)
