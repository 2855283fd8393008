"""A photo's skin with its lesion cleared away, the rest left as it was taken."""

import numpy as np
from PIL import Image

from trainer.faults.b.bare import calm_grain, carried_on, laid_out
from trainer.faults.b.lesion import Found, soft_cover
from trainer.faults.primitives import mixed, photo_of, pixels

_LARGEST = 0.42  # of the frame's area: beyond it the skin left is a rim


def cleared(photo: Image.Image, found: Found, rng: np.random.Generator) -> Image.Image | None:
    """Carry the surrounding colour and lay the calm part's grain over the lesion; None where that is most of it."""
    cover = np.clip(soft_cover(found, photo.size, grow=4), 0, 1)
    if float(cover.mean()) > _LARGEST:
        return None
    values = pixels(photo)
    rows, columns = (np.flatnonzero(cover.any(axis)) for axis in (1, 0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    base = carried_on(values, 1 - cover)[box]
    grain = laid_out(calm_grain(photo, 1.0), (base.shape[1], base.shape[0]), rng)
    values = values.copy()
    values[box] = mixed(values[box], base + grain, cover[box])
    return photo_of(values)
