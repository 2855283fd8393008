"""Things as they are photographed by mistake: bricks, coins, food, leaves."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from trainer.faults.c.fields import axes, cloud, ramp, slope_across, smooth
from trainer.faults.c.marks.letters import Line, inked, placed, written
from trainer.faults.c.not_skin.materials import board, plaster, wood
from trainer.faults.c.not_skin.palette import anything, near
from trainer.faults.c.pixels import Pixels, Plane, Size, mask_of, plane_of

Material = Callable[[Size, Pixels, np.random.Generator], Pixels]


def bricks(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """A wall of bricks or tiles in a bond, with mortar."""
    x, y = axes(size)
    courses = float(rng.uniform(4, 14))
    ratio, shift = float(rng.choice([1.0, 2.0, 3.0])), float(rng.choice([0.0, 0.5]))
    ragged = np.float32(0.03) * cloud(rng, size, min(size) / 10, 3.0)
    down = (y + ragged / np.float32(courses)) * np.float32(courses) + 100
    course = np.floor(down)
    across = x * np.float32(courses / ratio) + course * np.float32(shift) + 100 + ragged
    number = (np.floor(across) * 13 + course * 29).astype(int) % 23
    tones = np.stack([near(colour, 0.25, rng) for _ in range(23)])
    edge = np.minimum(0.5 - np.abs(across - np.floor(across) - 0.5), (0.5 - np.abs(down - course - 0.5)) / ratio)
    face = smooth(edge, 0.015, 0.05)[..., None]
    rough = 1 + np.float32(rng.uniform(0.03, 0.2)) * cloud(rng, size, 16.0, 1.5, 1.2)
    mortar = np.float32(rng.uniform(0.15, 0.6))
    return np.asarray((tones[number] * face + mortar * (1 - face)) * rough[..., None], dtype=np.float32)


def coins(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Round things of metal with a rim and figures, or buttons, on a table."""
    view = _table(size, rng)
    for _ in range(int(rng.integers(2, 12))):
        reach = min(size) * float(rng.uniform(0.07, 0.2))
        centre = (float(rng.uniform(0, size[0])), float(rng.uniform(0, size[1])))
        disc = Image.new("L", size)
        draw = ImageDraw.Draw(disc)
        draw.ellipse((centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach), fill=255)
        lines, width = written(str(int(rng.integers(1, 500))))
        high = reach * 0.6
        figures = placed(lines, centre[0] - width * high / 2, centre[1] - high / 2, high)
        turn = np.linspace(0, math.tau, 40)
        rim: Line = [(centre[0] + 0.87 * reach * math.cos(t), centre[1] + 0.87 * reach * math.sin(t)) for t in turn]
        relief = plane_of(inked([*figures, rim], size, reach * 0.08))
        lit = 1 + np.float32(0.6) * (relief - np.roll(relief, (2, 2), (0, 1)))
        metal = near(colour, 0.35, rng) * np.float32(0.8) + np.float32(0.08)
        shine = 1 + np.float32(0.4) * slope_across(size, float(rng.uniform(0, math.tau)))
        view = _put(view, metal * (lit * shine)[..., None], disc, reach)
    return view


