"""HEIC and AVIF (ISO/IEC 23008-12; AV1 Image File Format): the primary picture and what is said of it.

Only the primary item is looked at: thumbnails, depth, gain maps and further pictures are never decoded. How it is
turned stands in its `irot` and `imir` properties; EXIF's word on it is to be ignored (23008-12 Annex A.2.3).
"""

import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from inference.errors import NotAPicture, TruncatedPicture, UnsupportedPicture
from inference.formats.boxes import boxes
from inference.formats.heif_meta import Meta, read_meta
from inference.formats.layout import MAX_ICC_BYTES, Crop, Format, Layout, check_frames

_MAX_EXIF_BYTES: Final = 1 << 20
_TILE_EXCESS_PIXELS: Final = 1 << 24
_CODINGS: Final[Mapping[bytes, Format]] = {b"hvc1": "heic", b"av01": "avif"}
_GRID: Final = b"grid"
_HDR_TRANSFERS: Final = {16: "PQ", 18: "HLG"}
_UNSPECIFIED: Final = 2

# Orientation by (quarter turns counterclockwise, mirrored); `irot` comes before `imir` in what writers make.
_TURNED: Final = {0: 1, 1: 8, 2: 3, 3: 6}
_TURNED_THEN_MIRRORED: Final = {
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,  # axis 1: left and right change places
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,  # axis 0: top and bottom
}  # fmt: skip
_MIRRORED_THEN_TURNED: Final = {
    (0, 1): 2, (1, 1): 5, (2, 1): 4, (3, 1): 7,
    (0, 0): 4, (1, 0): 7, (2, 0): 2, (3, 0): 5,
}  # fmt: skip


def read_heif(data: bytes) -> Layout:
    """The layout of the primary picture. Raises NotAPicture, UnsupportedPicture, TruncatedPicture."""
    try:
        meta = read_meta(data)
        return _layout(meta)
    except (struct.error, IndexError) as error:
        raise NotAPicture("a HEIF file whose boxes cannot be read") from error


def _layout(meta: Meta) -> Layout:
    kind = meta.kinds.get(meta.primary, b"")
    tiles = meta.parts.get(meta.primary, ()) if kind == _GRID else (meta.primary,)
    codings = {meta.kinds.get(tile, b"") for tile in tiles}
    if len(codings) != 1 or not codings <= set(_CODINGS):
        raise UnsupportedPicture("a HEIF file of another coding than HEVC and AV1")
    _check_places(meta, tiles)
    width, height = meta.size(meta.primary)
    if not width or not height:
        raise NotAPicture("a HEIF file without pixels")
    if sum(w * h for w, h in map(meta.size, tiles)) > 2 * width * height + _TILE_EXCESS_PIXELS:
        raise UnsupportedPicture("a HEIF file of tiles larger than its picture")
    primaries, transfer = _color(meta, tiles[0])
    if transfer in _HDR_TRANSFERS:
        raise UnsupportedPicture(f"a picture of high dynamic range ({_HDR_TRANSFERS[transfer]}) is not taken")
    orientation = _orientation(meta)
    is_turned = orientation >= 5
    made: Format = _CODINGS[codings.pop()]
    is_upright = made == "heic"  # its decoder crops and turns, AVIF's does not
    crop, coded_pixels = _aperture(meta, width, height), width * height
    width, height = crop.size if crop else (width, height)
    return Layout(
        made,
        height if is_upright and is_turned else width,
        width if is_upright and is_turned else height,
        meta.data,
        frames=_sequence_frames(meta.data) if made == "avif" else 1,
        orientation=1 if is_upright else orientation,
        bits=_bits(meta, tiles[0]),
        lossy=True,
        coded_bytes=sum(size for tile in tiles for _, size in meta.places.get(tile, [])),
        exif=_exif(meta),
        icc=_profile(meta, tiles[0]),
        primaries=primaries,
        crop=None if is_upright else crop,
        coded_pixels=coded_pixels,
    )


def _sequence_frames(data: bytes) -> int:
    """How many frames the image sequence of a file of brand `avis` has, which its decoder prefers; else 1."""
    if data[8:12] != b"avis":
        return 1
    inside = [box for box in boxes(data, 0, len(data), lenient=True) if box.kind == b"moov"]
    for kind in (b"trak", b"mdia", b"minf", b"stbl", b"stsz"):
        inside = [box for outer in inside for box in boxes(data, outer.start, outer.end) if box.kind == kind]
    count = max((struct.unpack_from(">I", data, box.start + 8)[0] for box in inside), default=1)
    check_frames(count)
    return max(count, 1)


