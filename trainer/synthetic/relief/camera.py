"""The phone that takes the close-up: auto-exposure, tone curve, lens, noise, denoising and sharpening."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Curve, Picture, developed
from trainer.synthetic.noise import grains

_BRIGHTEST = 6.0  # of linear light that the curve tells apart


@dataclass(frozen=True, slots=True)
class Camera:
    """`target` mean of linear light that the exposure aims at, `blur_px` of lens and denoising, `grain` in levels."""

    target: float
    obedience: float
    contrast: float
    saturation: float
    blur_px: float
    grain: float
    sharpening: float
    tint: tuple[float, float]


def any_camera(rng: np.random.Generator) -> Camera:
    """A phone that focuses well, in fair light."""
    return Camera(
        target=float(rng.uniform(0.26, 0.46)),
        obedience=float(rng.uniform(0.25, 0.55)),
        contrast=float(rng.uniform(0.0, 0.5)),
        saturation=float(rng.uniform(0.85, 1.2)),
        blur_px=float(rng.uniform(0.2, 0.7)),
        grain=float(rng.uniform(0.5, 3.0)),
        sharpening=float(rng.choice([0.0, rng.uniform(0.2, 0.9)])),
        tint=(float(rng.normal(1, 0.03)), float(rng.normal(1, 0.06))),
    )


def take(picture: Picture, camera: Camera, rng: np.random.Generator) -> Image.Image:
    """The 8-bit photo. The exposure only partly makes up for dark or light skin, as phones do."""
    height, width = picture.shape[:2]
    level = float(picture[::8, ::8, 1].mean()) + 1e-3
    picture *= np.float32((camera.target / level) ** camera.obedience)
    for channel, tint in ((0, camera.tint[0]), (2, camera.tint[1])):
        picture[..., channel] *= np.float32(camera.saturation * tint)
        picture[..., channel] += np.float32((1 - camera.saturation) * tint) * picture[..., 1]
    levels_8bit = developed(picture, lambda light: _toned(light, camera.contrast), _BRIGHTEST)
    photo = Image.fromarray(levels_8bit).filter(ImageFilter.BoxBlur(camera.blur_px))
    grain = np.round(grains(rng, (width, height), 1.2 + camera.blur_px) * np.float32(camera.grain)).astype(np.int16)
    levels = np.asarray(photo, dtype=np.int16) + grain[..., None]
    photo = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    return photo.filter(_sharpener(camera.sharpening)) if camera.sharpening else photo


def _toned(light: Curve, contrast: float) -> Curve:
    """A soft shoulder instead of clipping, and a little more contrast."""
    shouldered = np.clip(1.45 * light * (1 + 0.16 * light) / (1 + light), 0, 1)
    bent = shouldered * shouldered * (3 - 2 * shouldered)
    return np.asarray(shouldered + contrast * (bent - shouldered))


def _sharpener(strength: float) -> ImageFilter.Kernel:
    """Adds the difference from the eight neighbours, `strength` of 0..1."""
    side = -strength / 8
    return ImageFilter.Kernel((3, 3), (side, side, side, side, 1 + strength, side, side, side, side), scale=1)
