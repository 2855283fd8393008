"""Pictures drawn with known truth: skin with discs on it, blurred by a known width."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SKIN = {"light": (232, 190, 165), "medium": (198, 145, 110), "dark": (104, 68, 50)}
LESION = {"light": (140, 80, 60), "medium": (95, 55, 40), "dark": (48, 28, 24)}


def skin(width: int = 400, height: int = 300, tone: str = "light", seed: int = 0) -> Image.Image:
    """Plain skin with fine texture and an uneven lamp."""
    rng = np.random.default_rng(seed)
    texture = rng.normal(0, 5, (height, width, 1))
    lamp = np.linspace(0.92, 1.06, width)[None, :, None]
    pixels = np.array(SKIN[tone], dtype=float) * lamp + texture
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def with_discs(
    photo: Image.Image, centres: list[tuple[float, float]], diameter: float, tone: str = "light"
) -> Image.Image:
    """Discs of `diameter` (share of the short side) at centres given as shares of width and height."""
    photo = photo.copy()
    draw = ImageDraw.Draw(photo)
    radius = diameter * min(photo.size) / 2
    for x, y in centres:
        left, top = x * photo.width - radius, y * photo.height - radius
        draw.ellipse((left, top, left + 2 * radius, top + 2 * radius), LESION[tone])
    return photo


def usable(tone: str = "light", seed: int = 0) -> Image.Image:
    """One lesion in the middle of sharp skin."""
    return with_discs(skin(tone=tone, seed=seed), [(0.5, 0.5)], 0.4, tone)


def blurred(photo: Image.Image, share: float) -> Image.Image:
    """Blurred by a Gaussian of `share` of the short side."""
    return photo.filter(ImageFilter.GaussianBlur(share * min(photo.size)))


def printed(photo: Image.Image, text: str, size: int = 22) -> Image.Image:
    """White text over the lower part."""
    photo = photo.copy()
    ImageDraw.Draw(photo).text((12, photo.height - size - 12), text, "white", _font(size))
    return photo


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
