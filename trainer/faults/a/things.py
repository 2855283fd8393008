"""Things that lie beside a lesion in the scene and are no mark on it: paper scales, labels, a ring, a chain."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.faults.fonts import font
from trainer.faults.primitives import axes, clouds, mixed, photo_of, pixels
from trainer.synthetic.noise import Field

_FINER = 2


def paper_beside(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A slip of paper at the edge: a scale with numbers, a scale of squares, or bare; lit as the skin is."""
    side = min(photo.size)
    wide, high = round(side * float(rng.uniform(0.3, 0.75))), round(side * float(rng.uniform(0.07, 0.13)))
    paper = Image.new("RGB", (wide * _FINER, high * _FINER), _PAPERS[int(rng.integers(len(_PAPERS)))])
    _printed(paper, rng)
    return _placed(photo, paper.convert("RGBA"), rng)


def jewellery_beside(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Part of a chain or a ring, of gold, silver or beads, over a corner."""
    side = min(photo.size)
    layer = Image.new("RGBA", (photo.width * _FINER, photo.height * _FINER))
    draw = ImageDraw.Draw(layer)
    corner = (layer.width * int(rng.integers(2)), layer.height * int(rng.integers(2)))
    reach, bead = side * _FINER * float(rng.uniform(0.2, 0.33)), side * _FINER * float(rng.uniform(0.008, 0.022))
    metal = np.array(_METALS[int(rng.integers(len(_METALS)))], dtype=np.float64)
    for turn in np.arange(0, 2 * np.pi, 2.1 * bead / reach):
        x, y = corner[0] + reach * float(np.cos(turn)), corner[1] + reach * float(np.sin(turn))
        for shade, part in ((0.5, 1.0), (0.9, 0.75), (1.25, 0.3)):
            red, green, blue = (int(value) for value in np.clip(metal * shade, 0, 255))
            draw.ellipse((x - bead * part, y - bead * part, x + bead * part, y + bead * part), (red, green, blue, 255))
    return _lit(photo, layer.reduce(_FINER))


def _printed(paper: Image.Image, rng: np.random.Generator) -> None:
    """Print a scale on the slip, or nothing."""
    draw = ImageDraw.Draw(paper)
    wide, high = paper.size
    kind, step = int(rng.integers(3)), high * float(rng.uniform(0.5, 0.9))
    for index in range(int(wide / step) if kind < 2 else 0):
        x = index * step
        if kind == 0:
            draw.line((x, 0, x, high * (0.5 if index % 5 == 0 else 0.3)), (25, 25, 25), max(1, high // 30))
            draw.text((x + 2, high * 0.5), str(index), (25, 25, 25), font(max(high // 3, 8)))
        elif index % 2:
            draw.rectangle((x, high * 0.3, x + step, high * 0.7), (20, 20, 20))


def _placed(photo: Image.Image, paper: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Lay the slip along one side of the frame, a little askew."""
    if rng.random() < 0.5:
        paper = paper.transpose(Image.Transpose.ROTATE_90)
    paper = paper.rotate(float(rng.normal(0, 4)), Image.Resampling.BICUBIC, expand=True).reduce(_FINER)
    free = (photo.width - paper.width, photo.height - paper.height)
    far = round(float(rng.choice([-0.02, 1.02])) * (free[1] if paper.width > paper.height else free[0]))
    place = (round(free[0] * float(rng.random())), far) if paper.width > paper.height else (far, round(free[1] * 0.5))
    layer = Image.new("RGBA", photo.size)
    layer.paste(paper, place)
    return _lit(photo, layer)


def _lit(photo: Image.Image, layer: Image.Image) -> Image.Image:
    """The layer's thing in the photo's light, with its shadow on the skin."""
    values = pixels(photo)
    cover = np.asarray(layer.getchannel("A"), dtype=np.float32) / np.float32(255)
    soft = layer.getchannel("A").filter(ImageFilter.GaussianBlur(max(min(photo.size) / 80, 1)))
    shadow = 1 - np.asarray(soft, dtype=np.float32)[..., None] / np.float32(700)
    light = np.float32(min(0.4 + float(values.mean()) / 280, 1.0)) * (1 + 0.06 * _slope(photo.size))
    thing = pixels(layer.convert("RGB")) * light[..., None]
    return photo_of(mixed(np.asarray(values * shadow, dtype=np.float32), np.asarray(thing, dtype=np.float32), cover))


def _slope(size: tuple[int, int]) -> Field:
    x, y = axes(size)
    return np.asarray(x + y, dtype=np.float32)


def redness(photo: Image.Image, most: float, rng: np.random.Generator) -> Image.Image:
    """Blood in the skin around the middle, fading outwards; `most` is the share of green and blue light it takes."""
    x, y = axes(photo.size)
    away = np.hypot(x, y) / np.float32(rng.uniform(0.2, 0.4)) + 0.15 * clouds(rng, photo.size, max(photo.size) / 6)
    share = np.float32(most) * np.exp(-away * away)
    return photo_of(np.asarray(pixels(photo) * (1 - share[..., None] * np.array((0.1, 1, 1))), dtype=np.float32))


def freckled(photo: Image.Image, most: float, rng: np.random.Generator) -> Image.Image:
    """Pigment in fine patches, each by `most` (share of light) at the most: texture, not lesions."""
    fine = clouds(rng, photo.size, max(min(photo.size) * float(rng.uniform(0.01, 0.03)), 2))
    share = np.float32(most) * np.clip(fine - np.float32(0.4), 0, 1)
    return photo_of(np.asarray(pixels(photo) * (1 - share[..., None] * np.array((0.6, 0.9, 1.0))), dtype=np.float32))


_PAPERS = ((250, 250, 245), (255, 255, 255), (235, 240, 250), (250, 235, 150))
_METALS = ((205, 165, 80), (185, 185, 192), (150, 60, 50), (225, 225, 215), (50, 50, 60))
