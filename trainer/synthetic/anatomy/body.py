"""Parts of the body as cones with round ends, in millimetres: what is inside, and how the surface turns."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.noise import Field

_BLEND_MM = 4.0


@dataclass(frozen=True, slots=True)
class Cone:
    """From one round end to the other: centres and radii in millimetres."""

    x0: float
    y0: float
    r0: float
    x1: float
    y1: float
    r1: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the body; lesions sit on the first `broad` of its cones.

    `widest_mm` is the widest frame in which it does not show where it was cut off.
    """

    name: str
    cones: tuple[Cone, ...]
    broad: int
    widest_mm: float


def any_part(rng: np.random.Generator) -> Part:
    """An arm, a leg, a back, a belly, a hand or a foot, of a person of any build."""
    build = float(rng.uniform(0.75, 1.2))
    makers = (_forearm, _leg, _trunk, _trunk, _hand, _shoulder)
    part = makers[int(rng.integers(len(makers)))](rng)
    cones = tuple(
        Cone(c.x0 * build, c.y0 * build, c.r0 * build, c.x1 * build, c.y1 * build, c.r1 * build) for c in part.cones
    )
    return Part(part.name, cones, part.broad, part.widest_mm * build)


def inside_mm(part: Part, x: Field, y: Field) -> Field:
    """How far inside the outline each point is, in millimetres (negative outside); cones melt into each other."""
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.float32)
    for cone in part.cones:
        radius, distance = _nearest(cone, x, y)
        total += np.exp(np.clip((radius - distance) / np.float32(_BLEND_MM), -30, 60))
    return np.asarray(np.log(total + np.float32(1e-12)) * np.float32(_BLEND_MM), dtype=np.float32)


def height_mm(part: Part, x: Field, y: Field) -> Field:
    """How far the surface stands out towards the camera, in millimetres; 0 outside."""
    height = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.float32)
    for cone in part.cones:
        radius, distance = _nearest(cone, x, y)
        np.maximum(height, np.sqrt(np.maximum(radius * radius - distance * distance, 0)), out=height)
    return height


def point_on(part: Part, rng: np.random.Generator) -> tuple[float, float]:
    """Somewhere on the broad cones, away from the outline, in millimetres."""
    cone = part.cones[int(rng.integers(part.broad))]
    along, beside = float(rng.uniform(0.1, 0.9)), float(rng.uniform(-0.5, 0.5))
    x = cone.x0 + (cone.x1 - cone.x0) * along
    y = cone.y0 + (cone.y1 - cone.y0) * along
    radius = cone.r0 + (cone.r1 - cone.r0) * along
    way = math.atan2(cone.y1 - cone.y0, cone.x1 - cone.x0) + math.pi / 2
    return x + beside * radius * math.cos(way), y + beside * radius * math.sin(way)


def _nearest(cone: Cone, x: Field, y: Field) -> tuple[Field, Field]:
    """The radius where each point is nearest to the axis, and the distance from it."""
    ahead_x, ahead_y = cone.x1 - cone.x0, cone.y1 - cone.y0
    squared = max(ahead_x * ahead_x + ahead_y * ahead_y, 1e-6)
    along = np.clip(((x - cone.x0) * ahead_x + (y - cone.y0) * ahead_y) / squared, 0, 1)
    off_x, off_y = x - cone.x0 - along * ahead_x, y - cone.y0 - along * ahead_y
    radius = np.float32(cone.r0) + along * np.float32(cone.r1 - cone.r0)
    return radius.astype(np.float32), np.sqrt(off_x * off_x + off_y * off_y).astype(np.float32)


def _fingers(rng: np.random.Generator, x: float, spread: float) -> tuple[Cone, ...]:
    """Four fingers and a thumb, from the knuckles at `x` on; the thumb comes first."""
    thumb = Cone(x - 55, 28, 14, x - 5, 62 + 12 * spread, 9.5)
    fingers = []
    for number, length in enumerate((58, 74, 80, 70)):
        side = (1.5 - number) * -20
        lean = side * 0.014 * spread + float(rng.normal(0, 0.03))
        fingers.append(Cone(x - 8, side, 11.0, x + length * math.cos(lean), side + length * math.sin(lean), 8.6))
    return (thumb, *fingers)


def _forearm(rng: np.random.Generator) -> Part:
    arm = (
        Cone(-190, 0, 46, 60, 0, 27),
        Cone(-700, float(rng.uniform(-200, 200)), 60, -190, 0, 46),
        Cone(60, 0, 28, 118, 0, 38),
    )
    return Part("forearm", (*arm, *_fingers(rng, 138, float(rng.uniform(0.2, 1.6)))), broad=1, widest_mm=520)


def _hand(rng: np.random.Generator) -> Part:
    palm = (Cone(86, -16, 26, 122, -20, 22), Cone(86, 12, 26, 122, 20, 22), Cone(-500, 20, 40, 80, 0, 29))
    return Part("hand", (*palm, *_fingers(rng, 138, float(rng.uniform(0.4, 2.0)))), broad=2, widest_mm=380)


def _leg(rng: np.random.Generator) -> Part:
    bend = float(rng.uniform(-60, 60))
    leg = (Cone(-140, 0, 58, 150, 0, 36), Cone(-800, bend, 95, -150, 0, 60), Cone(150, 0, 36, 210, 0, 36))
    return Part(
        "leg", (*leg, Cone(210, 5, 40, 270, 95, 36), Cone(-1300, bend, 95, -800, bend, 95)), broad=2, widest_mm=360
    )


def _trunk(rng: np.random.Generator) -> Part:
    waist = float(rng.uniform(85, 130))
    sides = (Cone(-85, -150, 105, -72, 60, waist), Cone(85, -150, 105, 72, 60, waist))
    hips = (Cone(-72, 60, waist, -85, 260, 118), Cone(72, 60, waist, 85, 260, 118))
    out = float(rng.uniform(10, 120))
    arms = (Cone(-185, -175, 58, -215 - 2 * out, 520, 40), Cone(185, -175, 58, 215 + 2 * out, 520, 40))
    return Part(
        "trunk",
        (*sides, *hips, *arms, Cone(0, -240, 58, 0, -600, 56), Cone(0, -140, 112, 0, 230, 108)),
        broad=4,
        widest_mm=330,
    )


def _shoulder(rng: np.random.Generator) -> Part:
    elbow = 420 + float(rng.uniform(-60, 60))
    arm, below = Cone(60, -20, 66, 190, elbow, 46), Cone(190, elbow, 46, 250, elbow + 420, 40)
    chest = (Cone(-90, 60, 120, -140, 500, 130), Cone(-260, 60, 110, -300, 500, 120))
    return Part(
        "shoulder", (arm, Cone(-120, -5, 72, 60, -20, 68), *chest, Cone(-230, -60, 58, -230, -500, 60), below), 2, 300
    )
