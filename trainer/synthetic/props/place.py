"""Where things may lie that are neither skin nor lesion: in strips along the frame's sides, clear of the subject."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from PIL import Image, ImageFilter

from trainer.synthetic.colour import Picture, to_linear

_SHADOW = 0.45


@dataclass(frozen=True, slots=True)
class Place:
    """The subject's middle in shares of the frame, its diameter, and the scale."""

    x: float
    y: float
    diameter_mm: float
    px_per_mm: float


class Side(IntEnum):
    """A side of the frame: how many quarter turns to the left bring a strip drawn for the bottom there."""

    BOTTOM = 0
    RIGHT = 1
    TOP = 2
    LEFT = 3


def length_px(picture: Picture, side: Side) -> int:
    """How long the frame is along that side."""
    height, width = picture.shape[:2]
    return int(width if side in (Side.BOTTOM, Side.TOP) else height)


def free_px(picture: Picture, side: Side, place: Place) -> int:
    """How deep a strip along that side may be before it touches the subject; may be negative."""
    height, width = picture.shape[:2]
    away: dict[Side, float] = {
        Side.BOTTOM: (1 - place.y) * height,
        Side.RIGHT: (1 - place.x) * width,
        Side.TOP: place.y * height,
        Side.LEFT: place.x * width,
    }
    return int(away[side] - 0.68 * place.diameter_mm * place.px_per_mm)


def lay_strip(picture: Picture, strip: Image.Image, side: Side, brightness: float) -> None:
    """Lay an RGBA strip, drawn as if along the bottom, on that side of the picture, in place, with its shadow."""
    alpha = strip.getchannel("A")
    shadow = alpha.filter(ImageFilter.GaussianBlur(max(2.0, strip.height * 0.05)))
    share = _turned(np.asarray(alpha, dtype=np.float32)[..., None] / np.float32(255), side)
    dark = _turned(np.asarray(shadow, dtype=np.float32)[..., None] / np.float32(255), side)
    colour = _turned(to_linear(np.asarray(strip.convert("RGB"), dtype=np.float32)), side) * np.float32(brightness)
    region = _region(picture, share.shape[0], share.shape[1], side)
    region *= 1 - np.float32(_SHADOW) * dark
    region += share * (colour - region)


def _turned(array: Picture, side: Side) -> Picture:
    return np.asarray(np.rot90(array, int(side)))


def _region(picture: Picture, rows: int, columns: int, side: Side) -> Picture:
    if side in (Side.BOTTOM, Side.RIGHT):
        return picture[picture.shape[0] - rows :, picture.shape[1] - columns :]
    return picture[:rows, :columns]
