"""What a drawing is made with: a tone of skin, a scale, chance that is the same each time, and shared definitions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from gateway.library.drawings.colours import SHADE, SKIN, Colour, Tone, colour
from gateway.library.drawings.svg import element


@dataclass(slots=True)
class Pen:
    """Draws on skin of one tone; `scale` is pixels a millimetre, `name` begins the ids of what it defines."""

    name: str
    tone: Tone
    scale: float
    chance: Random
    definitions: list[str] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def colour(self, name: Colour) -> str:
        """The colour as it looks on this skin."""
        return colour(name, self.tone)

    @property
    def skin(self) -> str:
        """The colour of the skin."""
        return SKIN[self.tone]

    @property
    def shade(self) -> str:
        """The colour of its shadows."""
        return SHADE[self.tone]

    def fading(self, paint: str, solid: float = 0.35) -> str:
        """A paint that is full up to `solid` of the way from the middle, and gone at the rim."""
        return self._shared(
            f"f{paint}{solid}",
            lambda name: _radial(name, [(0, paint, 1), (solid, paint, 0.95), (1, paint, 0)]),
        )

    def gloss(self) -> str:
        """Light from above and left on something round."""
        stops = [(0, "#ffffff", 0.42), (0.4, "#ffffff", 0.08), (0.72, "#000000", 0.03), (1, "#000000", 0.24)]
        return self._shared("gloss", lambda name: _radial(name, stops, at=(0.36, 0.3), reach=0.74))

    def hollow(self) -> str:
        """The same light on something that lies deeper than its surroundings."""
        stops = [(0, "#ffffff", 0.15), (0.55, "#000000", 0.08), (1, "#000000", 0.34)]
        return self._shared("hollow", lambda name: _radial(name, stops, at=(0.62, 0.66), reach=0.72))

    def clip(self, path: str) -> str:
        """What keeps drawing inside the path; made anew for each."""
        name = f"{self.name}c{len(self.definitions)}"
        self.definitions.append(element("clipPath", element("path", d=path), id=name))
        return f"url(#{name})"

    def _shared(self, key: str, make: Callable[[str], str]) -> str:
        if key not in self._known:
            name = f"{self.name}g{len(self._known)}"
            self.definitions.append(make(name))
            self._known[key] = f"url(#{name})"
        return self._known[key]


def _radial(
    name: str, stops: list[tuple[float, str, float]], *, at: tuple[float, float] = (0.5, 0.5), reach: float = 0.5
) -> str:
    drawn = [element("stop", offset=place, stop_color=paint, stop_opacity=share) for place, paint, share in stops]
    return element("radialGradient", *drawn, id=name, cx=at[0], cy=at[1], r=reach)
