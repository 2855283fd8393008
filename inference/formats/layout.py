"""What a picture file's own structure says, read with bounds and before anything is decoded."""

from dataclasses import dataclass, field
from typing import Final, Literal

from inference.errors import TooManyPixels, UnsupportedPicture

Format = Literal["bmp", "gif", "webp", "tiff", "jpeg2000", "heic", "avif"]
"""The formats that are walked here; JPEG and PNG have walkers of their own (`inference.structure`)."""

MAX_FRAMES: Final = 500
MAX_ICC_BYTES: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Layout:
    """One file: what its decoder gets, and what is known before it runs.

    `width` and `height` are those of the picture as its decoder gives it, in pixels, the same for each of `frames`;
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


def check_frames(count: int) -> None:
    """Raise UnsupportedPicture for more frames or pages than are taken."""
    if count > MAX_FRAMES:
        raise UnsupportedPicture(f"more than {MAX_FRAMES} frames or pages")


def check_pixels(layout: Layout, max_pixels: int) -> None:
    """Raise TooManyPixels where all frames together hold more than `max_pixels`."""
    if layout.frames * layout.width * layout.height > max_pixels:
        frames = f"{layout.frames} frames of " if layout.frames > 1 else ""
        raise TooManyPixels(f"{frames}{layout.width} x {layout.height} pixels are more than the {max_pixels} taken")
