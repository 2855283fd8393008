"""What a disease typically looks like, in few words and numbers, from which its drawing is made."""

import functools
import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.library.drawings.colours import Colour
from gateway.library.drawings.outlines import Shape

GENERAL: Final = "skin_disorder"
"""Stands for a disease that has no description of its own."""

Millimetres = Annotated[float, Field(gt=0, le=300)]
Ground = Literal["skin", "hair", "ridges", "face", "toes"]
Arrangement = Literal["single", "scattered", "grouped", "band", "row", "mirror", "tree"]
Edge = Literal["sharp", "soft", "active"]
Elevation = Literal["flat", "plaque", "dome", "blister", "wheal", "crater", "deep", "sunken"]
Detail = Literal[
    "scale", "crust", "cracks", "pearly", "vessels", "plug", "dots", "lines", "dip", "sore", "pus", "opening", "halo",
    "rough", "clearing", "network", "hairs", "tail", "weeping",
]  # fmt: skip
Profile = Literal["flat", "plaque", "dome", "spiky", "blister", "wheal", "crater", "deep", "sunken", "follicle"]
Layer = Literal["surface", "epidermis", "dermis", "fat"]
Place = Literal[
    "scalp", "face", "lips", "neck", "chest", "back", "abdomen", "shoulders", "armpits", "elbows", "forearms", "hands",
    "groin", "buttocks", "thighs", "knees", "shins", "feet", "soles", "flank",
]  # fmt: skip


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Mark(_Described):
    """One kind of spot, and how many of it lie in which order; sizes are radii on the skin in millimetres."""

    shape: Shape = "round"
    radius: tuple[Millimetres, Millimetres]
    colours: Annotated[tuple[Colour, ...], Field(min_length=1, max_length=5)]
    edge: Edge = "sharp"
    elevation: Elevation = "flat"
    details: tuple[Detail, ...] = ()
    arrangement: Arrangement = "single"
    count: Annotated[int, Field(ge=1, le=90)] = 1


class Section(_Described):
    """What a cut through the skin shows: its profile, and the colour and layer of what is changed."""

    profile: Profile
    layer: Layer
    colour: Colour


class Description(_Described):
    """A disease's typical look; `width` is how many millimetres of skin the drawing is wide."""

    width: Millimetres
    ground: Ground = "skin"
    marks: Annotated[tuple[Mark, ...], Field(min_length=1, max_length=5)]
    section: Section
    places: Annotated[tuple[Place, ...], Field(max_length=8)] = ()


def description(slug: str) -> Description:
    """How the disease is drawn; one that nobody has described is drawn in general."""
    known = descriptions()
    return known.get(slug, known[GENERAL])


@functools.cache
def descriptions() -> Mapping[str, Description]:
    """Every description by the disease's slug."""
    found = json.loads(resources.files(__package__).joinpath("descriptions.json").read_text("utf-8"))
    return MappingProxyType({slug: Description.model_validate(entry) for slug, entry in found.items()})
