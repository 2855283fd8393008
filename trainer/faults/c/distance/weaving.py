"""More of the same skin, all around or further away, from a piece of it that is plain."""

import numpy as np
from PIL import Image

from trainer.faults.c.fields import cloud
from trainer.faults.c.pixels import Pixels, Size, resized
from trainer.faults.c.texture import fine_part, more_of

_SMALLEST_SHARE = 0.4
_MOST_TEXTURE = 0.1  # deviation over level: more is not the skin's own texture


def skin_from_afar(plain: Pixels, share: float, size: Size, rng: np.random.Generator) -> Pixels:
    """Linear light of `size`: the `plain` skin (linear) as it looks when a lesion on it is at `share` of its sides.

    Texture fades with distance before it gets finer, as it does through a lens: so no small piece repeats.
    """
    height, width = plain.shape[:2]
    shown = max(share, _SMALLEST_SHARE)
    source = resized(plain, (max(int(width * shown), 8), max(int(height * shown), 8)), Image.Resampling.BOX)
    contrast = float(np.clip((share / shown) ** 0.5, 0.35, 1.0))
    return woven(source, size, contrast, rng)


def woven(source: Pixels, size: Size, contrast: float, rng: np.random.Generator) -> Pixels:
    """Linear light of `size` from pieces of `source` (linear), its texture times `contrast`, in uneven light."""
    middle = np.median(source[::2, ::2], axis=(0, 1)).astype(np.float32)
    detail = fine_part(source)
    own = float((detail.std((0, 1)) / np.maximum(middle, 0.01)).mean())
    detail *= np.float32(contrast * min(1.0, _MOST_TEXTURE / max(own, 1e-6)))
    texture = more_of(detail, size, rng)
    shade = 1 + np.float32(rng.uniform(0.02, 0.07)) * cloud(rng, size, max(size), max(size) / 8, 2.5)
    flush = np.float32(rng.uniform(0.005, 0.02)) * cloud(rng, size, max(size) / 4, max(size) / 24, 2.0)
    tint = shade[..., None] * (1 + flush[..., None] * np.array([0.3, -1.0, -0.8], dtype=np.float32))
    return np.asarray(np.clip((middle + texture) * tint, 0, 1), dtype=np.float32)
