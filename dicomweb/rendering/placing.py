"""Which part of a picture is shown, and how large (PS3.18 8.3.5.1.3): the region first, mirrored, then fitted."""

from dataclasses import dataclass

from PIL import Image

from dicomweb.query import QueryError
from dicomweb.rendering.parameters import Region, Viewport


@dataclass(frozen=True, slots=True)
class Placing:
    """`box` is left, upper, right and lower edge in source pixels; `size` is width and height of what is made."""

    box: tuple[float, float, float, float]
    size: tuple[int, int]
    flipped_horizontally: bool = False
    flipped_vertically: bool = False

    def reduction(self) -> int:
        """By how much a decoder may divide both edges (1, 2, 4 or 8) and still have a pixel for each one made."""
        spare = min((self.box[2] - self.box[0]) / self.size[0], (self.box[3] - self.box[1]) / self.size[1])
        return next((factor for factor in (8, 4, 2) if factor <= spare), 1)


def place(size: tuple[int, int], region: Region | None, viewport: Viewport | None, *, enlarge: bool = True) -> Placing:
    """Where a region of a picture comes to lie.

    Args:
        size: width and height of the picture.
        region: the part shown; what reaches over the edge is cut off.
        viewport: the box into which it is fitted; None keeps its size.
        enlarge: whether a region smaller than the viewport is made larger.

    Raises:
        QueryError: nothing of the region lies within the picture.
    """
    region = region or Region()
    left, top = region.left, region.top
    right = size[0] if region.width is None else min(size[0], left + region.width)
    bottom = size[1] if region.height is None else min(size[1], top + region.height)
    if right <= left or bottom <= top:
        raise QueryError("the region lies outside of the picture")
    made = _fitted(right - left, bottom - top, viewport, enlarge=enlarge)
    return Placing((left, top, right, bottom), made, region.flipped_horizontally, region.flipped_vertically)


def _fitted(width: float, height: float, viewport: Viewport | None, *, enlarge: bool) -> tuple[int, int]:
    factors = [1.0]
    if viewport is not None:
        edges = ((viewport.width, width), (viewport.height, height))
        factors = [edge / length for edge, length in edges if edge is not None] or [1.0]
    factor = min(factors) if enlarge else min(1.0, *factors)
    return max(1, round(width * factor)), max(1, round(height * factor))


def placed(picture: Image.Image, placing: Placing, source: tuple[int, int]) -> Image.Image:
    """The picture placed.

    Args:
        picture: mode L or RGB, maybe smaller than the source because a decoder has reduced it.
        placing: in pixels of the source.
        source: width and height of the source.
    """
    across, down = picture.width / source[0], picture.height / source[1]
    left, top, right, bottom = placing.box
    box = (left * across, top * down, min(right * across, picture.width), min(bottom * down, picture.height))
    if placing.size != picture.size or box != (0.0, 0.0, picture.width, picture.height):
        picture = picture.resize(placing.size, Image.Resampling.BICUBIC, box)
    if placing.flipped_horizontally:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if placing.flipped_vertically:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return picture
