"""Skin and lesions as CIELAB colours: tone by the individual typology angle, redness by a*."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.float32]
_WHITE = (0.9505, 1.0, 1.089)  # D65, CIE 1931
_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
LIGHTEST_ITA, DARKEST_ITA = 66.0, -58.0
"""Degrees; above 55 is very light, below -30 dark (Chardon 1991)."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A CIELAB colour: lightness 0..100, a* (green to red), b* (blue to yellow)."""

    lightness: float
    a: float
    b: float

    def moved(self, lightness: float, a: float, b: float) -> "Lab":
        """The colour so far away; the lightness is moved less the darker it is, and stays within 4..98."""
        room = 0.35 + 0.65 * min(max(self.lightness / 65, 0.0), 1.0) if lightness < 0 else 1.0
        return Lab(min(max(self.lightness + lightness * room, 4.0), 98.0), self.a + a, self.b + b)


def linear(colour: Lab) -> Rgb:
    """Linear RGB of a Lab colour, 0.002..1."""
    middle = (colour.lightness + 16) / 116
    roots = (middle + colour.a / 500, middle, middle - colour.b / 200)
    xyz = [
        white * (t**3 if t > 6 / 29 else 3 * (6 / 29) ** 2 * (t - 4 / 29))
        for white, t in zip(_WHITE, roots, strict=True)
    ]
    return np.asarray(np.clip(_TO_RGB @ np.array(xyz), 0.002, 1), dtype=np.float32)


def any_skin(rng: np.random.Generator) -> Lab:
    """Skin of any tone: every typology angle has the same chance."""
    angle = math.radians(float(rng.uniform(DARKEST_ITA, LIGHTEST_ITA)))
    yellow = float(rng.uniform(11, 21)) - 4 * abs(math.sin(angle))
    lightness = 50 + yellow * math.tan(angle)
    return Lab(min(max(lightness, 22.0), 80.0), float(rng.uniform(5, 15)), yellow)
