"""Whatever samples a decoder gives, as 8 bit grey or RGB, opaque."""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps

from inference.errors import UnsupportedPicture

_GREY: Final = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L"})


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """A picture of mode L or RGB, and whether something of it showed through before."""

    image: Image.Image
    was_transparent: bool = False


def opaque(image: Image.Image, *, bits: int = 16, is_inverted: bool = False, icc: bytes | None = None) -> Opaque:
    """The picture as 8 bit grey or RGB over white.

    Samples of 16 bits keep the upper eight of the `bits` that are used. CMYK becomes sRGB by its profile where `icc`
    is one, else by complement. Raises UnsupportedPicture for samples of 32 bits.
    """
    if image.mode == "F":
        raise UnsupportedPicture("a picture of floating point samples")
    if image.mode.startswith("I"):
        return Opaque(_eight_bit(image, bits, is_inverted=is_inverted))
    if image.mode == "CMYK":
        return Opaque(managed(image, icc) or image.convert("RGB"))
    mode = "L" if image.mode in _GREY else "RGB"
    if image.has_transparency_data:
        return _over_white(_with_alpha(image), mode)
    return Opaque(image if image.mode == mode else image.convert(mode))


def _eight_bit(image: Image.Image, bits: int, *, is_inverted: bool) -> Image.Image:
    """The upper eight bits; Pillow would clip instead."""
    reduced = Image.fromarray((np.asarray(image) >> (bits - 8)).astype(np.uint8))
    return ImageOps.invert(reduced) if is_inverted else reduced


def _with_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "La":  # premultiplied, and without a way of its own to RGBA
        image = image.convert("LA")
    return image.convert("RGBA")


def _over_white(layered: Image.Image, mode: str) -> Opaque:
    alpha = layered.getchannel("A")
    least, _ = alpha.getextrema()
    if least == 255:
        return Opaque(layered.convert("RGB").convert(mode))
    white = Image.new("RGB", layered.size, "white")
    white.paste(layered.convert("RGB"), mask=alpha)
    return Opaque(white.convert(mode), was_transparent=True)


def managed(image: Image.Image, icc: bytes | None) -> Image.Image | None:
    """The picture in sRGB as its profile says; None where there is none, or none that can be used for its samples."""
    if icc is None:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None
