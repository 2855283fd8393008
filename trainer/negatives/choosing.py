"""Which pictures of a package are photographs: by colours and by flat ground, on a small copy."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.synthetic.noise import Field

MAX_FILE_BYTES = 64 << 20
MAX_PIXELS = 80_000_000
MIN_SIDE = 400
LONGEST_SIDE = 1600

_LOOKED_AT = 512
_LEAST_ENTROPY_BITS = 5.0
_MOST_FLAT = 0.62
_FLAT_STEP = 1.0  # of 255


def read_photograph(path: Path) -> Image.Image | None:
    """The picture in RGB, at most 1600 on its longer side; None for what Pillow cannot read, is too large or small,
    or is drawn: a flat ground or a few colours only.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of bombs and of broken metadata: neither is wanted
            picture = _opened(path)
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None
    return picture if picture is not None and is_photograph(picture) else None


def is_photograph(picture: Image.Image) -> bool:
    """Whether an RGB picture has a photograph's wealth of colour, and grain in most places."""
    small = picture.copy()
    small.thumbnail((_LOOKED_AT, _LOOKED_AT))
    return _entropy_bits(small) >= _LEAST_ENTROPY_BITS and _flat_share(small) <= _MOST_FLAT


def _opened(path: Path) -> Image.Image | None:
    with Image.open(path) as file:
        if file.width * file.height > MAX_PIXELS or min(file.size) < MIN_SIDE:
            return None
        if file.mode in {"RGBA", "LA", "PA"} or "transparency" in file.info:
            return None  # something to lay over a ground: drawn
        file.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture = file.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def _entropy_bits(small: Image.Image) -> float:
    """Entropy of the colours at 32 steps a channel, in bits a pixel."""
    steps = np.asarray(small).astype(np.int64) >> 3
    counts = np.bincount((steps[..., 0] << 10 | steps[..., 1] << 5 | steps[..., 2]).ravel())
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _flat_share(small: Image.Image) -> float:
    """The share of pixels that are the mean of their four neighbours."""
    grey: Field = np.asarray(small.convert("L"), dtype=np.float32)
    around = (grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]) / 4
    return float((np.abs(grey[1:-1, 1:-1] - around) <= _FLAT_STEP / 4).mean())
