"""From a file's layout to its frames: each format's library, called without its process-wide switches.

No decoder takes memory for a picture of another size than the one that was checked.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.bmp import read_bmp
from inference.formats.gif import read_gif
from inference.formats.heif import read_heif
from inference.formats.jpeg2000 import read_jpeg2000
from inference.formats.layout import Format, Layout
from inference.formats.quiet import keep_decoders_quiet
from inference.formats.samples import Opaque, opaque
from inference.formats.tiff import read_tiff
from inference.formats.webp import read_webp

DECODER_ERRORS: Final = (
    SyntaxError, OSError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, EOFError,
    MemoryError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""What the decoders raise on bytes that are not what they seem."""

_READERS: Final[Mapping[str, Callable[[bytes], Layout]]] = {
    "bmp": read_bmp,
    "gif": read_gif,
    "webp": read_webp,
    "tiff": read_tiff,
    "jpeg2000": read_jpeg2000,
    "heic": read_heif,
    "avif": read_heif,
}
_PLUGINS: Final[Mapping[Format, type[ImageFile.ImageFile]]] = {
    "bmp": BmpImagePlugin.BmpImageFile,
    "gif": GifImagePlugin.GifImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "tiff": TiffImagePlugin.TiffImageFile,
    "jpeg2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
}
_HDR_TRANSFERS: Final = frozenset({16, 18})  # PQ and HLG, ITU-T H.273 table 3

keep_decoders_quiet()


@dataclass(frozen=True, slots=True, eq=False)
class DecodedFrame:
    """One frame as stored (not turned): L or RGB, opaque; `duration_ms` is 0 where it is not of an animation."""

    image: Image.Image
    was_transparent: bool
    was_cmyk: bool
    duration_ms: float


def layout_of(name: str, data: bytes) -> Layout:
    """The layout of a file of a format that `sniff` told, but for JPEG and PNG.

    Raises NotAPicture, UnsupportedPicture, TruncatedPicture.
    """
    return _READERS[name](data)


def decoded_frames(layout: Layout) -> Iterator[DecodedFrame]:
    """The frames in order, each decoded when it is asked for.

    The layout's size is to be checked before. Raises UnsupportedPicture, and TruncatedPicture where a frame cannot be
    decoded whole or is not of the size that the layout says.
    """
    frames = _heic(layout) if layout.format == "heic" else _by_pillow(layout)
    for image in frames:
        _check_size(image, layout)
        with _damage_told():
            flat = _flat(image if layout.crop is None else image.crop(layout.crop.box), layout)
        duration_ms = float(image.info.get("duration") or 0)
        yield DecodedFrame(flat.image, flat.was_transparent, image.mode == "CMYK", duration_ms)


def _check_size(image: Image.Image | pillow_heif.HeifImage, layout: Layout) -> None:
    if image.size != layout.decoded_size:
        raise TruncatedPicture("the picture is not of the size its structure says")


def _flat(image: Image.Image, layout: Layout) -> Opaque:
    if layout.format == "bmp" and image.mode == "RGBA" and image.getchannel("A").getbbox() is None:
        image = image.convert("RGB")  # Windows writes a mask for alpha and leaves it empty
    bits = layout.bits if layout.format == "tiff" else 16  # others scale what is less up to 16 bits
    return opaque(image, bits=bits, is_inverted=layout.is_inverted, icc=layout.icc)


def _by_pillow(layout: Layout) -> Iterator[Image.Image]:
    with _damage_told():
        file = _PLUGINS[layout.format](io.BytesIO(layout.data))
        frames = getattr(file, "n_frames", 1)
    if frames != layout.frames:
        raise TruncatedPicture("the file does not hold the frames its structure says")
    for number in range(layout.frames):
        with _damage_told():
            file.seek(number)
        _check_size(file, layout)
        with _damage_told():
            file.load()
        if file.mode == "P" and file.palette is None:
            raise NotAPicture("the picture's palette is missing")
        yield file


def _heic(layout: Layout) -> Iterator[Image.Image]:
    with _damage_told():
        file = pillow_heif.open_heif(layout.data)
        primary = file[file.primary_index]
    _check_size(primary, layout)
    with _damage_told():
        image = primary.to_pillow()
    info: Mapping[str, Any] = primary.info
    profile = info.get("nclx_profile")
    if isinstance(profile, dict) and profile.get("transfer_characteristics") in _HDR_TRANSFERS:
        raise UnsupportedPicture("a picture of high dynamic range is not taken")
    image.info.pop("duration", None)
    yield image


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except DECODER_ERRORS as error:
        raise TruncatedPicture("the picture cannot be decoded in full") from error
