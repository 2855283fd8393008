"""Kinds of lesions of the anatomy family: layers of colour within an outline, told as steps in CIELAB."""

from dataclasses import dataclass

Step = tuple[float, float, float]
"""How far a colour is from the skin's: lightness, a*, b*."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One coat of colour: its outline's size (1 is the lesion's), how far it differs, its softness and opacity."""

    size: float
    step: Step
    blur: float = 0.05
    opacity: float = 0.9
    off: float = 0.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind: its coats from below to above, and what is strewn on them."""

    name: str
    layers: tuple[Layer, ...]
    wobble: float = 0.1
    rise: float = 0.0
    dots: int = 0
    dot: Step = (0.0, 0.0, 0.0)
    flakes: int = 0
    flake: Step = (26.0, -6.0, -4.0)
    threads: int = 0
    gleam: float = 0.0
    grain: float = 0.1


MARKS: tuple[Mark, ...] = (
    Mark("mole", (Layer(1, (-20, 6, 4), 0.10), Layer(0.62, (-14, 1, -2), 0.14)), wobble=0.06, rise=0.2),
    Mark("speckled mole", (Layer(1, (-17, 6, 6), 0.07),), wobble=0.12, dots=40, dot=(-20, 2, -3), grain=0.15),
    Mark("raised mole", (Layer(1, (-9, 7, 5), 0.06), Layer(0.7, (-4, 2, 1), 0.2)), wobble=0.04, rise=0.9, gleam=0.3),
    Mark(
        "dark patch",
        (Layer(1, (-26, 4, 2), 0.05), Layer(0.7, (-18, -4, -9), 0.1, 0.9, 0.25), Layer(0.4, (-14, -4, -8), 0.1)),
        wobble=0.34,
        rise=0.15,
        dots=18,
        dot=(-25, -2, -6),
        grain=0.2,
    ),
    Mark("pale patch", (Layer(1, (30, -5, -5), 0.05, 0.85),), wobble=0.3, grain=0.02),
    Mark(
        "red plaque",
        (Layer(1, (-10, 20, 3), 0.07), Layer(0.85, (-3, 5, 1), 0.15)),
        wobble=0.2,
        rise=0.25,
        flakes=120,
        grain=0.2,
    ),
    Mark(
        "weeping patch",
        (Layer(1.1, (-6, 14, 3), 0.35), Layer(0.6, (-7, 10, 4), 0.25)),
        wobble=0.3,
        flakes=18,
        gleam=0.5,
        grain=0.3,
    ),
    Mark(
        "ring",
        (Layer(1, (-10, 18, 4), 0.08), Layer(0.72, (8, -13, -2), 0.2, 0.85)),
        wobble=0.12,
        flakes=40,
        grain=0.2,
    ),
    Mark(
        "pearly nodule",
        (Layer(1, (-3, 14, 0), 0.08), Layer(0.6, (6, -2, -2), 0.3)),
        wobble=0.1,
        rise=1.0,
        threads=12,
        gleam=0.9,
    ),
    Mark(
        "crusted nodule",
        (Layer(1.1, (-8, 18, 3), 0.2), Layer(0.62, (-16, 6, 16), 0.05, 0.95, 0.1)),
        wobble=0.18,
        rise=0.9,
        flakes=30,
        flake=(8, -6, 8),
        grain=0.35,
    ),
    Mark(
        "sore",
        (
            Layer(1.15, (-8, 18, 0), 0.25),
            Layer(0.75, (-26, 26, 10), 0.05, 0.95),
            Layer(0.4, (12, -12, 14), 0.12, 0.7, 0.3),
        ),
        wobble=0.2,
        rise=-0.5,
        gleam=0.9,
        grain=0.3,
    ),
    Mark(
        "wart",
        (Layer(1, (-6, 4, 6), 0.05), Layer(0.75, (8, -3, 1), 0.15)),
        wobble=0.08,
        rise=0.8,
        dots=25,
        dot=(-18, 8, 0),
        grain=0.4,
    ),
    Mark(
        "stuck-on plate",
        (Layer(1, (-18, 4, 10), 0.03, 0.95), Layer(0.8, (-6, 0, 0), 0.15, 0.6, 0.15)),
        wobble=0.14,
        rise=0.6,
        dots=22,
        dot=(12, 0, 6),
        grain=0.5,
    ),
    Mark("cherry spot", (Layer(1, (-18, 34, 8), 0.06),), wobble=0.07, rise=0.6, gleam=0.4),
    Mark(
        "blister", (Layer(1.15, (-5, 14, 2), 0.25), Layer(0.8, (8, -4, 6), 0.08, 0.6)), wobble=0.08, rise=1.0, gleam=0.9
    ),
    Mark("sun spot", (Layer(1, (-11, 4, 8), 0.05, 0.8),), wobble=0.22, grain=0.05),
    Mark("rough patch", (Layer(1, (-5, 12, 3), 0.3, 0.8),), wobble=0.3, flakes=70, flake=(18, -4, 6), grain=0.3),
)
