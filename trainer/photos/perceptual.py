"""What a picture looks like in 64 bits and in 32 x 32 grey pixels, whichever way up it is.

The 64 bits are the signs of the 8 x 8 lowest frequencies of the grey picture's cosine transform against their median
(Zauner 2010, "pHash"): scaling, recompression and a little blur or light leave nearly all of them as they are.
"""

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 32
"""Pixels on each side of a thumb."""
VARIANTS = 8
"""The ways to turn and mirror a square."""
_LOW = 8

Thumbs = NDArray[np.uint8]
Hashes = NDArray[np.uint64]


def thumb(image: Image.Image) -> Thumbs:
    """Grey pixels uint8 [32, 32] of a picture, its sides stretched to a square."""
    grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(grey, dtype=np.uint8)


def turned(thumbs: NDArray[np.generic], variant: int) -> NDArray[np.generic]:
    """Thumbs [N, 32, 32] turned and mirrored: bit 0 of `variant` (0..7) transposes, bits 1 and 2 flip; 0 is as is."""
    found = thumbs.swapaxes(1, 2) if variant & 1 else thumbs
    return found[:, :: -1 if variant & 2 else 1, :: -1 if variant & 4 else 1]


def perceptual_hashes(thumbs: Thumbs) -> Hashes:
    """Hashes uint64 [N, 8] of thumbs [N, 32, 32]: one for each variant, the first of the picture as it is."""
    return np.stack([_hashes(turned(thumbs, variant)) for variant in range(VARIANTS)], axis=1)


def distances(first: Hashes, second: Hashes) -> NDArray[np.uint8]:
    """In how many bits two arrays of hashes differ, 0..64."""
    differing = np.ascontiguousarray(first ^ second)
    quarters = differing.view(np.uint16).reshape(*differing.shape, 4)
    return np.asarray(_ones()[quarters].sum(-1, dtype=np.uint8))


def correlations(thumbs: Thumbs, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Correlation -1..1 of the grey pixels of each pair [P, 2], the best over the variants; 0 for a flat picture."""
    best = np.full(len(pairs), -1, np.float32)
    second = _standardised(thumbs[pairs[:, 1]])
    for variant in range(VARIANTS):
        first = _standardised(turned(thumbs[pairs[:, 0]], variant))
        best = np.maximum(best, np.einsum("nij,nij->n", first, second))
    return best


def _hashes(thumbs: NDArray[np.generic]) -> Hashes:
    waves = _cosines()[:_LOW]
    low = (waves @ thumbs.astype(np.float32) @ waves.T).reshape(len(thumbs), _LOW * _LOW)
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True)  # the first frequency is the mean brightness
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def _standardised(thumbs: NDArray[np.generic]) -> NDArray[np.float32]:
    pixels = thumbs.astype(np.float32)
    pixels -= pixels.mean((1, 2), keepdims=True)
    lengths = np.sqrt((pixels**2).sum((1, 2), keepdims=True))
    return np.asarray(np.divide(pixels, lengths, out=np.zeros_like(pixels), where=lengths > SIDE), dtype=np.float32)


@functools.cache
def _cosines() -> NDArray[np.float32]:
    step = np.arange(SIDE)
    return np.cos(np.pi * (2 * step[None, :] + 1) * step[:, None] / (2 * SIDE)).astype(np.float32)


@functools.cache
def _ones() -> NDArray[np.uint8]:
    """How many bits are set in each number of 16 bits."""
    numbers = np.arange(2**16)
    return sum(((numbers >> bit) & 1 for bit in range(16)), np.zeros(2**16, np.int64)).astype(np.uint8)
