"""What only lies in a folder beside its photos: notes, `Thumbs.db`, sheets. It is told and passed by.

A file is passed by if neither its bytes nor its name are a picture's: one that is called as a picture and is none is
damaged, or of a format that is not taken, and its owner wants to know.
"""

from collections.abc import Iterable
from pathlib import Path

from gateway.commands.converting.finding import Found
from gateway.commands.converting.outcome import Outcome, State
from gateway.commands.converting.reading import NotAFile, head_of
from gateway.conversion.video.sniffing import HEAD_BYTES, is_video
from inference.errors import PictureError
from inference.formats.sniffing import sniff

_SNIFFED_BYTES = 512
_PICTURES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".jps", ".png", ".apng", ".heic", ".heif", ".hif", ".heics",
     ".heifs", ".avif", ".avifs", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".jp2", ".j2k", ".j2c", ".jpc",
     ".jpf", ".jpx", ".jpm", ".jxl", ".jxr", ".psd", ".psb", ".ico", ".svg", ".exr", ".hdr", ".pcx", ".tga", ".dcm",
     ".dicom", ".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2", ".raw",
     ".pef", ".srw", ".x3f", ".3fr", ".iiq", ".rwl", ".mrw", ".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".avi",
     ".mkv", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts", ".wmv", ".flv"}
)  # fmt: skip
"""What files of pictures and videos are called, also of such as are not taken."""


def passed_by(found: Iterable[Found]) -> dict[Found, Outcome]:
    """Those of the files that are passed by, and as what they are told."""
    return {
        file: Outcome(file.name, State.PASSED_BY, "is no picture, by its bytes and by its name")
        for file in found
        if file.lay_there and _is_something_else(file.path)
    }


def _is_something_else(path: Path) -> bool:
    if path.suffix.lower() in _PICTURES:
        return False
    try:
        head = head_of(path, _SNIFFED_BYTES)
    except (NotAFile, OSError):
        return False
    if is_video(head[:HEAD_BYTES]):
        return False
    try:
        sniff(head)
    except PictureError:
        return True
    return False
