"""What a spot is made of: blood, pigment and serum in the skin by depth of absorption, height, and what lies on top."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainer.faults.primitives import Pixels, smoothstep
from trainer.synthetic.noise import Field

Shape = Literal["filled", "fading", "rimmed", "cored", "twofold", "haloed"]
Relief = Literal["flat", "domed", "flat-topped", "dented"]
Topping = Literal["none", "scale", "crust", "pus", "gloss"]

_ABSORBING = np.array(
    [
        (0.12, 0.95, 0.92),  # fresh blood
        (0.65, 1.70, 1.35),  # blood that has left its vessels
        (0.70, 1.10, 1.45),  # pigment
        (1.60, 1.85, 1.90),  # much pigment
        (0.60, 1.15, 0.65),  # violet, as of lichen
        (0.08, 0.30, 1.05),  # serum, fat, bile
        (-0.42, -0.55, -0.65),  # pigment missing
    ],
    dtype=np.float32,
)
"""Depth of absorption of red, green and blue light at full strength, beside that of the skin around."""

TOPPINGS: dict[Topping, tuple[float, float, float]] = {
    "scale": (0.80, 0.77, 0.72),
    "crust": (0.40, 0.22, 0.06),
    "pus": (0.78, 0.70, 0.42),
}


@dataclass(frozen=True, slots=True)
class Nature:
    """One kind of spot; `inner` and `outer` are depths of absorption (RGB), `edge` the width of the outline in radii,
    `uneven` that of the outline's way, `height` the strength of shading.
    """

    inner: NDArray[np.float32]
    outer: NDArray[np.float32]
    shape: Shape
    relief: Relief
    topping: Topping
    edge: float
    uneven: float
    height: float


_COMMON: tuple[tuple[Shape, Relief, Topping], ...] = (
    ("filled", "flat", "none"),
    ("filled", "flat", "none"),
    ("fading", "flat", "none"),
    ("filled", "domed", "none"),
    ("filled", "domed", "gloss"),
    ("filled", "flat-topped", "none"),
    ("filled", "flat-topped", "scale"),
    ("fading", "domed", "scale"),
    ("rimmed", "flat", "none"),
    ("rimmed", "flat-topped", "scale"),
    ("twofold", "flat", "none"),
    ("twofold", "domed", "gloss"),
    ("cored", "flat", "none"),
    ("cored", "domed", "pus"),
    ("cored", "dented", "crust"),
    ("haloed", "domed", "pus"),
    ("haloed", "flat", "none"),
    ("fading", "flat-topped", "none"),
    ("filled", "dented", "crust"),
)
"""Shape, height and topping that occur together in life."""


def any_nature(rng: np.random.Generator) -> Nature:
    """Any kind of spot."""
    shape, relief, topping = _COMMON[int(rng.integers(len(_COMMON)))]
    kinds = rng.choice(len(_ABSORBING), 2, p=(0.3, 0.14, 0.2, 0.12, 0.1, 0.06, 0.08))
    first, second = (_ABSORBING[kind] * np.float32(rng.uniform(0.6, 1.1)) for kind in kinds)
    if shape in ("filled", "fading"):
        second = first * np.float32(rng.uniform(0.5, 1.0))
    return Nature(
        inner=first.astype(np.float32),
        outer=second.astype(np.float32),
        shape=shape,
        relief=relief,
        topping=topping,
        edge=float(rng.uniform(0.12, 0.3) if rng.random() < 0.5 else rng.uniform(0.3, 0.9)),
        uneven=float(rng.uniform(0.02, 0.16)),
        height=float(rng.uniform(0.5, 1.3)),
    )


def depth(nature: Nature, near: Field, edge: float) -> Pixels:
    """Depth of absorption [rows, columns, RGB] at distances of `near` radii."""
    inside = smoothstep((1 - near) / np.float32(edge) + 0.5)
    core = smoothstep((0.5 - near) / np.float32(0.22) + 0.5)
    if nature.shape == "fading":
        inside = inside * np.exp(-near * near * np.float32(0.9))
    if nature.shape == "rimmed":
        rim = inside * (np.float32(0.15) + np.float32(0.85) * smoothstep((near - 0.45) * 4))
        return np.asarray(rim[..., None] * nature.inner, dtype=np.float32)
    if nature.shape == "haloed":
        halo = smoothstep((1 - near) / np.float32(0.9) + 0.5) * np.float32(0.6)
        return np.asarray(halo[..., None] * _ABSORBING[0] + core[..., None] * nature.inner, dtype=np.float32)
    if nature.shape in ("cored", "twofold"):
        ring = inside[..., None] * nature.outer
        return np.asarray(ring + core[..., None] * (nature.inner - nature.outer), dtype=np.float32)
    return np.asarray(inside[..., None] * (nature.outer + core[..., None] * (nature.inner - nature.outer)), np.float32)


def heights(nature: Nature, near: Field) -> Field:
    """How high the skin stands at distances of `near` radii, in radii."""
    if nature.relief == "domed":
        return np.asarray(np.sqrt(np.clip(1.02 - near * near, 0, 1)), dtype=np.float32)
    flat = smoothstep((1.05 - near) * 3)
    if nature.relief == "dented":
        flat = flat - np.float32(0.6) * smoothstep((0.45 - near) * 4)
    return np.asarray(flat * np.float32(0.5 if nature.relief != "flat" else 0), dtype=np.float32)
