"""Many lesions and none of them the subject: the photo's own over and over, drawn bumps and spots, or a rash."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.faults.b.distance import stepped_back
from trainer.faults.b.lesion import find_lesion, soft_cover
from trainer.faults.b.rash.rash import broken_out
from trainer.faults.b.rash.skin import cleared
from trainer.faults.b.rash.spread import Places, spread_out
from trainer.faults.fault import between
from trainer.faults.primitives import Pixels, axes, clouds, pixels, resized, smoothstep
from trainer.synthetic.colour import to_linear, to_srgb
from trainer.synthetic.noise import Field, octaves

_SMALL = 0.15  # of the short side: a lesion as large as a rash's largest spots
_FAINT = 0.22  # of the skin's light: what a copied lesion takes away must be more

BLOOD = np.array((0.93, 0.42, 0.40), dtype=np.float32)
MELANIN = np.array((0.50, 0.33, 0.25), dtype=np.float32)
"""What is left of each colour's light after much blood, or much melanin, in the skin."""


@dataclass(frozen=True, slots=True)
class Bump:
    """How spots of one eruption look: tint (RGB let through), height (-1..1 of shading), softness of the rim 0..1."""

    tint: NDArray[np.float32]
    height: float
    softness: float
    light: float


def scattered_lesions(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Spread 8 (mild) to 100 (gross) lesions, or a rash as wide, over the frame, on the photo's own skin mostly."""
    return _WAYS[int(rng.choice(len(_WAYS), p=(0.5, 0.22, 0.1, 0.08, 0.1)))](photo, severity, rng)


def strewn(photo: Image.Image, places: Places, side_px: float, rng: np.random.Generator) -> Image.Image:
    """Copies of the photo's lesion at `places`, turned, mirrored and scaled to about `side_px` across.

    What is copied is the share of light that the lesion lets through beside its skin, so that each copy lies in the
    light and the relief of its new place.
    """
    let_through = _let_through(photo)
    picture = to_linear(pixels(photo))
    for x, y in places:
        side = max(round(side_px * float(rng.uniform(0.55, 1.45))), 5)
        _multiply(picture, _varied(let_through, side, rng), float(x), float(y))
    return Image.fromarray(to_srgb(picture))


def bumps(photo: Image.Image, places: Places, radius_px: float, bump: Bump, rng: np.random.Generator) -> Image.Image:
    """Spots of one kind, of about `radius_px`, raised or flat, at `places`."""
    picture = to_linear(pixels(photo))
    for x, y in places:
        radius = max(radius_px * float(rng.lognormal(0, 0.3)), 1.5)
        _multiply(picture, _one_bump(radius, bump, rng), float(x), float(y))
    return Image.fromarray(to_srgb(picture))


def any_bump(rng: np.random.Generator, weakest: float) -> Bump:
    """Papules, moles, freckles; tinted by `weakest` (0..1) of blood's or melanin's full colour at least."""
    blood = float(rng.uniform(0, 1))
    tint = BLOOD * blood + MELANIN * (1 - blood)
    strength = float(rng.uniform(weakest, 1.0))
    return Bump(
        tint=(1 - strength * (1 - tint)).astype(np.float32),
        height=float(rng.choice([0.0, 0.0, rng.uniform(0.1, 0.5)])),
        softness=float(rng.uniform(0.2, 0.9)),
        light=float(rng.uniform(0, 2 * np.pi)),
    )


def _on_own_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A rash on the photo's skin, its lesion left where it is no larger than the rash's, else cleared away."""
    found = find_lesion(photo)
    skin = photo if found.extent < _SMALL else cleared(photo, found, rng)
    return _on_wide_skin(photo, severity, rng) if skin is None else broken_out(skin, severity, rng)


def _on_wide_skin(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """A rash on skin laid out around the photo, its lesion one of the spots."""
    found = find_lesion(photo)
    share = float(np.clip(float(rng.uniform(0.06, 0.14)) / found.extent, 0.12, 0.9))
    place = (float(rng.uniform(-0.3, 0.3)), float(rng.uniform(-0.3, 0.3)))
    return broken_out(stepped_back(photo, found, share, place, rng), severity, rng)


def _own_again(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The lesion stepped back from, and its likes all around; drawn spots where it is too faint to be seen again."""
    side_px = between(0.13, 0.06, severity) * min(photo.size)
    copies = _let_through(photo)
    if float(np.quantile(np.abs(1 - copies), 0.9)) < _FAINT:
        return _eruption(photo, severity, rng)
    picture = to_linear(pixels(_one_of_many(photo, severity, rng)))
    for x, y in spread_out(_count(severity, rng), rng):
        side = max(round(side_px * float(rng.uniform(0.5, 1.4))), 5)
        _multiply(picture, _varied(copies, side, rng), float(x), float(y))
    return Image.fromarray(to_srgb(picture))


def _eruption(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Drawn spots of one kind, the photo's lesion no larger than they are."""
    radius_px = float(rng.uniform(0.018, 0.04)) * min(photo.size)
    wide = _one_of_many(photo, severity, rng)
    return bumps(wide, spread_out(_count(severity, rng), rng), radius_px, any_bump(rng, 0.9), rng)


def _rash(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Blotches that run into each other, red or brown, over a fifth to half of the frame."""
    wide = _one_of_many(photo, severity, rng)
    cell_px = float(rng.uniform(0.05, 0.10)) * min(photo.size)
    field = clouds(rng, photo.size, cell_px) + 0.35 * octaves(rng, photo.size, cell_px / 2, max(cell_px / 10, 1.2))
    field = field / np.float32(field.std()) + 0.3 * clouds(rng, photo.size, max(photo.size) / 2)
    level = float(np.quantile(field[::4, ::4], 1 - between(0.2, 0.5, severity)))
    cover = smoothstep((field - level) / np.float32(rng.uniform(0.25, 0.9)) + 0.5)
    tint = 1 - cover[..., None] * (1 - any_bump(rng, 0.75).tint)
    return Image.fromarray(to_srgb((to_linear(pixels(wide)) * tint).astype(np.float32)))


def _one_of_many(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """The photo from so far that its lesion is one among others: 10 to 5 % of the short side."""
    found = find_lesion(photo)
    share = float(np.clip(between(0.10, 0.05, severity) / found.extent, 0.12, 0.8))
    place = (float(rng.uniform(-0.35, 0.35)), float(rng.uniform(-0.35, 0.35)))
    return stepped_back(photo, found, share, place, rng)


def _count(severity: float, rng: np.random.Generator) -> int:
    return round(between(13, 62, severity) * float(rng.uniform(0.85, 1.15)))


def _let_through(photo: Image.Image) -> Pixels:
    """The lesion's box, square, as share of light let through beside its skin; 1 round it."""
    found = find_lesion(photo)
    middle = ((found.left + found.right) / 2 * photo.width, (found.top + found.bottom) / 2 * photo.height)
    half = min(max(found.extent * 0.62, 0.08) * min(photo.size), min(photo.size) * 0.5)
    box = (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    side = min(round(2 * half), 128)
    cut = photo.resize((side, side), Image.Resampling.LANCZOS, box=_within(box, photo.size), reducing_gap=3.0)
    whole_cover = Image.fromarray((np.clip(soft_cover(found, photo.size), 0, 1) * 255).astype(np.uint8))
    cover = np.asarray(whole_cover.resize((side, side), Image.Resampling.BOX, box=_within(box, photo.size)))
    share = cover.astype(np.float32) / np.float32(255) * _faded(side)
    light = to_linear(pixels(cut))
    skin = (light * (1 - share)[..., None]).sum((0, 1)) / max(float((1 - share).sum()), 1.0)
    ratio = np.clip(light / np.maximum(skin, 0.004), 0.03, 1.8)
    return np.asarray(1 + (ratio - 1) * share[..., None], dtype=np.float32)


def _within(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The box moved into the frame; it is never wider than the frame."""
    right = min(max(0.0, -box[0]), size[0] - box[2]) if box[0] < 0 else min(0.0, size[0] - box[2])
    down = min(max(0.0, -box[1]), size[1] - box[3]) if box[1] < 0 else min(0.0, size[1] - box[3])
    return (max(box[0] + right, 0), max(box[1] + down, 0), min(box[2] + right, size[0]), min(box[3] + down, size[1]))


def _faded(side: int) -> Field:
    x, y = axes((side, side))
    return smoothstep((0.5 - np.hypot(x, y)) / np.float32(0.08))


def _varied(let_through: Pixels, side: int, rng: np.random.Generator) -> Pixels:
    """A copy `side` pixels wide, turned, mirrored, a little longer or shorter, stronger or weaker."""
    turned = np.rot90(let_through, int(rng.integers(4)))
    if rng.random() < 0.5:
        turned = turned[:, ::-1]
    tall = max(round(side * float(rng.uniform(0.7, 1.4))), 4)
    copy = resized(np.ascontiguousarray(turned), (side, tall))
    return np.asarray(np.clip(copy, 0.02, 2) ** np.float32(rng.uniform(0.6, 1.25)), dtype=np.float32)


def _one_bump(radius: float, bump: Bump, rng: np.random.Generator) -> Pixels:
    """Share of light let through by one spot, [side, side, 3]; lit from one side where it is raised."""
    side = int(radius * 3.4) + 4
    x, y = (axis * np.float32(side / radius) for axis in axes((side, side)))
    turn, long = float(rng.uniform(0, np.pi)), float(rng.uniform(1, 1.35))
    along, across = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    distance = np.hypot(along / long, across * long) + 0.12 * clouds(rng, (side, side), max(radius * 0.7, 2))
    cover = smoothstep((1.15 - distance) / np.float32(bump.softness) + 0.2) * smoothstep((1.65 - np.hypot(x, y)) * 4)
    slope = (np.cos(bump.light) * x + np.sin(bump.light) * y) * np.exp(-distance * distance)
    shade = 1 + np.float32(bump.height) * slope * cover
    strength = np.float32(rng.uniform(0.6, 1.0))
    return np.asarray((1 - strength * cover[..., None] * (1 - bump.tint)) * shade[..., None], dtype=np.float32)


def _multiply(picture: Pixels, factor: Pixels, x: float, y: float) -> None:
    """Multiply `factor` into the picture in place, centred at (x, y) of shares; parts beyond the frame are left out."""
    height, width = picture.shape[:2]
    tall, wide = factor.shape[:2]
    top, left = round(y * height - tall / 2), round(x * width - wide / 2)
    rows = slice(max(top, 0), min(top + tall, height))
    columns = slice(max(left, 0), min(left + wide, width))
    if rows.start < rows.stop and columns.start < columns.stop:
        picture[rows, columns] *= factor[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


_WAYS: tuple[Callable[[Image.Image, float, np.random.Generator], Image.Image], ...] = (
    *(_on_own_skin, _on_wide_skin, _own_again, _eruption, _rash),
)
