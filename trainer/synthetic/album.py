"""Synthetic photos by fault: a good scene, a scene drawn with the fault in it, or a good one spoilt afterwards."""

from PIL import Image

from trainer.faults.registry import FAULTS, spoil
from trainer.synthetic.scene import distant_scene, good_scene, render, scattered_scene

USABLE = "usable"
KINDS = (USABLE, *FAULTS)
"""`usable`, then every reason code."""

_OWN_SCENES = {"lesion_too_small": distant_scene, "scattered_lesions": scattered_scene}


def synthetic_photo(kind: str, seed: int, size: tuple[int, int], severity: float = 0.8) -> Image.Image:
    """Draw one photo of `kind` in `size` (width, height): same arguments, same pixels.

    What lies in the scene, a lesion too far away or too many of them, is drawn in it; `severity` (0..1) is of the
    faults made afterwards. Raises KeyError for an unknown kind.
    """
    if kind in _OWN_SCENES:
        return render(_OWN_SCENES[kind](seed), *size)
    good = render(good_scene(seed), *size)
    return good if kind == USABLE else spoil(good, kind, severity, seed)
