"""The light a scene stands in: direction, fall-off, colour, glare on the relief."""

from dataclasses import dataclass

import numpy as np

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, octaves


@dataclass(frozen=True, slots=True)
class Light:
    """`level` is the exposure (1 is right), `gradient` the fall-off over the frame, `warmth` -1..1."""

    level: float
    gradient: float
    angle: float
    vignette: float
    warmth: float
    glare: float


def any_light(rng: np.random.Generator, tone: float) -> Light:
    """Light as phones meet it, still well exposed: a camera opens up for dark skin (`tone` 0 light .. 1 dark)."""
    return Light(
        level=float(rng.uniform(0.8, 1.2) * (1 + 0.9 * tone)),
        gradient=float(rng.uniform(0, 0.35)),
        angle=float(rng.uniform(0, 2 * np.pi)),
        vignette=float(rng.uniform(0, 0.25)),
        warmth=float(rng.uniform(-0.6, 1.0)),
        glare=float(max(0.0, rng.normal(0.0, 0.25))),
    )


def shine(picture: Picture, light: Light, surface: Field, rng: np.random.Generator) -> None:
    """Light the reflectances of `picture` in place; glare sits on the tops of `surface`."""
    height, width = picture.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    slope = np.float32(np.cos(light.angle)) * x + np.float32(np.sin(light.angle)) * y
    falloff = 1 + np.float32(light.gradient) * slope - np.float32(light.vignette) * (x * x + y * y) / 2
    picture *= (light.level * np.clip(falloff, 0.15, 2))[..., None].astype(np.float32)
    picture *= np.array([1 + 0.10 * light.warmth, 1.0, 1 - 0.14 * light.warmth], dtype=np.float32)
    if light.glare > 0.05:
        patches = octaves(rng, (width, height), width / 3, width / 12)
        strength = np.float32(light.glare * 1.2 * (0.15 + float(picture.mean())))
        spots = np.clip(surface - 0.4, 0, 1) * np.clip(patches, 0, 1) * strength
        picture += spots[..., None]
