"""Which format a file is, told by its first bytes alone; what is not taken is named."""

from typing import Final, Literal

from inference.errors import NotAPicture, UnsupportedPicture
from inference.formats.layout import Format

_SIGNATURES: Final[tuple[tuple[int, bytes, Format | Literal["jpeg", "png"]], ...]] = (
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"BM", "bmp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"),
    (0, b"\xff\x4f\xff\x51", "jpeg2000"),
)
_OTHERS: Final = (
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"%PDF", "PDF"),
    (0, b"<svg", "SVG"),
    (0, b"<?xml", "XML or SVG"),
    (0, b"II+\0", "BigTIFF"),
    (0, b"MM\0+", "BigTIFF"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"IIRO", "Olympus RAW"),
    (0, b"IIRS", "Olympus RAW"),
    (0, b"IIU\0", "Panasonic RAW"),
    (0, b"FUJIFILMCCD-RAW", "Fujifilm RAW"),
    (0, b"\0MRM", "Minolta RAW"),
    (0, b"FOVb", "Sigma RAW"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"v/1\1", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (128, b"DICM", "DICOM"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
)
"""Recognised only to be named in the refusal: offset, bytes there, name."""

_TAKEN: Final = "JPEG, PNG, HEIC, AVIF, WebP, TIFF, JPEG 2000, GIF or BMP"
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_EITHER_BRANDS: Final = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_MAX_BRANDS: Final = 64


def sniff(data: bytes) -> Format | Literal["jpeg", "png"]:
    """The format of a file. Raises UnsupportedPicture for a known one that is not taken, NotAPicture otherwise."""
    for offset, mark, name in _SIGNATURES:
        if data.startswith(mark, offset):
            return name
    if data[:4] == b"RIFF":
        if data[8:12] == b"WEBP":
            return "webp"
        raise UnsupportedPicture(f"a RIFF file (sound or AVI video) is no picture; send {_TAKEN}")
    if data[4:8] == b"ftyp":
        return _of_brands(data)
    for offset, mark, other in _OTHERS:
        if data.startswith(mark, offset):
            raise UnsupportedPicture(f"{other} is not taken; send {_TAKEN}")
    raise NotAPicture("the bytes are not a picture")


def _of_brands(data: bytes) -> Literal["heic", "avif"]:
    """HEIC or AVIF by the brands of an ISO base media file: the major one, then the compatible ones."""
    end = min(int.from_bytes(data[:4]), len(data), 16 + 4 * _MAX_BRANDS)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))]
    if brands[0] == b"crx ":
        raise UnsupportedPicture(f"Canon RAW is not taken; send {_TAKEN}")
    if brands[0] in _HEIF_BRANDS | _AVIF_BRANDS | _EITHER_BRANDS:
        for brand in brands:
            if brand in _HEIF_BRANDS:
                return "heic"
            if brand in _AVIF_BRANDS:
                return "avif"
    if brands[0] in _EITHER_BRANDS:
        raise UnsupportedPicture(f"a HEIF file of another coding than HEVC and AV1 is not taken; send {_TAKEN}")
    raise UnsupportedPicture(f"an MP4 or MOV video is no picture; send {_TAKEN}")
