"""One lesion of the relief family: worked out on a square of its own, then pressed into the layers."""

import math
from dataclasses import dataclass

import numpy as np

from trainer.synthetic.noise import Field, grains, octaves, resized
from trainer.synthetic.relief.cells import CELL_PX, cell_tile, spread
from trainer.synthetic.relief.chromophores import MELANIN, as_array
from trainer.synthetic.relief.growth import REACH, grown
from trainer.synthetic.relief.kinds import LOOKS, Look
from trainer.synthetic.relief.layers import Layers, Matter
from trainer.synthetic.relief.vessels import tree_of_vessels

_FINEST_SIDE = 560  # of the square that a lesion is worked out on; larger ones are enlarged
_DETAILED_RADIUS = 8  # pixels; smaller lesions have no network and no vessels
_PLAIN = tuple(look for look in LOOKS if sum(look.core) > 1.2 or look.bleach)
_FLAKE = (0.62, 0.57, 0.50)
_CRUSTS = ((0.45, 0.27, 0.09), (0.20, 0.07, 0.03), (0.36, 0.25, 0.14), (0.07, 0.025, 0.018))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a lesion is (shares of the frame), how large, which kind, how strong (about 1) and its own seed."""

    x: float
    y: float
    diameter_mm: float
    look: Look
    strength: float
    seed: int


def any_spot(rng: np.random.Generator, x: float, y: float, diameter_mm: float) -> Spot:
    """A lesion of any kind at the place and of the size given."""
    return _spot_of(LOOKS, rng, x, y, diameter_mm)


def plain_spot(rng: np.random.Generator, x: float, y: float, diameter_mm: float) -> Spot:
    """As `any_spot`, of a kind that is seen even when it is tiny."""
    return _spot_of(_PLAIN, rng, x, y, diameter_mm)


def _spot_of(looks: tuple[Look, ...], rng: np.random.Generator, x: float, y: float, diameter_mm: float) -> Spot:
    look = looks[int(rng.integers(len(looks)))]
    return Spot(x, y, diameter_mm, look, float(rng.uniform(0.7, 1.25)), int(rng.integers(2**31)))


def press(layers: Layers, spot: Spot, melanin: float, px_per_mm: float) -> None:
    """Work `spot` into the layers in place; what lies beyond the frame is left out.

    `melanin` is the skin's, which a bleached lesion loses.
    """
    height, width = layers.height.shape
    radius_px = max(spot.diameter_mm * px_per_mm / 2, 1.0)
    reach = math.ceil(radius_px * REACH)
    left, top = round(spot.x * width) - reach, round(spot.y * height) - reach
    rows = slice(max(top, 0), min(top + 2 * reach, height))
    columns = slice(max(left, 0), min(left + 2 * reach, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    _Square(spot, melanin, radius_px, 2 * reach).into(layers, rows, columns, (left, top))


class _Square:
    """The square round a lesion, at a resolution of its own."""

    def __init__(self, spot: Spot, melanin: float, radius_px: float, side: int) -> None:
        self._spot, self._look, self._melanin = spot, spot.look, melanin
        self._radius_mm = spot.diameter_mm / 2
        self._full = side
        self._side = min(max(side, 8), _FINEST_SIDE)
        self._radius = self._side / (2 * REACH)
        self._softest = 1.2 / radius_px
        self._rng = np.random.default_rng([spot.seed, 5])

    def into(self, layers: Layers, rows: slice, columns: slice, corner: tuple[int, int]) -> None:
        """Add density, height, gloss and matter to the part of the layers that the square covers."""
        rng, look, side = self._rng, self._look, self._side
        distance = resized(grown(rng, side, look.lobes, look.ragged), (side, side))
        edge = max(float(rng.uniform(*look.edge)), self._softest)
        cover = _smoothstep((1 - distance) / np.float32(edge) + np.float32(0.5))
        depth = np.clip(1 - distance, 0, 1)
        rough = octaves(rng, (side, side), self._radius * 0.45, max(self._radius / 22, 1.0), 0.7)

        def part(field: Field) -> Field:
            whole = resized(np.ascontiguousarray(field, dtype=np.float32), (self._full, self._full))
            top, left = rows.start - corner[1], columns.start - corner[0]
            return whole[top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]

        for channel, added in enumerate(self._densities(distance, depth, rough)):
            layers.density[rows, columns, channel] += part(added * cover)
        layers.height[rows, columns] += part(self._relief(distance, depth, rough) * cover)
        if look.gloss > 0:
            layers.gloss[rows, columns] += part(cover * np.float32(look.gloss))
        for share, colour in self._matter(cover, depth, rough):
            texture = part(1 + np.float32(0.2) * rough)
            colours = texture[..., None] * as_array(colour)
            layers.matter.append(Matter(rows, columns, np.clip(part(share), 0, 1), colours))

    def _densities(self, distance: Field, depth: Field, rough: Field) -> list[Field]:
        look, rng, size = self._look, self._rng, (self._side, self._side)
        inner = np.clip(depth * np.float32(2.2) + np.float32(0.25) * rough, 0, 1)
        if look.ring > 0:
            inner *= np.float32(look.ring) + np.float32(1 - look.ring) * inner
        amount = np.clip(1 + np.float32(look.mottle) * rough, 0.15, 2.5) * np.float32(self._spot.strength)
        if look.network > 0 and self._radius > _DETAILED_RADIUS:
            amount = amount * (1 + np.float32(look.network) * self._network(distance))
        zone = np.zeros_like(inner)
        if look.zones > 0:
            where = octaves(rng, size, self._radius * 0.8, self._radius * 0.1)
            zone = np.clip((where - np.float32(0.5)) * 3, 0, 1) * np.float32(look.zones)
        tree = (
            tree_of_vessels(rng, self._side, look.vessels) if look.vessels and self._radius > _DETAILED_RADIUS else None
        )
        densities = []
        for channel in range(3):
            core, rim, third = look.core[channel], look.rim[channel], look.third[channel]
            mixed = (np.float32(rim) + np.float32(core - rim) * inner) * (1 - zone) + np.float32(third) * zone
            added = mixed * amount - np.float32(look.bleach * self._melanin * MELANIN[channel])
            if tree is not None:
                added = added + tree * np.float32((0.2, 0.9, 0.7)[channel])
            densities.append(added)
        return densities

    def _network(self, distance: Field) -> Field:
        """Lines of pigment round paler holes, strongest towards the border; about -1..1."""
        cells = int(np.clip(self._spot.diameter_mm * REACH / 0.45, 8, 70))
        net = self._cells(cells)
        lines = np.float32(1) - np.clip(net * np.float32(3.2), 0, 2)
        return np.asarray(lines * np.clip(distance * np.float32(1.3), 0.2, 1), dtype=np.float32)

    def _relief(self, distance: Field, depth: Field, rough: Field) -> Field:
        """Height in millimetres that the lesion adds."""
        look, rng = self._look, self._rng
        dome = np.sqrt(np.clip(depth * (2 - depth), 0, 1)) * np.float32(0.7 * look.dome)
        bulges = octaves(rng, (self._side, self._side), self._radius * 0.7, self._radius * 0.3)
        surface = dome * (1 + np.float32(0.3) * bulges)
        if look.bumps > 0:  # winding ridges, as on a brain
            fine = grains(rng, (self._side, self._side), max(self._radius * float(rng.uniform(0.1, 0.22)), 1.3))
            surface = surface + np.float32(0.6 * look.bumps) * (
                np.clip(np.abs(fine) * 1.6, 0, 1) + np.float32(0.3) * rough
            )
        if look.pit > 0 and rng.random() < 0.75:
            rim = np.clip((np.float32(0.62) - distance) * 4 + np.float32(0.2) * rough, 0, 1)
            surface = surface - rim * np.float32(look.pit * 0.25)
        return np.asarray(surface * np.float32(min(self._radius_mm, 8.0)), dtype=np.float32)

    def _matter(self, cover: Field, depth: Field, rough: Field) -> list[tuple[Field, tuple[float, float, float]]]:
        """Flakes and crusts: the share they cover and their colour."""
        look, rng = self._look, self._rng
        laid: list[tuple[Field, tuple[float, float, float]]] = []
        if look.scale > 0:
            laid.append((self._flakes(rough) * cover * np.float32(self._spot.strength), _FLAKE))
        if look.crust > 0 and rng.random() < 0.35 + look.crust:
            heap = np.clip((depth * 2 + np.float32(0.5) * rough + np.float32(look.crust - 0.95)) * 2.5, 0, 1)
            laid.append((heap * cover * np.float32(0.9), _CRUSTS[int(rng.integers(len(_CRUSTS)))]))
        return laid

    def _cells(self, across: int) -> Field:
        """Cells, so many across the square, their rows bent out of line."""
        across = min(across, max(self._side // 4, 4))
        side = across * CELL_PX
        axis = np.arange(side, dtype=np.float32)
        bend = np.float32(1.4 * CELL_PX)
        rows = axis[:, None] + bend * octaves(self._rng, (side, side), side / 4, 12)
        columns = (
            axis[None, :] + bend * octaves(self._rng, (side, side), side / 4, 12) + axis[:, None] * np.float32(0.4)
        )
        cells = spread(cell_tile(self._rng, across, 1.0), rows, columns)
        return resized(cells, (self._side, self._side))

    def _flakes(self, rough: Field) -> Field:
        """The share under thin, lifted scales: small plates in patches, whiter at their edges."""
        look, rng, size = self._look, self._rng, (self._side, self._side)
        cells = int(np.clip(self._spot.diameter_mm * REACH / float(rng.uniform(0.5, 1.3)), 10, 60))
        plates = self._cells(cells)
        patches = octaves(rng, size, self._radius * 0.6, max(self._radius * 0.06, 1.2), 0.75)
        where = np.clip(patches * np.float32(0.8) + np.float32(2.4 * look.scale - 1.0), 0, 1)
        thin = np.float32(0.3) + np.float32(0.5) * np.clip(grains(rng, size, max(self._radius * 0.05, 1.3)), 0, 1)
        rim = np.clip(1 - np.abs(plates - np.float32(0.12)) * 7, 0, 1)
        opacity = np.clip(thin + np.float32(0.35) * rim + np.float32(0.15) * rough, 0, 0.75)
        return np.asarray(where * opacity, dtype=np.float32)


def _smoothstep(value: Field) -> Field:
    clipped = np.clip(value, 0, 1)
    return np.asarray(clipped * clipped * (3 - 2 * clipped), dtype=np.float32)
