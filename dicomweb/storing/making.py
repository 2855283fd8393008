"""An instance made of metadata and bulk data parts: a Part 10 file, piece by piece (PS3.18 10.5, PS3.10 7.1)."""

from collections.abc import Iterator

from dicomweb.archive import JsonObject, Span, StoreStatus
from dicomweb.explicit_encoding import encode_element
from dicomweb.storing.bulk_parts import BulkParts, Scratch
from dicomweb.storing.data_sets import encode_data_set
from dicomweb.storing.errors import MetadataError
from dicomweb.storing.members import number_of, uid_of, values_of
from dicomweb.storing.pieces import Pieces
from dicomweb.storing.pixel_data import PixelData, make_pixel_data
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from dicomweb.walker import PIXEL_DATA

_IMPLEMENTATION_CLASS_UID = "2.25.77667795308415495326203301466700645471"
_IMPLEMENTATION_VERSION_NAME = "DICOMWEB"
_SOP_CLASS = "00080016"
_SOP_INSTANCE = "00080018"
_PIXEL_DATA = f"{PIXEL_DATA:08X}"
_FIXED = {
    "00280002": "Samples per Pixel",
    "00280010": "Rows",
    "00280011": "Columns",
}
"""What a coded picture has the last word on: an instance that says otherwise cannot be shown."""


def make_part10(members: JsonObject, bulk: BulkParts, scratch: Scratch) -> Iterator[bytes]:
    """The chunks of the file; everything is checked before the first.

    Image Pixel attributes that the metadata leaves out are taken from the coded picture, whose bytes are kept as
    they are.

    Raises:
        MetadataError: no instance can be made of it.
    """
    pieces = _file(members, bulk, scratch)
    if any(isinstance(piece, Span) for piece in pieces):
        scratch.stream()
    return _chunks(pieces, scratch)


def _file(members: JsonObject, bulk: BulkParts, scratch: Scratch) -> Pieces:
    pixel_data = _pixel_data(members, bulk, scratch)
    made = {}
    syntax = EXPLICIT_VR_LITTLE_ENDIAN
    if pixel_data is not None:
        made[PIXEL_DATA] = pixel_data.element
        members = _described(members, pixel_data)
        syntax = pixel_data.transfer_syntax_uid
    pieces = Pieces()
    pieces.add(_head(members, syntax))
    pieces.extend(encode_data_set(members, bulk, made))
    return pieces


def _pixel_data(members: JsonObject, bulk: BulkParts, scratch: Scratch) -> PixelData | None:
    element = members.get(_PIXEL_DATA)
    if not isinstance(element, dict) or not isinstance(element.get("BulkDataURI"), str):
        return None
    try:
        return make_pixel_data(bulk.named(element["BulkDataURI"]), members, scratch)
    except MetadataError as error:
        raise MetadataError(f"(7FE0,0010): {error}", error.status) from None


def _described(members: JsonObject, pixel_data: PixelData) -> JsonObject:
    """The metadata with what the pictures add to it.

    Raises:
        MetadataError: it contradicts them.
    """
    for tag, name in _FIXED.items():
        said, seen = number_of(members, tag), number_of(pixel_data.attributes, tag)
        if None not in (said, seen) and said != seen:
            raise MetadataError(f"{name} is {said}, that of the bulk data {seen}", StoreStatus.DATA_SET_MISMATCH)
    absent = {tag: element for tag, element in pixel_data.attributes.items() if not values_of(members, tag)}
    if not any(values_of(members, tag) for tag in pixel_data.lossy):
        absent |= pixel_data.lossy
    return {**members, **absent}


def _head(members: JsonObject, syntax: str) -> bytes:
    """Preamble, prefix and file meta."""
    sop_class, instance = uid_of(members, _SOP_CLASS), uid_of(members, _SOP_INSTANCE)
    if sop_class is None or instance is None:
        name = "SOPClassUID" if sop_class is None else "SOPInstanceUID"
        raise MetadataError(f"{name} is missing or no UID", StoreStatus.DATA_SET_MISMATCH)
    group = encode_element(0x00020001, "OB", b"\0\1") + b"".join(
        encode_element(tag, vr, text.encode())
        for tag, vr, text in (
            (0x00020002, "UI", sop_class),
            (0x00020003, "UI", instance),
            (0x00020010, "UI", syntax),
            (0x00020012, "UI", _IMPLEMENTATION_CLASS_UID),
            (0x00020013, "SH", _IMPLEMENTATION_VERSION_NAME),
        )
    )
    return bytes(128) + b"DICM" + encode_element(0x00020000, "UL", len(group).to_bytes(4, "little")) + group


def _chunks(pieces: Pieces, scratch: Scratch) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            yield from scratch.chunks(piece)
