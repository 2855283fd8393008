"""Views of a body in a room as values, drawn by `render`."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trainer.synthetic.anatomy.body import any_part, point_on
from trainer.synthetic.anatomy.clothes import Garment, any_garment
from trainer.synthetic.anatomy.down import Down, any_down
from trainer.synthetic.anatomy.lab import Lab, any_skin
from trainer.synthetic.anatomy.painting import Placed, any_placed
from trainer.synthetic.anatomy.phone import Phone, any_phone
from trainer.synthetic.anatomy.surface import Cover, any_cover
from trainer.synthetic.anatomy.view import Framing, Light, any_light, body_at
from trainer.synthetic.props.choice import Prop, any_props

_TRIES = 1500


@dataclass(frozen=True, slots=True)
class View:
    """One photo to be; the last lesion is the subject. `focus` is how sharp the room is, 0..1."""

    seed: int
    framing: Framing
    skin: Lab
    cover: Cover
    lesions: tuple[Placed, ...]
    down: Down
    light: Light
    focus: float
    garment: Garment | None
    props: tuple[Prop, ...]
    phone: Phone


def _usable(seed: int, size: tuple[int, int]) -> View:
    """A part of the body from near, one lesion large in the frame."""
    rng = np.random.default_rng([seed, 31])
    share = float(rng.uniform(0.14, 0.46))
    diameter = float(np.exp(rng.uniform(math.log(5), math.log(34))))
    framing = _framing(rng, diameter / share, 0.34)
    subject = any_placed(rng, framing.x, framing.y, diameter)
    few = _strewn(any_placed(rng, 0.5, 0.5, diameter * 0.12), rng, framing, size, int(rng.choice([0, 0, 0, 1, 3])))
    return _view(rng, seed, framing, (*few, subject), nearest=share * 0.8 + 0.12, props=0.35)


def _distant(seed: int, _size: tuple[int, int]) -> View:
    """The body from where its owner's arm, or another person, held the phone; one lesion, a dot."""
    rng = np.random.default_rng([seed, 32])
    share = float(rng.uniform(0.013, 0.05))
    diameter = float(rng.uniform(4, 16))
    framing = _framing(rng, max(diameter / share, 150), 0.25)
    subject = any_placed(rng, framing.x, framing.y, share * framing.field_mm)
    subject = replace(subject, strength=float(rng.uniform(1.0, 1.3)))
    return _view(rng, seed, framing, (subject,), nearest=0.15, props=0.2)


def _scattered(seed: int, size: tuple[int, int]) -> View:
    """A rash: many lesions of one kind wherever the body is in the frame."""
    rng = np.random.default_rng([seed, 33])
    framing = _framing(rng, float(np.exp(rng.uniform(math.log(90), math.log(420)))), 0.3)
    pattern = any_placed(rng, framing.x, framing.y, framing.field_mm * float(rng.uniform(0.018, 0.06)))
    lesions = _strewn(pattern, rng, framing, size, int(rng.integers(16, 75)))
    return _view(rng, seed, framing, (*lesions, pattern), nearest=0.42, props=0.15)


SCENES: dict[str, Callable[[int, tuple[int, int]], View]] = {
    "usable": _usable,
    "lesion_too_small": _distant,
    "scattered_lesions": _scattered,
}


def _framing(rng: np.random.Generator, field_mm: float, off_middle: float) -> Framing:
    part = any_part(rng)
    at_x, at_y = point_on(part, rng)
    x, y = 0.5 + off_middle * rng.uniform(-0.5, 0.5, 2)
    return Framing(
        part, at_x, at_y, float(x), float(y), float(rng.uniform(0, 2 * math.pi)), min(field_mm, part.widest_mm)
    )


def _strewn(
    pattern: Placed, rng: np.random.Generator, framing: Framing, size: tuple[int, int], count: int
) -> tuple[Placed, ...]:
    """Up to `count` lesions like the pattern, where the frame shows body."""
    points = rng.uniform(0.01, 0.99, (_TRIES, 2)).astype(np.float32)
    inside = body_at(framing, points[:, 0], points[:, 1], size)
    points = points[inside > 0.35 * pattern.diameter_mm][:count]
    return tuple(
        replace(
            pattern,
            x=float(x),
            y=float(y),
            diameter_mm=pattern.diameter_mm * float(np.exp(rng.normal(-0.1, 0.35))),
            strength=pattern.strength * float(rng.uniform(0.7, 1.15)),
            seed=int(rng.integers(2**31)),
        )
        for x, y in points
    )


def _view(
    rng: np.random.Generator, seed: int, framing: Framing, lesions: tuple[Placed, ...], *, nearest: float, props: float
) -> View:
    skin = any_skin(rng)
    return View(
        seed=seed,
        framing=framing,
        skin=skin,
        cover=any_cover(rng),
        lesions=lesions,
        down=any_down(rng, skin),
        light=any_light(rng),
        focus=float(np.clip(framing.field_mm / 600 + rng.uniform(-0.2, 0.3), 0, 0.85)),
        garment=any_garment(rng, nearest) if rng.random() < 0.3 else None,
        props=any_props(rng, props),
        phone=any_phone(rng),
    )
