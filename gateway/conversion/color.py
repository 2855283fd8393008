"""What a picture's sample values mean, from its profile and from what its maker said."""

from typing import Final

import numpy as np
from PIL import Image

from gateway.conversion.icc import color_space_of, dicom_profile, kept_profile, profile_of_primaries, srgb_profile
from gateway.conversion.picture import ColorFacts
from gateway.conversion.recoding import Pixels
from inference.formats.samples import managed

CONVERTED: Final = "colours converted to sRGB as their profile says"
"""What `in_a_space_of_dicom` did, in words."""

SRGB_PRIMARIES: Final = 1
"""Of ITU-T H.273 table 2."""

NO_COLOR: Final = ColorFacts()


def color_facts(profile: bytes | None, *, srgb: bool) -> ColorFacts:
    """The facts of a colour picture: its own profile goes before the bare statement that it is sRGB."""
    usable = dicom_profile(profile)
    if usable is not None:
        return ColorFacts(usable, color_space_of(usable))
    return ColorFacts(srgb_profile(), "SRGB") if srgb and profile is None else NO_COLOR


def in_a_space_of_dicom(frames: Pixels, icc: bytes | None) -> tuple[Pixels, bytes | None, bool]:
    """RGB frames with a profile that an object can hold: their own, or sRGB's after converting them, which is told.

    `frames` are (frames, rows, columns, 3). A profile of something else than such samples is left out.
    """
    if icc is None or dicom_profile(icc) is not None:
        return frames, kept_profile(icc), False
    converted = [managed(Image.fromarray(pixels), icc) for pixels in frames]
    if any(image is None for image in converted):
        return frames, None, False
    return np.stack([np.asarray(image) for image in converted]), profile_of_primaries(SRGB_PRIMARIES), True
