"""Synthetic photos by fault: a good scene, a scene drawn with the fault in it, or a good one spoilt afterwards."""

from PIL import Image

from trainer.faults.registry import FAULTS, spoil
from trainer.synthetic.families import DEFAULT_FAMILY, FAMILIES, SCENES, draw_scene

USABLE = "usable"
KINDS = (USABLE, *FAULTS)
"""`usable`, then every reason code."""

__all__ = ["DEFAULT_FAMILY", "FAMILIES", "KINDS", "USABLE", "synthetic_photo"]


def synthetic_photo(
    kind: str, seed: int, size: tuple[int, int], severity: float = 0.8, family: str = DEFAULT_FAMILY
) -> Image.Image:
    """Draw one photo of `kind` in `size` (width, height): same arguments, same pixels.

    What lies in the scene, a lesion too far away or too many of them, is drawn in it; `severity` (0..1) is of the
    faults made afterwards. `family` is one of `FAMILIES`, or `any` for all in turn, by seed. Raises KeyError for an
    unknown kind or family.
    """
    if kind in SCENES:
        return draw_scene(kind, seed, size, family)
    return spoil(draw_scene(USABLE, seed, size, family), kind, severity, seed)
