"""How the lesions of an eruption look, as bands of colour from the middle outwards: a table to draw stamps from."""

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Cap:
    """Matter on the skin: its own colour (linear RGB), how far out it reaches (radii), how much it hides (0..1)."""

    colour: Colour
    reach: float
    cover: float
    flaky: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A kind of lesion.

    `bands` are (distance from the middle in radii, share of light let through) from inside outwards; `soft` is the
    width of the border in radii, `ragged` how uneven it is, `mottle` how uneven the colour, `dome` the shading of what
    is raised, `shine` its highlight, `stretch` how much longer than wide, `diameters` the usual least and most (share
    of the short side).
    """

    name: str
    bands: tuple[tuple[float, Colour], ...]
    soft: tuple[float, float] = (0.15, 0.5)
    ragged: float = 0.1
    mottle: float = 0.1
    dome: float = 0.0
    shine: float = 0.0
    stretch: float = 1.3
    cap: Cap | None = None
    diameters: tuple[float, float] = (0.03, 0.09)


_RED: Colour = (0.86, 0.42, 0.40)
_PINK: Colour = (0.94, 0.60, 0.58)
_DEEP: Colour = (0.60, 0.20, 0.22)
_VIOLET: Colour = (0.55, 0.32, 0.46)
_BROWN: Colour = (0.48, 0.33, 0.25)
_DARK: Colour = (0.16, 0.12, 0.11)
_WHITE: Colour = (0.74, 0.70, 0.66)
_YELLOW: Colour = (0.72, 0.62, 0.33)
_HONEY: Colour = (0.55, 0.33, 0.09)
_BLOOD: Colour = (0.16, 0.03, 0.02)

LOOKS: tuple[Look, ...] = (
    Look("brown spot", ((0, _BROWN), (1, (0.6, 0.45, 0.36)))),
    Look("freckle", ((0, (0.62, 0.46, 0.34)), (1, (0.7, 0.55, 0.45))), (0.2, 0.6), 0.25, diameters=(0.02, 0.045)),
    Look("black mole", ((0, _DARK), (1, (0.34, 0.24, 0.2))), (0.1, 0.3), dome=0.15, shine=0.25),
    Look("warty", ((0, (0.42, 0.3, 0.22)), (1, (0.5, 0.36, 0.28))), (0.1, 0.25), 0.2, 0.45, 0.2),
    Look("red spot", ((0, _RED), (1, _PINK)), (0.2, 0.9)),
    Look("measles", ((0, _RED), (0.6, _PINK), (1, (0.97, 0.8, 0.78))), (0.5, 1.1), 0.5, 0.2, diameters=(0.04, 0.13)),
    Look("papule", ((0, (0.8, 0.36, 0.34)), (1, _PINK)), (0.2, 0.6), 0.05, dome=0.45, shine=0.4),
    Look("violet plate", ((0, _VIOLET), (1, (0.66, 0.4, 0.52))), (0.1, 0.3), 0.2, 0.25, 0.2, 0.2),
    Look("scaly plate", ((0, _RED), (1, _DEEP)), (0.1, 0.3), 0.25, 0.2, 0.1, cap=Cap(_WHITE, 0.85, 0.85, flaky=True),
         diameters=(0.05, 0.14)),
    Look("ring", ((0, (0.95, 0.84, 0.8)), (0.55, (0.95, 0.8, 0.77)), (0.8, (0.75, 0.3, 0.3)), (1, _RED)), (0.15, 0.4),
         0.15, 0.2, diameters=(0.06, 0.15)),
    Look("target", ((0, _DEEP), (0.3, _VIOLET), (0.5, (1.02, 0.86, 0.82)), (0.75, _RED), (1, _PINK)), (0.15, 0.4), 0.07,
         diameters=(0.06, 0.14)),
    Look("pustule", ((0, _RED), (0.7, _RED), (1, _PINK)), (0.3, 0.8), 0.08, 0.1, 0.3, 0.3, 1.15,
         Cap(_YELLOW, 0.45, 0.9), (0.035, 0.08)),
    Look("blister", ((0, (0.95, 0.72, 0.62)), (0.7, (0.9, 0.6, 0.52)), (0.85, _DEEP), (1, _RED)), (0.12, 0.3), 0.06,
         0.08, 0.5, 0.9, 1.25, diameters=(0.04, 0.12)),
    Look("wheal", ((0, (1.12, 0.98, 0.95)), (0.6, (1.05, 0.8, 0.78)), (0.85, _RED), (1, _PINK)), (0.2, 0.5), 0.35, 0.08,
         0.35, 0.1, 1.8, diameters=(0.06, 0.15)),
    Look("crust", ((0, _DEEP), (1, _RED)), (0.15, 0.4), 0.3, 0.3, 0.15, 0.15, 1.4, Cap(_HONEY, 0.75, 0.9)),
    Look("scratched", ((0, _BLOOD), (0.4, _DEEP), (0.7, _RED), (1, _PINK)), (0.2, 0.6), 0.35, 0.35, 0.0, 0.1, 3.2,
         diameters=(0.03, 0.08)),
    Look("erosion", ((0, (0.72, 0.14, 0.12)), (0.7, (0.62, 0.15, 0.13)), (1, (0.5, 0.25, 0.2))), (0.08, 0.2), 0.25, 0.3,
         0.05, 0.5),
    Look("purpura", ((0, (0.36, 0.1, 0.18)), (1, (0.5, 0.16, 0.24))), (0.1, 0.45), 0.3, 0.1, diameters=(0.02, 0.06)),
    Look("follicles", ((0, _DARK), (0.25, _DEEP), (0.4, _RED), (1, _PINK)), (0.3, 0.6), 0.05, 0.1, 0.25, 0.2, 1.1,
         diameters=(0.022, 0.045)),
    Look("pale patch", ((0, (1.7, 1.9, 2.1)), (1, (1.5, 1.65, 1.8))), (0.08, 0.3), 0.3, 0.03, diameters=(0.04, 0.15)),
    Look("white bead", ((0, (1.2, 1.3, 1.35)), (1, (0.95, 0.8, 0.76))), (0.1, 0.3), 0.04, 0.03, 0.4, 0.5, 1.1,
         Cap(_WHITE, 0.6, 0.8), (0.022, 0.05)),
    Look("yellow plate", ((0, (0.95, 0.72, 0.38)), (1, (0.92, 0.66, 0.4))), (0.1, 0.3), 0.15, 0.1, 0.3, 0.15),
    Look("dusky scar", ((0, (0.42, 0.27, 0.28)), (1, (0.6, 0.42, 0.4))), (0.2, 0.6), 0.2, 0.15, diameters=(0.03, 0.08)),
)  # fmt: skip
