"""Which files are videos, told by their first bytes (ISO/IEC 14496-12 section 4, QuickTime File Format)."""

from typing import Final

HEAD_BYTES: Final = 12
"""So many first bytes tell a video from a picture."""

_PICTURE_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1", b"miaf",
     b"avif", b"avis", b"avio", b"jpeg", b"jpgs", b"j2ki", b"j2is", b"jp2 ", b"jpx ", b"jpm ", b"mjp2", b"jxl ",
     b"crx "}
)  # fmt: skip
"""Major brands of still pictures, and of their bursts, in the same box structure."""
_QUICKTIME_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""What an old QuickTime file begins with, which has no file type box."""


def is_video(head: bytes) -> bool:
    """Whether a file that begins so is an MP4 or QuickTime file; whether it can be read is told later."""
    kind = head[4:8]
    if kind == b"ftyp":
        return len(head) >= HEAD_BYTES and head[8:12] not in _PICTURE_BRANDS
    return kind in _QUICKTIME_BOXES
