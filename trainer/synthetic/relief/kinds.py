"""What lesions look like, by kind: added optical density, surface, and the matter that lies on them."""

from dataclasses import dataclass

from trainer.synthetic.relief.chromophores import Density


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of lesion looks. Densities are added to the skin's; heights are shares of the lesion's radius.

    `third` is a colour that appears in zones (0: never); `scale` and `crust` are shares of the surface covered by
    pale flakes all over and by dried matter in the middle; `ring` is how far the middle has cleared,
    `bleach` the share of the skin's own melanin that is lost.
    """

    name: str
    core: Density
    rim: Density
    third: Density = (0.0, 0.0, 0.0)
    zones: float = 0.0
    lobes: int = 3
    ragged: float = 0.10
    edge: tuple[float, float] = (0.06, 0.25)
    mottle: float = 0.15
    network: float = 0.0
    dome: float = 0.0
    bumps: float = 0.0
    pit: float = 0.0
    gloss: float = 0.0
    vessels: int = 0
    scale: float = 0.0
    crust: float = 0.0
    ring: float = 0.0
    bleach: float = 0.0


LOOKS: tuple[Look, ...] = (
    Look("naevus", (0.75, 1.15, 1.35), (0.35, 0.6, 0.75), lobes=2, ragged=0.06, mottle=0.12, network=0.35, dome=0.03),
    Look("dermal naevus", (0.25, 0.5, 0.6), (0.12, 0.3, 0.36), lobes=1, ragged=0.03, dome=0.35, bumps=0.04, gloss=0.3),
    Look(
        "melanoma",
        (1.7, 2.0, 2.0),
        (0.6, 1.0, 1.2),
        third=(1.3, 1.15, 0.9),
        zones=0.8,
        lobes=8,
        ragged=0.26,
        edge=(0.03, 0.12),
        mottle=0.5,
        network=0.5,
        dome=0.06,
        bumps=0.02,
        gloss=0.2,
    ),
    Look("blue naevus", (1.5, 1.25, 0.9), (1.0, 0.85, 0.6), lobes=1, ragged=0.05, mottle=0.1, dome=0.2, gloss=0.4),
    Look(
        "seborrhoeic keratosis",
        (0.7, 1.0, 1.2),
        (0.5, 0.75, 0.9),
        lobes=4,
        ragged=0.10,
        edge=(0.03, 0.10),
        mottle=0.55,
        dome=0.08,
        bumps=0.06,
        gloss=0.15,
        scale=0.06,
    ),
    Look(
        "basal cell carcinoma",
        (0.06, 0.50, 0.36),
        (0.0, 0.16, 0.08),
        third=(0.6, 0.6, 0.5),
        zones=0.35,
        lobes=4,
        ragged=0.10,
        mottle=0.3,
        dome=0.22,
        bumps=0.03,
        pit=0.2,
        gloss=1.0,
        vessels=9,
        crust=0.18,
    ),
    Look(
        "squamous cell carcinoma",
        (0.2, 0.9, 0.75),
        (0.06, 0.55, 0.4),
        lobes=4,
        ragged=0.14,
        edge=(0.08, 0.3),
        mottle=0.3,
        dome=0.26,
        bumps=0.05,
        gloss=0.5,
        vessels=3,
        scale=0.15,
        crust=0.5,
    ),
    Look(
        "actinic keratosis",
        (0.06, 0.42, 0.32),
        (0.02, 0.25, 0.18),
        lobes=5,
        ragged=0.30,
        edge=(0.3, 0.7),
        mottle=0.5,
        bumps=0.02,
        gloss=0.1,
        scale=0.35,
        crust=0.08,
    ),
    Look(
        "psoriasis",
        (0.1, 0.85, 0.6),
        (0.06, 0.65, 0.45),
        lobes=5,
        ragged=0.15,
        edge=(0.05, 0.15),
        mottle=0.35,
        dome=0.03,
        bumps=0.015,
        scale=0.75,
    ),
    Look(
        "eczema",
        (0.08, 0.6, 0.42),
        (0.03, 0.3, 0.22),
        lobes=7,
        ragged=0.35,
        edge=(0.3, 0.8),
        mottle=0.6,
        bumps=0.015,
        gloss=0.3,
        vessels=0,
        scale=0.2,
        crust=0.06,
    ),
    Look(
        "ringworm",
        (0.02, 0.22, 0.16),
        (0.08, 0.7, 0.5),
        lobes=3,
        ragged=0.12,
        edge=(0.1, 0.25),
        mottle=0.35,
        dome=0.02,
        scale=0.3,
        ring=0.85,
    ),
    Look(
        "ulcer",
        (0.35, 1.6, 1.5),
        (0.06, 0.5, 0.38),
        third=(0.12, 0.3, 0.85),
        zones=0.7,
        lobes=4,
        ragged=0.16,
        edge=(0.06, 0.2),
        mottle=0.5,
        dome=0.05,
        bumps=0.03,
        pit=0.7,
        gloss=1.0,
        crust=0.2,
    ),
    Look("angioma", (0.25, 1.9, 1.5), (0.15, 1.3, 1.0), lobes=2, ragged=0.05, dome=0.3, gloss=0.6, mottle=0.15),
    Look("lentigo", (0.32, 0.58, 0.74), (0.26, 0.48, 0.6), lobes=6, ragged=0.18, edge=(0.05, 0.2), network=0.3),
    Look(
        "vitiligo",
        (0.0, -0.08, -0.1),
        (0.0, -0.05, -0.08),
        bleach=0.92,
        lobes=6,
        ragged=0.2,
        edge=(0.04, 0.12),
        mottle=0.05,
    ),
    Look("wart", (0.1, 0.3, 0.4), (0.1, 0.3, 0.3), lobes=2, ragged=0.08, dome=0.25, bumps=0.09, scale=0.3, mottle=0.4),
)
