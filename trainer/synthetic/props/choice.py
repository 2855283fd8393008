"""Which things are in the picture, and laying them there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.colour import Picture
from trainer.synthetic.props.dressing import gauze, plaster
from trainer.synthetic.props.hands import finger, gloved_finger
from trainer.synthetic.props.ink import pen_mark
from trainer.synthetic.props.jewellery import bangle, chain, strap
from trainer.synthetic.props.place import Place, Side, free_px, lay_strip, length_px
from trainer.synthetic.props.ruler import ruler

PROPS = ("pen", "ruler", "finger", "glove", "gauze", "plaster", "chain", "bangle", "strap")
_WEIGHTS = (0.28, 0.20, 0.14, 0.10, 0.06, 0.05, 0.06, 0.05, 0.06)
_STRIPS = {
    "ruler": ruler,
    "glove": gloved_finger,
    "gauze": gauze,
    "plaster": plaster,
    "chain": chain,
    "bangle": bangle,
    "strap": strap,
}
_SHALLOWEST_PX = 14


@dataclass(frozen=True, slots=True)
class Prop:
    """One thing of `PROPS`, on a side of the frame, with the seed of its looks."""

    name: str
    side: Side
    depth: float
    brightness: float
    seed: int


def any_props(rng: np.random.Generator, chance: float) -> tuple[Prop, ...]:
    """None, or with `chance` one, seldom two."""
    count = 0 if rng.random() >= chance else int(rng.choice([1, 1, 1, 2]))
    return tuple(
        Prop(
            name=str(rng.choice(PROPS, p=_WEIGHTS)),
            side=Side(int(rng.integers(4))),
            depth=float(rng.uniform(0.14, 0.42)),
            brightness=float(rng.uniform(0.75, 1.05)),
            seed=int(rng.integers(2**31)),
        )
        for _ in range(count)
    )


def lay_props(picture: Picture, props: Sequence[Prop], place: Place, *, upon_skin: bool) -> None:
    """Lay what belongs on the bare skin (ink), or else what lies above all, in place.

    A thing that would cover the subject, or would be too small to be made out, is left away.
    """
    for prop in props:
        if (prop.name == "pen") == upon_skin:
            _lay(picture, prop, place)


def _lay(picture: Picture, prop: Prop, place: Place) -> None:
    rng = np.random.default_rng([prop.seed, 8])
    if prop.name == "pen":
        pen_mark(picture, rng, place)
        return
    length = length_px(picture, prop.side)
    depth = min(free_px(picture, prop.side, place), round(prop.depth * min(picture.shape[:2])))
    if depth < _SHALLOWEST_PX:
        return
    if prop.name == "finger":
        skin = np.median(picture[::16, ::16].reshape(-1, 3), axis=0)
        strip = finger(rng, length, depth, place, skin)
    else:
        strip = _STRIPS[prop.name](rng, length, depth, place)
    if strip is not None:
        lay_strip(picture, strip, prop.side, prop.brightness)
