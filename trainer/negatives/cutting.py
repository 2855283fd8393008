"""A part of a picture as somebody might send it by mistake: any place, nearness, turn; now and then out of focus."""

import math

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageStat

Matrix = tuple[float, float, float, float, float, float]

_NEAREST = 0.12  # share of the picture's short side that the closest cut shows
_TRIES = 4
_DARKEST, _BRIGHTEST = 45, 225  # mean grey, of 255: else it would be a picture of an exposure


def cut(picture: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A part of `picture` (RGB) in `size` (width, height), turned, mirrored, in other light, sometimes soft."""
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for _ in range(_TRIES):
        part = _reduced(picture, _window(picture.size, size, rng), size)
        if _DARKEST <= _brightness(part) <= _BRIGHTEST:
            break
    part = ImageEnhance.Brightness(part).enhance(float(rng.uniform(0.75, 1.2)))
    part = ImageEnhance.Color(part).enhance(float(rng.uniform(0.6, 1.15)))
    if rng.random() < 0.25:
        part = part.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 0.5 + 0.01 * min(size)))))
    return part


def _brightness(part: Image.Image) -> float:
    return float(ImageStat.Stat(part.convert("L")).mean[0])


def _window(whole: tuple[int, int], size: tuple[int, int], rng: np.random.Generator) -> Matrix:
    """Where in a picture of the size `whole` each pixel of the cut is taken from: an affine matrix for Pillow."""
    scale = min(whole[0] / size[0], whole[1] / size[1]) * _NEAREST ** float(rng.random())
    angle = float(rng.choice([0.0, rng.normal(0, 0.3), rng.uniform(0, 2 * math.pi)]))
    cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
    # A turned cut reaches further than a level one: it is made smaller until it lies within the picture.
    half_x = (abs(cosine) * size[0] + abs(sine) * size[1]) / 2
    half_y = (abs(sine) * size[0] + abs(cosine) * size[1]) / 2
    shrink = min(1.0, whole[0] / (2 * half_x), whole[1] / (2 * half_y))
    cosine, sine = cosine * shrink, sine * shrink
    x = float(rng.uniform(half_x * shrink, max(whole[0] - half_x * shrink, half_x * shrink)))
    y = float(rng.uniform(half_y * shrink, max(whole[1] - half_y * shrink, half_y * shrink)))
    across = x - cosine * size[0] / 2 + sine * size[1] / 2
    down = y - sine * size[0] / 2 - cosine * size[1] / 2
    return (cosine, -sine, across, sine, cosine, down)


def _reduced(picture: Image.Image, matrix: Matrix, size: tuple[int, int]) -> Image.Image:
    """The affine cut; the picture is shrunk first where the cut would skip pixels."""
    factor = max(int(math.hypot(matrix[0], matrix[1])), 1)
    small = picture.reduce(factor) if factor > 1 else picture
    scaled = tuple(value / factor for value in matrix)
    return small.transform(size, Image.Transform.AFFINE, scaled, Image.Resampling.BICUBIC)
