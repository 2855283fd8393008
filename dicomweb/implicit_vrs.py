"""Value representations of implicitly encoded elements, from the data dictionary (PS3.5 7.1.3, PS3.6)."""

from pydicom.datadict import dictionary_VR

_AMBIGUOUS = {
    "OB or OW": "OW",  # PS3.5 A.1: OW in Implicit VR Little Endian
    "US or OW": "OW",
    "US or SS or OW": "OW",
}


def implicit_vr(tag: int, *, signed: bool) -> str:
    """The VR of `tag`; UN where the dictionary does not know it.

    Args:
        tag: group and element.
        signed: whether Pixel Representation (0028,0103) says signed, for tags that are `US or SS`.
    """
    if tag & 0xFFFF == 0:
        return "UL"  # group length
    if tag >> 16 & 1:
        return "LO" if 0x10 <= tag & 0xFFFF <= 0xFF else "UN"
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return "UN"
    if vr == "US or SS":
        return "SS" if signed else "US"
    return _AMBIGUOUS.get(vr, vr)
