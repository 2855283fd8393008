"""What a picture file's own structure says, read with bounds and before anything is decoded."""

from dataclasses import dataclass, field
from typing import Final, Literal

from inference.errors import TooManyPixels, UnsupportedPicture

Format = Literal["bmp", "gif", "webp", "tiff", "jpeg2000", "heic", "avif"]
"""The formats that are walked here; JPEG and PNG have walkers of their own (`inference.structure`)."""

MAX_FRAMES: Final = 500
MAX_ICC_BYTES: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Crop:
    """What is cut out of a decoded picture: left, top, right, bottom; and the width and height of the whole."""

    box: tuple[int, int, int, int]
    whole: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is cut out."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


@dataclass(frozen=True, slots=True)
class Layout:
    """One file: what its decoder gets, and what is known before it runs.

    `width` and `height` are those of the picture as its decoder gives it, in pixels, the same for each of `frames`,
    or of its part that `crop` leaves; `coded_pixels` is how many there are before its decoder crops by itself;
    `orientation` is the EXIF value 1..8 that then makes it upright. `data` is what the decoder gets. `bits` is the
    depth of one sample, `lossy` whether the picture went through a lossy coding, of `coded_bytes` bytes where that is
    known. `exif` is a TIFF structure or empty; `icc` a profile as it stood in the file. `primaries` is a code of
    ITU-T H.273 table 2 where the file gives one (2 is unspecified). `is_inverted` says that zero is white.
    """

    format: Format
    width: int
    height: int
    data: bytes = field(repr=False)
    frames: int = 1
    orientation: int = 1
    bits: int = 8
    lossy: bool = False
    coded_bytes: int = 0
    exif: bytes = field(default=b"", repr=False)
    icc: bytes | None = field(default=None, repr=False)
    primaries: int = 2
    is_inverted: bool = False
    crop: Crop | None = None
    coded_pixels: int = 0

    @property
    def decoded_size(self) -> tuple[int, int]:
        """Width and height of what the decoder gives."""
        return (self.width, self.height) if self.crop is None else self.crop.whole

    @property
    def most_pixels(self) -> int:
        """How many pixels of one frame there are at any stage of decoding."""
        width, height = self.decoded_size
        return max(width * height, self.coded_pixels)


def check_frames(count: int) -> None:
    """Raise UnsupportedPicture for more frames or pages than are taken."""
    if count > MAX_FRAMES:
        raise UnsupportedPicture(f"more than {MAX_FRAMES} frames or pages")


def check_pixels(layout: Layout, max_pixels: int) -> None:
    """Raise TooManyPixels where all frames together hold more than `max_pixels`."""
    if layout.frames * layout.most_pixels > max_pixels:
        frames = f"{layout.frames} frames of " if layout.frames > 1 else ""
        raise TooManyPixels(f"{frames}{layout.width} x {layout.height} pixels are more than the {max_pixels} taken")
