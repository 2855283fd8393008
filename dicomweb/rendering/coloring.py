"""What the numbers of a coloured picture mean, and pictures converted to another meaning (PS3.18 8.3.5.1.5)."""

import functools
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

from dicomweb.rendering.parameters import ColorProfile
from dicomweb.rendering.profiles import profile_of

MAX_PROFILE_BYTES: Final = 4 * 1024 * 1024


@functools.lru_cache(maxsize=16)
def usable_profile(profile: bytes) -> bytes | None:
    """The profile, None where it is none of RGB pictures: pictures of other people's making may carry anything."""
    if not 132 < len(profile) <= MAX_PROFILE_BYTES or profile[36:40] != b"acsp" or profile[16:20] != b"RGB ":
        return None
    try:
        ImageCms.ImageCmsProfile(BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None
    return profile


def colored(picture: Image.Image, own: bytes | None, wanted: ColorProfile | None) -> tuple[Image.Image, bytes | None]:
    """The picture with the profile it is to have, and that profile, None for none.

    Args:
        picture: mode L or RGB.
        own: the profile it came with; without one it counts as sRGB.
        wanted: None for its own where there is one. A grey picture only gets a profile where a space is named.
    """
    own = usable_profile(own) if own and picture.mode == "RGB" else None
    if wanted in (None, ColorProfile.NONE):
        return picture, own if wanted is None else None
    if wanted is ColorProfile.OWN:
        return picture, (own or profile_of(ColorProfile.SRGB)) if picture.mode == "RGB" else None
    return _converted(picture, own or profile_of(ColorProfile.SRGB), profile_of(wanted)), profile_of(wanted)


def _converted(picture: Image.Image, source: bytes, target: bytes) -> Image.Image:
    picture = picture.convert("RGB")
    if sha256(source).digest() == sha256(target).digest():
        return picture
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(source)),
            ImageCms.ImageCmsProfile(BytesIO(target)),
            "RGB",
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        made = ImageCms.applyTransform(picture, transform)
    except ImageCms.PyCMSError:
        return picture  # a profile that cannot be read any further says nothing
    assert made is not None
    return made
