"""A close-up while it is made: what absorbs, how high it is, how it shines, and what lies upon it."""

from dataclasses import dataclass, field

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field


@dataclass(frozen=True, slots=True)
class Matter:
    """Something opaque upon the skin, a flake or a crust: `share` covered and its colour, in one rectangle."""

    rows: slice
    columns: slice
    share: Field
    colour: Picture


@dataclass(slots=True)
class Layers:
    """Optical density [rows, columns, RGB]; height in millimetres; gloss 0..about 2; matter from below to above."""

    density: Picture
    height: Field
    gloss: Field
    matter: list[Matter] = field(default_factory=list)

    def lay_matter(self, reflected: Picture) -> None:
        """Cover the reflectances with the matter, in place."""
        for piece in self.matter:
            region = reflected[piece.rows, piece.columns]
            region += piece.share[..., None] * (piece.colour - region)
