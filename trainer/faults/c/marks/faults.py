"""Something that is not of the scene is on the photo: words, seals, panels, frames, drawings."""

import numpy as np
from PIL import Image

from trainer.faults.c.marks.drawings import annotated, sticker
from trainer.faults.c.marks.lettering import display, signature, stamped, tiled
from trainer.faults.c.marks.overlay import Mark
from trainer.faults.c.marks.panels import bar_code, framed, letterhead, scale_bar, screenshot
from trainer.faults.fault import between

_MARKS: tuple[Mark, ...] = (
    tiled, tiled, signature, signature, signature, stamped, stamped, display, letterhead, letterhead, scale_bar,
    screenshot, framed, bar_code, annotated, annotated, sticker,
)  # fmt: skip


def watermark(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One mark, or two when severe; what may be seen through has an opacity of 0.3 (mild) to 1 (gross)."""
    opacity = between(0.3, 1.0, severity)
    first, second = (_MARKS[int(at)] for at in rng.integers(len(_MARKS), size=2))
    both = rng.random() < severity * 0.4
    view = first(photo.convert("RGB"), opacity, rng)
    return second(view, opacity, rng) if both else view
