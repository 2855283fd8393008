"""Too little or too much light."""

import numpy as np
from PIL import Image

from trainer.faults.fault import between
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.noise import Field, lattice


def underexposed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Leave a tenth (mild) to a sixtieth (gross) of a mid-grey's light, in noise."""
    linear = to_linear(np.asarray(photo, dtype=np.float32))
    light = between(0.045, 0.008, severity) / max(float(linear.mean()), 0.01)
    dark = linear * np.float32(min(light, 0.5)) * _uneven(photo.size, rng)
    noise = rng.standard_normal(linear.shape, dtype=np.float32) * np.float32(rng.uniform(0.0005, 0.004))
    return Image.fromarray(to_srgb(dark + noise * (0.5 + 4 * np.sqrt(dark))))


def overexposed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Burn out from a good part (mild) to nearly all (gross) of the photo."""
    linear = to_linear(np.asarray(photo, dtype=np.float32))
    light = between(1.5, 4.5, severity) / max(float(np.quantile(linear[::4, ::4], 0.7)), 0.02)
    veil = np.float32(between(0.02, 0.25, severity))
    return Image.fromarray(to_srgb(linear * np.float32(light) * _uneven(photo.size, rng) + veil))


def relit(photo: Image.Image, light: float, rng: np.random.Generator) -> Image.Image:
    """Multiply the photo's light by `light`, unevenly by up to a fifth over the frame."""
    linear = to_linear(np.asarray(photo, dtype=np.float32))
    return Image.fromarray(to_srgb(linear * np.float32(light) * _uneven(photo.size, rng)))


def _uneven(size: tuple[int, int], rng: np.random.Generator) -> Field:
    field = 1 + np.float32(rng.uniform(0, 0.2)) * lattice(rng, size, max(size) / 2)
    return np.asarray(np.clip(field, 0.3, 2)[..., None], dtype=np.float32)