def food(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """A plate with something baked: browned ground, pieces strewn over it, gloss."""
    view = _table(size, rng)
    centre, reach = (size[0] * float(rng.uniform(0.4, 0.6)), size[1] * float(rng.uniform(0.4, 0.6))), min(size) * 0.47
    disc = _disc(size, centre, reach * float(rng.uniform(0.8, 1.3)))
    view = _put(view, np.full((size[1], size[0], 3), 0.75, dtype=np.float32), disc, reach)
    browned = cloud(rng, size, min(size) / 6, 2.0, 1.6) * np.float32(0.25) + np.float32(0.5)
    tones = np.array([(0.85, 0.62, 0.28), (0.62, 0.3, 0.08), (0.22, 0.07, 0.02)], dtype=np.float32)
    tones = tones * np.float32(0.5) + near(colour, 0.2, rng) * np.float32(0.5)
    crust = _ragged(_disc(size, centre, reach * float(rng.uniform(0.6, 0.9))), rng)
    view = _put(view, ramp(browned, tones), crust, reach * 0.5)
    for _ in range(int(rng.integers(4, 16))):
        angle, far = float(rng.uniform(0, math.tau)), reach * 0.6 * float(rng.uniform(0, 1)) ** 0.5
        at = (centre[0] + far * math.cos(angle), centre[1] + far * math.sin(angle))
        piece_reach = reach * float(rng.uniform(0.06, 0.2))
        gloss = np.clip(cloud(rng, (24, 18), 8.0, 1.0), 0.3, 2).mean()
        piece = np.full((size[1], size[0], 3), anything(rng) * np.float32(gloss), dtype=np.float32)
        view = _put(view, piece, _disc(size, at, piece_reach), piece_reach)
    return view


def foliage(size: Size, colour: Pixels, rng: np.random.Generator) -> Pixels:
    """Plants grown by rewriting (Lindenmayer 1968), in front of what is green and far."""
    green = np.array([0.25, 0.6, 0.12], dtype=np.float32) * np.float32(rng.uniform(0.3, 1.2))
    behind = ramp(
        cloud(rng, size, min(size) / 4, 6.0, 1.8) * np.float32(0.25) + np.float32(0.5),
        np.stack([green * np.float32(0.1), green * np.float32(0.5), near(colour, 0.3, rng)]),
    )
    view = behind
    for _ in range(int(rng.integers(2, 5))):
        stems, leaves = _plant(size, rng)
        pen = max(min(size) * 0.005, 1.0)
        view = _put(view, np.broadcast_to(green * np.float32(0.35), view.shape), inked(stems, size, pen), pen * 2)
        shade = (np.float32(0.9) + np.float32(0.3) * cloud(rng, size, min(size) / 12, 3.0))[..., None]
        leaf = near(green, 0.3, rng) * np.float32(1.2) * shade
        view = _put(view, leaf, inked(leaves, size, min(size) * float(rng.uniform(0.012, 0.05))), pen * 3)
    return view


def _plant(size: Size, rng: np.random.Generator) -> tuple[list[Line], list[Line]]:
    """Stems and leaves of one plant, from a rule rewritten three times."""
    rule = ("F[+F]F[-F]F", "F[+FL]F[-FL]L", "FF[+F-FL][-F+FL]")[int(rng.integers(3))]
    word = "F"
    for _ in range(3):
        word = word.replace("F", rule)
    turn = float(rng.uniform(0.3, 0.6))
    step = min(size) * 0.55 / (word.count("F") ** 0.62)
    x, y, angle = float(rng.uniform(0, size[0])), size[1] * 1.02, -math.pi / 2 + float(rng.normal(0, 0.2))
    stems: list[Line] = []
    leaves: list[Line] = []
    kept: list[tuple[float, float, float]] = []
    for sign in word[:1200]:
        if sign == "[":
            kept.append((x, y, angle))
        elif sign == "]":
            leaves.append([(x, y), (x + step * math.cos(angle), y + step * math.sin(angle))])
            x, y, angle = kept.pop()
        elif sign in "+-":
            angle += (turn if sign == "+" else -turn) * float(rng.uniform(0.7, 1.3))
        elif sign == "F":
            ahead = (x + step * math.cos(angle), y + step * math.sin(angle))
            stems.append([(x, y), ahead])
            x, y = ahead
    return stems, leaves


def _table(size: Size, rng: np.random.Generator) -> Pixels:
    ground: Material = (wood, board, plaster)[int(rng.integers(3))]
    return ground(size, anything(rng), rng)


def _put(view: Pixels, thing: Pixels, mask: Image.Image, reach_px: float) -> Pixels:
    """The thing where the mask is, with a shadow to its lower right."""
    shift = max(1, round(reach_px * 0.1))
    shadow = ImageChops.offset(mask, shift, shift).filter(ImageFilter.BoxBlur(shift))
    cover = plane_of(mask)[..., None]
    shaded = view * (1 - np.float32(0.6) * plane_of(shadow)[..., None])
    return np.asarray(shaded * (1 - cover) + thing * cover, dtype=np.float32)


def _disc(size: Size, centre: tuple[float, float], reach: float) -> Image.Image:
    mask = Image.new("L", size)
    box = (centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


def _ragged(mask: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The mask with an uneven edge."""
    soft: Plane = plane_of(mask.reduce(4).filter(ImageFilter.BoxBlur(4)).resize(mask.size))
    return mask_of(smooth(soft + np.float32(0.15) * cloud(rng, mask.size, min(mask.size) / 8, 4.0), 0.45, 0.55))
