"""What a picture's sample values mean, from its profile and from what its maker said."""

from typing import Final

from gateway.conversion.icc import color_space_of, dicom_profile, srgb_profile
from gateway.conversion.picture import ColorFacts

NO_COLOR: Final = ColorFacts()


def color_facts(profile: bytes | None, *, srgb: bool) -> ColorFacts:
    """The facts of a colour picture: its own profile goes before the bare statement that it is sRGB."""
    usable = dicom_profile(profile)
    if usable is not None:
        return ColorFacts(usable, color_space_of(usable))
    return ColorFacts(srgb_profile(), "SRGB") if srgb and profile is None else NO_COLOR
