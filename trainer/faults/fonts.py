"""Letters at any size, from the font that Pillow carries: the same on every machine."""

from functools import lru_cache

from PIL import ImageFont


@lru_cache(maxsize=64)
def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font at `size_px`."""
    return ImageFont.load_default(size_px)