def _check_places(meta: Meta, items: tuple[int, ...]) -> None:
    if any(offset + size > len(meta.data) for item in items for offset, size in meta.places.get(item, [])):
        raise TruncatedPicture("the HEIF file ends within the picture")


def _orientation(meta: Meta) -> int:
    """The EXIF value that turns as `irot` and `imir` do, in their order."""
    turning = [box for box in meta.properties.get(meta.primary, ()) if box.kind in {b"irot", b"imir"}]
    quarters = next((meta.data[box.start] & 3 for box in turning if box.kind == b"irot"), 0)
    axis = next((meta.data[box.start] & 1 for box in turning if box.kind == b"imir"), None)
    if axis is None:
        return _TURNED[quarters]
    is_turned_first = turning[0].kind == b"irot"
    return (_TURNED_THEN_MIRRORED if is_turned_first else _MIRRORED_THEN_TURNED)[quarters, axis]


def _aperture_numbers(meta: Meta) -> tuple[Fraction, Fraction, Fraction, Fraction] | None:
    """Width, height, and how far the middle lies from the picture's, of `clap` (14496-12 12.1.4)."""
    box = meta.of(meta.primary, b"clap")
    if box is None:
        return None
    across, across_by, down, down_by = struct.unpack_from(">4I", meta.data, box.start)
    right, right_by, below, below_by = struct.unpack_from(">iIiI", meta.data, box.start + 16)
    if not (across_by and down_by and right_by and below_by):
        raise NotAPicture("a HEIF file with an impossible clean aperture")
    return Fraction(across, across_by), Fraction(down, down_by), Fraction(right, right_by), Fraction(below, below_by)


def _aperture(meta: Meta, width: int, height: int) -> Crop | None:
    """What the clean aperture leaves of a picture of this size, where there is one."""
    numbers = _aperture_numbers(meta)
    if numbers is None:
        return None
    left = int(numbers[2] + (width - numbers[0]) / 2)
    top = int(numbers[3] + (height - numbers[1]) / 2)
    right, bottom = left + int(numbers[0]), top + int(numbers[1])
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise NotAPicture("a HEIF file with an impossible clean aperture")
    return Crop((left, top, right, bottom), (width, height))


def _color(meta: Meta, tile: int) -> tuple[int, int]:
    """Colour primaries and transfer (ITU-T H.273) as the file's `colr` box of type nclx says."""
    for item in (meta.primary, tile):
        for box in meta.properties.get(item, ()):
            if box.kind == b"colr" and meta.data[box.start : box.start + 4] == b"nclx":
                primaries, transfer = struct.unpack_from(">2H", meta.data, box.start + 4)
                return primaries, transfer
    return _UNSPECIFIED, _UNSPECIFIED


def _profile(meta: Meta, tile: int) -> bytes | None:
    """The ICC profile of a `colr` box (12.1.5)."""
    for item in (meta.primary, tile):
        for box in meta.properties.get(item, ()):
            is_profile = box.kind == b"colr" and meta.data[box.start : box.start + 4] in {b"prof", b"rICC"}
            if is_profile and box.end - box.start <= MAX_ICC_BYTES:
                return meta.data[box.start + 4 : box.end]
    return None


def _bits(meta: Meta, tile: int) -> int:
    """The depth of the samples (`pixi`, 6.5.6); 8 where it is not said."""
    for item in (meta.primary, tile):
        box = meta.of(item, b"pixi")
        if box is not None and box.end - box.start > 5:
            return max(meta.data[box.start + 5 : box.end])
    return 8


def _exif(meta: Meta) -> bytes:
    """The TIFF structure in the first EXIF item (23008-12 Annex A.2.1)."""
    item = next((number for number, kind in meta.kinds.items() if kind == b"Exif"), None)
    places = meta.places.get(item, []) if item is not None else []
    if not places or sum(size for _, size in places) > _MAX_EXIF_BYTES:
        return b""
    block = b"".join(meta.data[offset : offset + size] for offset, size in places)
    return block[4 + int.from_bytes(block[:4]) :]
