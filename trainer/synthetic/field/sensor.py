"""What a phone does to the light: a soft lens, noise, a little sharpening."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Picture, to_srgb


@dataclass(frozen=True, slots=True)
class Sensor:
    """`softness_px` of the lens at the sensor, `noise` of a full-scale signal, `sharpening` 0..1."""

    softness_px: float
    noise: float
    sharpening: float


def any_sensor(rng: np.random.Generator) -> Sensor:
    """A phone's camera in fair light."""
    return Sensor(
        softness_px=float(rng.uniform(0.2, 0.8)),
        noise=float(rng.uniform(0.001, 0.010)),
        sharpening=float(rng.choice([0.0, rng.uniform(0.2, 0.9)])),
    )


def expose(picture: Picture, sensor: Sensor, rng: np.random.Generator) -> Image.Image:
    """The 8-bit picture the camera would hand out."""
    shot = np.sqrt(np.clip(picture, 0, 1)) * np.float32(sensor.noise) * 2 + np.float32(sensor.noise) / 2
    noise = rng.standard_normal(picture.shape, dtype=np.float32)
    clean = Image.fromarray(to_srgb(picture)).filter(ImageFilter.GaussianBlur(sensor.softness_px))
    grain = noise * shot * np.float32(255)
    image = Image.fromarray(np.clip(np.asarray(clean, dtype=np.float32) + grain, 0, 255).astype(np.uint8))
    if sensor.sharpening > 0:
        image = image.filter(ImageFilter.UnsharpMask(1.2, round(80 * sensor.sharpening), 2))
    return image
