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
        return _eight_bit(image, bits, is_inverted=is_inverted)
    if image.mode == "CMYK":
        return Opaque(managed(image, icc) or image.convert("RGB"))
    mode = "L" if image.mode in _GREY else "RGB"
    if image.has_transparency_data:
        return _over_white(_with_alpha(image), mode)
    return Opaque(image if image.mode == mode else image.convert(mode))


def with_scaled_key(image: Image.Image, bit_depth: int) -> None:
    """Bring the one transparent colour of a PNG (`tRNS`, 11.3.1.1) to the scale of its decoded samples, in place.

    Pillow scales samples of other than eight bits, and leaves their key as it stands in the file. The colours that
    sixteen bits tell apart and eight do not are all transparent then.
    """
    key = image.info.get("transparency")
    if isinstance(key, int) and image.mode in {"1", "L"} and bit_depth < 8:
        image.info["transparency"] = key * 255 // ((1 << bit_depth) - 1)
    elif isinstance(key, tuple) and bit_depth == 16:
        image.info["transparency"] = tuple(part >> 8 for part in key)


def _eight_bit(image: Image.Image, bits: int, *, is_inverted: bool) -> Opaque:
    """The upper eight bits; Pillow would clip instead. What is of the transparent colour is white."""
    samples = np.asarray(image)
    reduced = (samples >> (bits - 8)).astype(np.uint8)
    key = image.info.get("transparency")
    is_clear = samples == key if isinstance(key, int) else np.zeros((), bool)
    reduced = np.where(is_clear, np.uint8(255), reduced) if is_clear.any() else reduced
    flat = Image.fromarray(reduced)
    return Opaque(ImageOps.invert(flat) if is_inverted else flat, bool(is_clear.any()))


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
