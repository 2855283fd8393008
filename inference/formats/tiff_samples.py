"""Which samples of a TIFF its decoder has, by what they mean and how deep they are (TIFF 6.0, sections 3 to 6, 16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inference.errors import UnsupportedPicture

WHITE_IS_ZERO: Final = 0
_BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB = 1, 2, 3, 5, 6, 8
_COLORS: Final[Mapping[int, int]] = {WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}
"""Samples of a pixel that are colours, by PhotometricInterpretation."""

_DEPTHS: Final[Mapping[int, frozenset[int]]] = {
    WHITE_IS_ZERO: frozenset({1, 2, 4, 8, 16}),
    _BLACK_IS_ZERO: frozenset({1, 2, 4, 8, 12, 16}),
    _RGB: frozenset({8, 16}),
    _PALETTE: frozenset({1, 2, 4, 8}),
    _CMYK: frozenset({8, 16}),
    _YCBCR: frozenset({8}),
}
_MOST_FURTHER: Final[Mapping[tuple[int, int], int]] = {
    (_BLACK_IS_ZERO, 8): 1, (_RGB, 8): 3, (_RGB, 16): 1, (_PALETTE, 8): 1, (_CMYK, 8): 2,
}  # fmt: skip
"""Further samples, by PhotometricInterpretation and depth; none otherwise."""

_MEANINGS: Final[Mapping[int, frozenset[int]]] = {
    _BLACK_IS_ZERO: frozenset({0, 1, 2}), _RGB: frozenset({0, 1, 2}), _PALETTE: frozenset({0, 2}),
    _CMYK: frozenset({0}),
}  # fmt: skip
"""What the first further sample may be (ExtraSamples): something, multiplied opacity, opacity; others are something."""

_REVERSED, _PLANES, _UNCODED = 2, 2, 1


@dataclass(frozen=True, slots=True)
class Samples:
    """The fields of one directory that say what its samples are; each `depths` and `further` as in the file."""

    photometric: int
    depths: tuple[int, ...]
    count: int
    further: tuple[int, ...]
    fill_order: int
    planar: int
    coding: int
    is_little_endian: bool


def check_samples(samples: Samples) -> None:
    """Raise UnsupportedPicture for samples that the decoder does not have, or gets wrong."""
    if samples.photometric not in _COLORS:
        raise UnsupportedPicture(f"a TIFF file of {'Lab' if samples.photometric == _LAB else 'unknown'} colours")
    depth = samples.depths[0]
    if set(samples.depths) != {depth} or 1 < len(samples.depths) < samples.count:
        raise UnsupportedPicture("a TIFF file of samples that differ in depth, or do not say theirs")
    if depth not in _DEPTHS[samples.photometric] or (depth == 12 and not samples.is_little_endian):
        raise UnsupportedPicture(f"a TIFF file of such colours with {depth} bits a sample")
    _check_further(samples, depth)
    if samples.planar == _PLANES and samples.coding == _UNCODED and depth > 8 and samples.count > 1:
        raise UnsupportedPicture("an uncoded TIFF file of more than 8 bits a sample, each colour by itself")
    if samples.fill_order == _REVERSED and (depth > 8 or samples.count not in {1, 3}):
        raise UnsupportedPicture("a TIFF file of reversed bits and such samples")


def _check_further(samples: Samples, depth: int) -> None:
    """Samples beside the colours; an opacity that is not announced is common in RGB alone."""
    count = samples.count - _COLORS[samples.photometric]
    is_announced = count == len(samples.further) or (samples.photometric == _RGB and count == 1 and not samples.further)
    first, others = samples.further[:1], samples.further[1:]
    is_known = set(first) <= _MEANINGS.get(samples.photometric, frozenset()) and not any(others)
    if not (0 <= count <= _MOST_FURTHER.get((samples.photometric, depth), 0) and is_announced and is_known):
        raise UnsupportedPicture("a TIFF file of further samples, or fewer, than its colours need")
