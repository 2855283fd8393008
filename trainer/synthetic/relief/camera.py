"""The phone that takes the close-up: auto-exposure, tone curve, lens, noise, denoising and sharpening."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Picture, quick_srgb
from trainer.synthetic.noise import lattice


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
        obedience=float(rng.uniform(0.5, 0.75)),
        contrast=float(rng.uniform(0.0, 0.5)),
        saturation=float(rng.uniform(0.85, 1.2)),
        blur_px=float(rng.uniform(0.2, 0.7)),
        grain=float(rng.uniform(0.5, 3.0)),
        sharpening=float(rng.choice([0.0, rng.uniform(20, 90)])),
        tint=(float(rng.normal(1, 0.03)), float(rng.normal(1, 0.06))),
    )


def take(picture: Picture, camera: Camera, rng: np.random.Generator) -> Image.Image:
    """The 8-bit photo. The exposure only partly makes up for dark or light skin, as phones do."""
    height, width = picture.shape[:2]
    level = float(picture[::8, ::8, 1].mean()) + 1e-3
    picture *= np.float32(level**-camera.obedience * camera.target**camera.obedience)
    grey = picture.mean(axis=2, keepdims=True)
    picture -= grey
    picture *= np.float32(camera.saturation)
    picture += grey
    picture *= np.array([camera.tint[0], 1.0, camera.tint[1]], dtype=np.float32)
    _bend_tones(picture, camera.contrast)
    photo = Image.fromarray(quick_srgb(picture)).filter(ImageFilter.GaussianBlur(camera.blur_px))
    grain = np.round(lattice(rng, (width, height), 1.2 + camera.blur_px) * np.float32(camera.grain)).astype(np.int16)
    levels = np.asarray(photo, dtype=np.int16) + grain[..., None]
    photo = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    if camera.sharpening > 0:
        photo = photo.filter(ImageFilter.UnsharpMask(1.0, round(camera.sharpening), 1))
    return photo


def _bend_tones(picture: Picture, contrast: float) -> None:
    """A soft shoulder instead of clipping, and a little more contrast, in place."""
    np.clip(picture, 0, 6, out=picture)
    shoulder = picture * picture
    shoulder *= np.float32(0.16)
    shoulder += picture
    picture += 1
    np.divide(shoulder, picture, out=picture)
    picture *= np.float32(1.45)
    if contrast > 0.02:
        bent = 3 - 2 * np.clip(picture, 0, 1)
        picture *= 1 + np.float32(contrast) * (np.clip(picture, 0, 1) * bent - 1)
