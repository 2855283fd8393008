"""Close-ups as values: what is in them, drawn by `render`."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.synthetic.props.choice import Prop, any_props
from trainer.synthetic.relief.camera import Camera, any_camera
from trainer.synthetic.relief.chromophores import Complexion, any_complexion
from trainer.synthetic.relief.edge import Edge, any_edge
from trainer.synthetic.relief.hair import Hairs, any_hairs
from trainer.synthetic.relief.lesion import Spot, any_spot, plain_spot
from trainer.synthetic.relief.light import Lamp, any_lamp
from trainer.synthetic.relief.surface import Texture, any_texture


@dataclass(frozen=True, slots=True)
class CloseUp:
    """One photo to be; `field_mm` is what the short side of the frame shows, the last spot is the subject."""

    seed: int
    field_mm: float
    complexion: Complexion
    texture: Texture
    spots: tuple[Spot, ...]
    hairs: Hairs
    lamp: Lamp
    camera: Camera
    edge: Edge | None
    props: tuple[Prop, ...]


def usable(seed: int) -> CloseUp:
    """One lesion of a good size near the middle, perhaps with a small neighbour."""
    rng = np.random.default_rng([seed, 11])
    field_mm = float(np.exp(rng.uniform(np.log(14), np.log(60))))
    share = float(rng.uniform(0.17, 0.58))
    x, y = rng.uniform(0.36, 0.64, 2)
    subject = any_spot(rng, float(x), float(y), field_mm * share)
    neighbours = tuple(
        any_spot(rng, rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95), field_mm * rng.uniform(0.015, 0.05))
        for _ in range(int(rng.choice([0, 0, 0, 1, 2, 3])))
    )
    edge = any_edge(rng, max(0.28, share * 0.7)) if rng.random() < 0.22 else None
    return _close_up(rng, seed, field_mm, (*neighbours, subject), edge, props=0.4)


def distant(seed: int) -> CloseUp:
    """One lesion that is a dot in a wide stretch of skin."""
    rng = np.random.default_rng([seed, 12])
    field_mm = float(np.exp(rng.uniform(np.log(110), np.log(420))))
    x, y = rng.uniform(0.2, 0.8, 2)
    subject = plain_spot(rng, float(x), float(y), field_mm * float(rng.uniform(0.016, 0.055)))
    subject = replace(subject, strength=float(rng.uniform(1.0, 1.4)))
    edge = any_edge(rng, 0.25) if rng.random() < 0.6 else None
    return _close_up(rng, seed, field_mm, (subject,), edge, props=0.2)


def scattered(seed: int) -> CloseUp:
    """Many lesions of one kind, evenly strewn or in crowds, none of them the subject."""
    rng = np.random.default_rng([seed, 13])
    field_mm = float(np.exp(rng.uniform(np.log(60), np.log(260))))
    pattern = any_spot(rng, 0.5, 0.5, field_mm * float(rng.uniform(0.02, 0.07)))
    crowds = rng.uniform(0.1, 0.9, (int(rng.integers(2, 5)), 2))
    crowded = float(rng.choice([0.0, 0.6]))
    spots = tuple(_another(pattern, rng, crowds, crowded) for _ in range(int(rng.integers(14, 65))))
    edge = any_edge(rng, 0.45) if rng.random() < 0.35 else None
    return _close_up(rng, seed, field_mm, spots, edge, props=0.15)


def _close_up(
    rng: np.random.Generator, seed: int, field_mm: float, spots: tuple[Spot, ...], edge: Edge | None, *, props: float
) -> CloseUp:
    complexion = any_complexion(rng)
    return CloseUp(
        seed=seed,
        field_mm=field_mm,
        complexion=complexion,
        texture=any_texture(rng),
        spots=spots,
        hairs=any_hairs(rng, complexion.melanin),
        lamp=any_lamp(rng),
        camera=any_camera(rng),
        edge=edge,
        props=any_props(rng, props),
    )


def _another(pattern: Spot, rng: np.random.Generator, crowds: NDArray[np.float64], crowded: float) -> Spot:
    if rng.random() < crowded:
        x, y = crowds[int(rng.integers(len(crowds)))] + rng.normal(0, 0.13, 2)
    else:
        x, y = rng.uniform(0.02, 0.98, 2)
    return replace(
        pattern,
        x=float(x),
        y=float(y),
        diameter_mm=pattern.diameter_mm * float(rng.uniform(0.45, 1.5)),
        strength=pattern.strength * float(rng.uniform(0.7, 1.2)),
        seed=int(rng.integers(2**31)),
    )
