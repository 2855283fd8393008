"""The eight orientations of EXIF tag 0112, and what each does to pixels and points."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import turbojpeg


@dataclass(frozen=True, slots=True)
class Turn:
    """How a stored picture becomes upright: mirrored left-right, then top-bottom, then rows for columns."""

    mirror_columns: bool
    mirror_rows: bool
    transpose: bool
    operation: turbojpeg.OP
    words: str

    def pixels(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The upright picture; (rows, columns[, samples]) in, contiguous and upright out."""
        rows = slice(None, None, -1) if self.mirror_rows else slice(None)
        columns = slice(None, None, -1) if self.mirror_columns else slice(None)
        turned = image[rows, columns]
        return np.ascontiguousarray(turned.swapaxes(0, 1) if self.transpose else turned)

    def point(self, x: int, y: int, *, rows: int, columns: int) -> tuple[int, int]:
        """Where the pixel (x, y) of a stored picture of this size comes to lie, counted from 0."""
        turned_x = columns - 1 - x if self.mirror_columns else x
        turned_y = rows - 1 - y if self.mirror_rows else y
        return (turned_y, turned_x) if self.transpose else (turned_x, turned_y)


TURNS: Final = {
    2: Turn(True, False, False, turbojpeg.OP.HFLIP, "mirrored left to right"),
    3: Turn(True, True, False, turbojpeg.OP.ROT180, "turned by 180 degrees"),
    4: Turn(False, True, False, turbojpeg.OP.VFLIP, "mirrored top to bottom"),
    5: Turn(False, False, True, turbojpeg.OP.TRANSPOSE, "transposed"),
    6: Turn(False, True, True, turbojpeg.OP.ROT90, "turned by 90 degrees clockwise"),
    7: Turn(True, True, True, turbojpeg.OP.TRANSVERSE, "transposed along the other diagonal"),
    8: Turn(True, False, True, turbojpeg.OP.ROT270, "turned by 90 degrees counterclockwise"),
}
"""EXIF orientation -> the turn that makes it upright (Exif 2.32, 4.6.4 A); 1 needs none."""
