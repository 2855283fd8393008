"""From bytes to a picture: told by content, bounded by its header, decoded once and in full."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import turbojpeg
from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin

from inference.errors import NotAPicture, TooManyPixels, TooSmall, TruncatedPicture
from inference.formats.decoding import DECODER_ERRORS, decoded_frames, layout_of
from inference.formats.layout import Layout
from inference.formats.samples import opaque, with_scaled_key
from inference.formats.sniffing import sniff
from inference.orientation import orientation_of, turned_size
from inference.structure import BarePicture, bare_jpeg, bare_png

MIN_SIDE_PIXELS = 224
"""Short side below which a picture is not judged."""

_PNG_DEPTH_AT = 24

_NOTHING_DECODED = frozenset({128, (128, 128, 128)})
"""What a JPEG decoder fills in where coded data is missing: coefficients of zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture.

    `image` is RGB, 8 bits, as stored (not turned); `orientation` is the EXIF value 1..8 that makes it upright;
    `width` and `height` are those of the upright picture, in pixels; `format` is its name as `sniff_format` tells it.
    """

    image: Image.Image
    orientation: int
    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """How a file of one format is checked and laid bare, and opened."""

    bare: Callable[[bytes], BarePicture]
    open: Callable[[io.BytesIO], ImageFile.ImageFile]


# Pillow's readers are called by class, not through Image.open: its pixel limit is process-wide, ours is per call,
# and a second picture behind the first (MPO) is not wanted.
FORMATS: dict[str, PictureFormat] = {
    "jpeg": PictureFormat(bare_jpeg, JpegImagePlugin.JpegImageFile),
    "png": PictureFormat(bare_png, PngImagePlugin.PngImageFile),
}


def retain_memory(size_bytes: int) -> None:
    """Let Pillow keep up to so much memory of pictures that are done with, for those to come; process-wide.

    Fresh memory is zeroed by the kernel page by page, which takes a fifth of the time of decoding 12 megapixels. For
    the process that serves to call once, at its start.
    """
    memory = Image.core  # type: ignore[attr-defined]  # Pillow documents these two and does not export their module
    memory.set_blocks_max(size_bytes // memory.get_block_size())


class _WholeFile(io.BytesIO):
    """Bytes that refuse to be read past their end.

    A decoder that asks for more than there is has a truncated picture before it, whatever Pillow's process-wide
    LOAD_TRUNCATED_IMAGES says about going on.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as BytesIO does; raise TruncatedPicture where nothing is left."""
        chunk = super().read(size)
        if not chunk and size != 0:
            raise TruncatedPicture("the file ends within the picture")
        return chunk


def sniff_format(data: bytes) -> str:
    """Tell the format by the first bytes.

    Raises UnsupportedPicture for a known format that is not taken, NotAPicture otherwise.
    """
    return sniff(data)


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of the picture as stored, in pixels, from its header alone.

    Raises NotAPicture, UnsupportedPicture, TruncatedPicture.
    """
    name = sniff(data)
    if name in FORMATS:
        return _open(FORMATS[name].bare(data).data, FORMATS[name]).size
    layout = layout_of(name, data)
    return layout.width, layout.height


def picture_pixels(data: bytes) -> int:
    """How many pixels all of its frames or pages have together, from the file's structure alone.

    Raises NotAPicture, UnsupportedPicture, TruncatedPicture.
    """
    name = sniff(data)
    if name in FORMATS:
        width, height = picture_size(data)
        return width * height
    layout = layout_of(name, data)
    return layout.frames * layout.most_pixels


def decode_picture(data: bytes, *, max_pixels: int, min_side: int = MIN_SIDE_PIXELS) -> Picture:
    """Decode a whole picture, once; of several frames the first.

    Size is checked from the header, before any pixel is decoded. Transparency is laid over white; palettes, grey,
    16 bits a sample become 8-bit RGB; CMYK does by its profile, else by complement. Profiles of RGB pictures are not
    applied.

    Raises NotAPicture, UnsupportedPicture, TruncatedPicture, TooManyPixels (width x height over `max_pixels`) or
    TooSmall (short side under `min_side` pixels).
    """
    name = sniff(data)
    if name in FORMATS:
        return _decode(data, name, max_pixels, min_side)
    layout = layout_of(name, data)
    _check_layout(layout, max_pixels, min_side)
    image = next(decoded_frames(layout)).image.convert("RGB")
    width, height = turned_size(*image.size, layout.orientation)
    return Picture(image, layout.orientation, width, height, name)


def _decode(data: bytes, name: str, max_pixels: int, min_side: int) -> Picture:
    bare = FORMATS[name].bare(data)
    image = _open(bare.data, FORMATS[name])
    _check_size(image.size, max_pixels, min_side)
    _load(image)
    if name == "jpeg":
        _check_end(image, bare.data)
    orientation = orientation_of(bare.exif)
    width, height = turned_size(*image.size, orientation)
    if name == "png":
        with_scaled_key(image, bare.data[_PNG_DEPTH_AT])
    return Picture(_rgb(image, bare.icc), orientation, width, height, name)


def _open(data: bytes, picture_format: PictureFormat) -> ImageFile.ImageFile:
    try:
        image = picture_format.open(_WholeFile(data))
    except DECODER_ERRORS as error:
        raise NotAPicture("the header of the picture cannot be read") from error
    # The decoder gets everything at once: a piece at a time it would ask for the interpreter's lock after each.
    image.decodermaxblock = max(len(data), image.decodermaxblock)
    return image


def _check_size(size: tuple[int, int], max_pixels: int, min_side: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixels(f"{width} x {height} pixels are more than the {max_pixels} that are taken")
    if min(width, height) < min_side:
        raise TooSmall(f"{width} x {height} pixels: the short side needs at least {min_side}")


def _check_layout(layout: Layout, max_pixels: int, min_side: int) -> None:
    if layout.most_pixels > max_pixels:
        raise TooManyPixels(f"{layout.most_pixels} coded pixels are more than the {max_pixels} that are taken")
    _check_size((layout.width, layout.height), max_pixels, min_side)


def _load(image: ImageFile.ImageFile) -> None:
    try:
        image.load()
    except DECODER_ERRORS as error:
        raise TruncatedPicture("the picture cannot be decoded in full") from error
    if image.mode == "P" and image.palette is None:
        raise TruncatedPicture("the picture's palette is missing")


def _check_end(image: Image.Image, data: bytes) -> None:
    """Raise TruncatedPicture for a JPEG whose coded data ends before its last corner, as an upload that broke off does.

    Decoders only warn of it. A corner of the very grey that they fill in is the reason to ask the one that tells.
    """
    width, height = image.size
    if image.getpixel((width - 1, height - 1)) not in _NOTHING_DECODED:
        return
    try:
        turbojpeg.transform(data, nooutput=True)
    except RuntimeError as error:
        if "premature end" in str(error):
            raise TruncatedPicture("the picture's coded data ends within the picture") from error


def _rgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    return opaque(image, icc=icc).image.convert("RGB")
