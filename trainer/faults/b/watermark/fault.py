"""A mark over the photo: one of an agency's, a site's, a camera's or a screen's."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from trainer.faults.b.watermark.drawings import pointed_at
from trainer.faults.b.watermark.marks import (
    across,
    badge,
    burnt_date,
    credit,
    crossed,
    signature,
    square_code,
    tiled,
)
from trainer.faults.b.watermark.posts import (
    before_and_after,
    film,
    instant_print,
    made_unknowable,
    stamped,
    stripes_code,
)
from trainer.faults.b.watermark.screens import bubble, camera_app, letterbox, status_bar
from trainer.faults.fault import between

Mark = Callable[[Image.Image, float, np.random.Generator], Image.Image]
"""Takes a photo, an opacity of 0..1 and the draws; gives the photo with the mark."""

MARKS: tuple[Mark, ...] = (
    *(credit, credit, across, tiled, crossed, badge, square_code, burnt_date, signature),
    *(status_bar, letterbox, camera_app, bubble),
    *(pointed_at, pointed_at, pointed_at, film, instant_print, before_and_after),
    *(stamped, made_unknowable, stripes_code),
)


def watermark(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Lay one mark over the photo, two now and then when severe; opacity from 0.45 (mild) to 0.95 (gross).

    Screens and codes are nearly opaque at any severity, as they are in life.
    """
    opacity = between(0.45, 0.95, severity)
    for _ in range(2 if rng.random() < severity * 0.3 else 1):
        photo = MARKS[int(rng.integers(len(MARKS)))](photo, opacity, rng)
    return photo
