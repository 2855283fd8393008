"""The same operations at a degree that a dermatologist accepts, so that no model learns to see the operation itself."""

import math

import numpy as np
from PIL import Image, ImageFilter

from trainer.faults.c.distance.weaving import woven
from trainer.faults.c.fields import around, slope_across
from trainer.faults.c.focus.faults import spread_by
from trainer.faults.c.focus.spread import iris, moffat
from trainer.faults.c.lesion.cutout import lay, scaled, take_apart, turned
from trainer.faults.c.lesion.finding import find_spot
from trainer.faults.c.lesion.shrinking import drawn_in
from trainer.faults.c.light.response import filmic
from trainer.faults.c.marks.letters import Line, inked
from trainer.faults.c.marks.overlay import laid
from trainer.faults.c.pixels import grained, light_of, photo_of_light, plane_of, recompressed
from trainer.faults.c.scatter.eruption import coloured, coverage
from trainer.faults.c.scatter.shapes import grown
from trainer.faults.fault import between

_LEAST_DIAMETER = 0.2  # of the lesion in short sides: smaller would be a fault
_BELIEVED = 1.0
_EVEN = 0.055


def lesion_a_little_smaller(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The lesion at 95 to 75 % of its sides, never below a fifth of the frame."""
    spot = find_spot(photo)
    left, top, right, bottom = spot.mask.getbbox() or (0, 0, *photo.size)
    least = _LEAST_DIAMETER * min(photo.size) / max(spot.diameter_px, 1.0)
    share = min(0.98, max(between(0.95, 0.75, severity) * float(rng.uniform(0.97, 1.03)), least))
    return drawn_in(photo, (left + right) / 2, (top + bottom) / 2, share)


def on_woven_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The lesion at its own size, or a little less, on skin woven from its own; other light where that is not even."""
    apart = take_apart(photo, rng)
    if not apart.whole or apart.doubt > _BELIEVED or apart.plain.roughness > _EVEN:
        return other_light(photo, severity, rng)
    least = _LEAST_DIAMETER * min(photo.size) / max(apart.diameter_px, 1.0)
    share = min(1.0, max(between(1.0, 0.8, severity), least))
    light = woven(apart.plain.light, photo.size, 1.0, rng)
    lay(light, [(turned(scaled(apart.veil, share), rng), photo.width / 2, photo.height / 2)])
    return photo_of_light(light)


def some_moles(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One to three small moles off the middle."""
    count = 1 + round(2 * severity)
    turn = float(rng.uniform(0, math.tau)) + math.tau / 3 * np.arange(count)
    at = 0.5 + float(rng.uniform(0.3, 0.44)) * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    cover = coverage(photo.size, at, between(0.02, 0.045, severity), grown, rng)
    brown = np.array([0.6, 0.45, 0.38], dtype=np.float32) ** np.float32(rng.uniform(0.6, 1.4))
    return photo_of_light(coloured(light_of(photo), cover, brown, rng))


def softened(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Softness that nobody would mind: a third of what is rejected, at most."""
    spread = iris if rng.random() < 0.5 else moffat
    radius_px = max(between(0.0006, 0.0014, severity) * min(photo.size), 0.3)
    return grained(spread_by(photo, spread, radius_px, rng), float(rng.uniform(0.2, 1.2)), rng)


def thinly_hazed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A little stray light."""
    share = between(0.02, 0.08, severity)
    tint = np.array([rng.uniform(0.8, 1.0), 0.9, rng.uniform(0.8, 1.0)], dtype=np.float32)
    return photo_of_light(light_of(photo) * np.float32(1 - share) + tint * np.float32(share * 0.5))


def other_light(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Up to half a stop more or less, a cast, darker corners, a slope of light, a gentle curve."""
    gain = 2 ** (between(0.12, 0.5, severity) * float(rng.choice((-1, 1))))
    cast = np.exp(rng.normal(0, 0.02 + 0.04 * severity, 3)).astype(np.float32)
    corners = 1 - np.float32(0.3 * severity) * (1 - around(photo.size, (0.5, 0.5), 0.9))
    lean = 1 + np.float32(0.15 * severity) * slope_across(photo.size, float(rng.uniform(0, math.tau)))
    lit = light_of(photo) * np.float32(gain) * cast * (corners * lean)[..., None]
    return photo_of_light(filmic(lit, 0.001, float(rng.uniform(0.0, 0.2))))


def compressed(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Saved again as JPEG of quality 92 to 75, after a little noise."""
    return recompressed(grained(photo, float(rng.uniform(0, 1.5)), rng), round(between(92, 75, severity)))


def pen_mark(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Ink on the skin around or beside the lesion, as surgeons leave it; the skin's texture shows through."""
    spot = find_spot(photo).mask.getbbox() or (0, 0, *photo.size)
    x, y = (spot[0] + spot[2]) / 2, (spot[1] + spot[3]) / 2
    short, extent = min(photo.size), max(spot[2] - spot[0], spot[3] - spot[1])
    reach = float(np.clip(extent * 0.62, 0.12 * short, 0.42 * short))
    turn = np.linspace(0, math.tau * between(0.12, 1.0, severity), 40) + float(rng.uniform(0, math.tau))
    wobble = reach * (1 + 0.02 * np.cumsum(rng.normal(0, 0.4, 40)))
    line: Line = list(zip((x + wobble * np.cos(turn)).tolist(), (y + wobble * np.sin(turn)).tolist(), strict=True))
    stroke = inked([line], photo.size, max(min(photo.size) * float(rng.uniform(0.006, 0.014)), 1.2))
    uneven = stroke.filter(ImageFilter.GaussianBlur(max(min(photo.size) / 400, 0.5)))
    ratio = np.array([rng.uniform(0.12, 0.3), rng.uniform(0.12, 0.25), rng.uniform(0.35, 0.6)], dtype=np.float32)
    return photo_of_light(coloured(light_of(photo), plane_of(uneven), ratio, rng))


def sharpened(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A phone's halo at edges."""
    radius = float(rng.uniform(0.8, 2.0)) * max(min(photo.size) / 480, 0.5)
    return photo.filter(ImageFilter.UnsharpMask(radius, round(between(25, 90, severity)), 1))


def some_hairs(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """One to eight hairs across."""
    lines: list[Line] = []
    for _ in range(1 + round(7 * severity * float(rng.uniform(0.5, 1)))):
        angle, long_px = float(rng.uniform(0, math.tau)), min(photo.size) * float(rng.uniform(0.15, 0.5))
        heading = angle + np.linspace(0, float(rng.normal(0, 0.8)), 24)
        x = float(rng.uniform(0, photo.width)) + np.cumsum(np.cos(heading)) * long_px / 24
        y = float(rng.uniform(0, photo.height)) + np.cumsum(np.sin(heading)) * long_px / 24
        lines.append(list(zip(x.tolist(), y.tolist(), strict=True)))
    dark = int(rng.integers(15, 90))
    mask = inked(lines, photo.size, max(min(photo.size) / 320, 1.0))
    return laid(photo, mask, (dark, int(dark * 0.8), int(dark * 0.65)), float(rng.uniform(0.5, 0.9)))


def enlarged_a_little(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Resampled at 102 to 107 %, cropped to its size again."""
    grown_by = 1.02 + 0.05 * severity
    size = (math.ceil(photo.width * grown_by), math.ceil(photo.height * grown_by))
    wide = photo.resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - photo.width) * float(rng.uniform(0, 1)), (size[1] - photo.height) * float(rng.uniform(0, 1))
    return wide.crop((int(left), int(top), int(left) + photo.width, int(top) + photo.height))


HARMLESS = (
    lesion_a_little_smaller, on_woven_skin, some_moles, softened, thinly_hazed, other_light, compressed, pen_mark,
    sharpened, some_hairs, enlarged_a_little,
)  # fmt: skip
