"""A rash over a photo's skin, worked out for the whole frame at once: absorption, relief in one light, toppings."""

import numpy as np
from PIL import Image

from trainer.faults.b.rash.nature import TOPPINGS, Nature, any_nature, depth, heights
from trainer.faults.b.rash.spots import FAR, Spots, outlined
from trainer.faults.b.rash.spread import SPREADS, Places
from trainer.faults.fault import between
from trainer.faults.primitives import Pixels, clouds, pixels, smoothstep
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.noise import Field

LEAST_CONTRAST = 44.0  # of 255 over RGB, between the inside of most spots and the skin
_OVER_GRAIN = 3.5  # times the deviation of the skin's own grain
_STRONGER = np.float32(1.4)
_TRIES = 6
_FEWEST, _MOST = 8, 100


def broken_out(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """8 (mild) to 100 (gross) spots of one kind, 2 to 15 % of the short side across, in any spread."""
    diameter = between(0.025, 0.12, float(rng.beta(1.6, 1.6)))
    count = round(between(12, 70, severity) * (0.055 / diameter) ** 0.6 * float(rng.uniform(0.8, 1.25)))
    count = int(np.clip(count, _FEWEST, min(_MOST, max(round(0.6 / diameter**2), _FEWEST))))
    places = SPREADS[int(rng.integers(len(SPREADS)))](count, rng)
    return with_spots(photo, places, diameter, any_nature(rng), rng)


def with_spots(
    photo: Image.Image, places: Places, diameter: float, nature: Nature, rng: np.random.Generator
) -> Image.Image:
    """Spots of one nature, about `diameter` (share of the short side) across, at `places`, made to be seen."""
    radius_px = max(diameter * min(photo.size) / 2, 2.2)
    spots = outlined(photo.size, places, radius_px, nature.uneven, rng)
    skin = to_linear(pixels(photo))
    factor = _factor(spots, nature, radius_px, _usual(skin), rng)
    return Image.fromarray(to_srgb(_visible(skin, factor, spots, _grain(photo))))


def _factor(spots: Spots, nature: Nature, radius_px: float, skin: Pixels, rng: np.random.Generator) -> Pixels:
    """What the rash does to the skin's light."""
    size = (spots.near.shape[1], spots.near.shape[0])
    fine = clouds(rng, size, max(radius_px / 4, 1.5))
    edge = max(nature.edge, 1.4 / radius_px)
    varied = (np.float32(0.8) + np.float32(0.4) * spots.lot + np.float32(0.1) * fine)[..., None]
    factor = np.exp(-depth(nature, spots.near, edge) * varied)
    if nature.relief != "flat":
        factor = factor * _shading(nature, spots.near, radius_px, float(rng.uniform(0, 2 * np.pi)))[..., None]
    if nature.topping in TOPPINGS:
        on_top = np.array(TOPPINGS[nature.topping], dtype=np.float32) / skin
        cover = _topped(nature, spots, fine)[..., None]
        factor = factor + cover * (on_top * (1 + np.float32(0.12) * fine[..., None]) - factor)
    return np.asarray(factor, dtype=np.float32)


def _shading(nature: Nature, near: Field, radius_px: float, light: float) -> Field:
    """Slopes towards the light are brighter, those away darker; glossy ones glint where they face it."""
    height = heights(nature, near)
    down, aside = np.gradient(height)
    slope = (np.cos(light) * aside + np.sin(light) * down) * np.float32(radius_px)
    shade = 1 - np.float32(0.33 * nature.height) * np.clip(slope, -1.2, 1.2)
    if nature.topping == "gloss":
        shade = shade + 2 * smoothstep((-slope - 0.45) * 3) * smoothstep((0.75 - near) * 6)
    return np.asarray(np.clip(shade, 0.25, 4), dtype=np.float32)


def _topped(nature: Nature, spots: Spots, fine: Field) -> Field:
    """How far scale, crust or pus covers each pixel."""
    if nature.topping == "pus":
        return smoothstep((0.42 - spots.near) * 6 + 0.5) * np.float32(0.9)
    patchy = smoothstep(fine * np.float32(0.7) + spots.lot + np.float32(0.1))
    return smoothstep((0.8 - spots.near) * 5 + 0.5) * patchy * np.float32(0.85)


def _visible(skin: Pixels, factor: Pixels, spots: Spots, grain: float) -> Pixels:
    """The skin with the rash, made stronger until most of its inside stands off the skin."""
    least = max(LEAST_CONTRAST, _OVER_GRAIN * grain)
    inside = (spots.near < np.float32(0.9))[::2, ::2]
    before, thin = skin[::2, ::2][inside], factor[::2, ::2][inside]
    power = np.float32(1)
    for _ in range(_TRIES):
        if not inside.any() or _apart(before, thin**power) >= least:
            break
        power *= _STRONGER
    if power > 1 and inside.any() and _apart(before, thin**power) < least:
        return _plainly(skin, spots)
    return np.asarray(skin * (factor if power == 1 else factor**power), dtype=np.float32)


def _plainly(skin: Pixels, spots: Spots) -> Pixels:
    """Where the kind cannot be seen on this skin: dark on light skin, light on dark."""
    tint = np.array((0.5, 0.25, 0.2) if float(_usual(skin).mean()) > 0.1 else (4.5, 3.4, 3.2), dtype=np.float32)
    cover = smoothstep((1 - spots.near) * 3 + 0.5)[..., None] * (spots.near < FAR)[..., None]
    return np.asarray(skin * (1 + cover * (tint - 1)), dtype=np.float32)


def _apart(skin: Pixels, factor: Pixels) -> float:
    """The distance over RGB (of 255) that two in three of the pixels [n, 3] are beyond."""
    root = np.float32(1 / 2.2)
    after = np.clip(skin * factor, 0, 1) ** root
    return float(np.quantile(np.linalg.norm(after - skin**root, axis=1), 0.35)) * 255


def _usual(skin: Pixels) -> Pixels:
    return np.maximum(np.median(skin[::6, ::6], axis=(0, 1)), np.float32(0.003)).astype(np.float32)


def _grain(photo: Image.Image) -> float:
    """Deviation (over RGB, of 255) of the skin at the scale of spots."""
    small = pixels(photo.resize((128, 128), Image.Resampling.BOX))
    return float(np.median(np.linalg.norm(small[2:, 2:] - small[:-2, :-2], axis=2)))
