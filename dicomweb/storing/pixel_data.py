"""Pixel Data (7FE0,0010) of an instance that came as metadata and bulk data: how it is coded, and what it says.

Media types and their transfer syntaxes: PS3.18 8.7.3. Of JPEG, JPEG-LS and JPEG 2000 the bytes themselves tell the
syntax: senders leave the parameter away, and the defaults of the standard are the lossless ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Any

from dicomweb.archive import JsonObject, Span, StoreStatus
from dicomweb.element_headers import ITEM, SEQUENCE_DELIMITER, UNDEFINED_LENGTH
from dicomweb.explicit_encoding import element_head
from dicomweb.negotiation import OCTET_STREAM
from dicomweb.storing.bulk_parts import BulkPart, Scratch
from dicomweb.storing.coded_pictures import CodedPicture, read_jpeg, read_jpeg_2000
from dicomweb.storing.errors import MetadataError
from dicomweb.storing.members import number_of, values_of
from dicomweb.storing.pieces import Pieces
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE, frame_media_type
from dicomweb.walker import PIXEL_DATA
from dicomweb.windows import Window

_SYNTAX = "1.2.840.10008.1.2.4."
_ITEM = Struct("<HHI")
_OFFSET = Struct("<I")
_MAX_LENGTH = 0xFFFFFFFE
_READERS: dict[str, Callable[[Window, Span], CodedPicture]] = {
    "image/jpeg": read_jpeg,
    "image/jls": read_jpeg,
    "image/jp2": read_jpeg_2000,
    "image/jpx": read_jpeg_2000,
    "image/jphc": read_jpeg_2000,
}
_ALIASES = {
    **dict.fromkeys(("image/jpg", "image/pjpeg"), "image/jpeg"),
    "image/x-jls": "image/jls",
    **dict.fromkeys(("image/j2c", "image/j2k", "image/jpeg2000"), "image/jp2"),
    "image/jph": "image/jphc",
    "image/x-dicom-rle": "image/dicom-rle",
    "video/mpeg2": "video/mpeg",
    "video/h265": "video/H265",
}
_DEFAULTS = {
    "image/jpx": _SYNTAX + "92",
    "image/jxl": _SYNTAX + "110",
    "image/dicom-rle": "1.2.840.10008.1.2.5",
    "video/mpeg": _SYNTAX + "100",
    "video/mp4": _SYNTAX + "102",
    "video/H265": _SYNTAX + "107",
}
"""Of types whose bytes are not looked into; jpx because its multi-component extension is not visible there."""
_ALSO = {
    _SYNTAX + "90": frozenset(_SYNTAX + end for end in ("91", "92", "93")),
    _SYNTAX + "91": frozenset({_SYNTAX + "93"}),
    _SYNTAX + "201": frozenset(_SYNTAX + end for end in ("202", "203")),
}
"""Syntax the bytes are in -> syntaxes that allow such bytes too, where a sender says so."""
_PIXEL_DATA = f"{PIXEL_DATA:08X}"


@dataclass(frozen=True, slots=True)
class PixelData:
    """Pixel Data made of bulk parts.

    Attributes:
        transfer_syntax_uid: of the instance.
        element: the whole encoded element.
        attributes: what the coded pictures say, as DICOM JSON; empty where nobody looked into them.
        lossy: attributes of a lossy coding, to be added where the metadata says nothing of it.
    """

    transfer_syntax_uid: str
    element: Pieces
    attributes: JsonObject = field(default_factory=dict)
    lossy: JsonObject = field(default_factory=dict)


def make_pixel_data(parts: Sequence[BulkPart], members: JsonObject, scratch: Scratch) -> PixelData:
    """Pixel Data of the parts that the metadata names for it, one a frame or one for all.

    Raises:
        MetadataError: their media type is none that is stored, they are damaged, or contradict the metadata.
    """
    media_type, declared = _coding(parts)
    if media_type == OCTET_STREAM:
        return _native(parts, members)
    if not media_type.startswith("video/"):
        _check_frames(parts, members)
    reader = _READERS.get(media_type)
    if reader is None:
        syntax = declared or _DEFAULTS[media_type]
        return PixelData(syntax, _encapsulated([part.span for part in parts]), _frame_count(parts))
    window = Window(scratch.stream())
    pictures = [reader(window, part.span) for part in parts]
    return PixelData(
        _common_syntax(pictures, declared or _DEFAULTS.get(media_type)),
        _encapsulated([picture.span for picture in pictures]),
        {**_picture_attributes(pictures[0]), **_frame_count(parts)},
        _lossy_attributes(pictures),
    )


def _coding(parts: Sequence[BulkPart]) -> tuple[str, str | None]:
    """The media type of all parts, and the transfer syntax they declare."""
    found = {(part.media_type.essence, part.media_type.get("transfer-syntax")) for part in parts}
    if len(found) > 1:
        raise _mismatch("frames of different media types in one Pixel Data")
    essence, declared = found.pop()
    essence = _ALIASES.get(essence, essence)
    if declared in NATIVE:
        declared = None
        if essence != OCTET_STREAM:
            raise _unsupported("the media type of the bulk data does not fit its transfer syntax")
    if declared is not None:
        essence = _declared_type(essence, declared)
    elif essence not in (OCTET_STREAM, *_READERS, *_DEFAULTS):
        raise _unsupported("bulk data of a media type that no transfer syntax has")
    return essence, declared


def _declared_type(essence: str, declared: str) -> str:
    """The media type of the declared syntax, which the part's own may be, or application/octet-stream."""
    media_type = frame_media_type(declared)
    if media_type == OCTET_STREAM or essence not in (media_type, OCTET_STREAM):
        raise _unsupported("the media type of the bulk data does not fit its transfer syntax")
    return media_type


def _check_frames(parts: Sequence[BulkPart], members: JsonObject) -> None:
    frames = number_of(members, "00280008")
    if frames not in (None, len(parts)):
        raise _mismatch(f"{len(parts)} parts where Number of Frames is {frames}")


def _common_syntax(pictures: Sequence[CodedPicture], declared: str | None) -> str:
    shapes = {
        (one.transfer_syntax_uid, one.rows, one.columns, one.samples, one.bits, one.photometric_interpretation)
        for one in pictures
    }
    if len(shapes) > 1:
        raise _mismatch("frames of different size or coding")
    syntax = pictures[0].transfer_syntax_uid
    return declared if declared is not None and declared in _ALSO.get(syntax, ()) else syntax


def _native(parts: Sequence[BulkPart], members: JsonObject) -> PixelData:
    """Uncompressed pixels, little endian; every frame in one part or one part a frame."""
    length = sum(part.span.length for part in parts)
    expected = _native_length(members)
    if expected is not None and length not in (expected, expected + expected % 2):
        raise _mismatch(f"pixel data of {length} bytes where the Image Pixel attributes make {expected}")
    if length > _MAX_LENGTH:
        raise _mismatch("pixel data of more than 4 GiB have to be encapsulated")
    pieces = Pieces()
    pieces.add(element_head(PIXEL_DATA, _native_vr(members), length + length % 2))
    for part in parts:
        pieces.add(part.span)
    pieces.add(bytes(length % 2))
    return PixelData(EXPLICIT_VR_LITTLE_ENDIAN, pieces, _frame_count(parts))


def _native_vr(members: JsonObject) -> str:
    """OW for more than eight bits, else as the metadata has it (PS3.5 A.2)."""
    bits = number_of(members, "00280100")
    return "OB" if (bits is None or bits <= 8) and members[_PIXEL_DATA].get("vr") == "OB" else "OW"


def _native_length(members: JsonObject) -> int | None:
    rows, columns, samples, bits = (number_of(members, tag) for tag in ("00280010", "00280011", "00280002", "00280100"))
    if rows is None or columns is None or samples is None or bits is None:
        return None
    if values_of(members, "00280004") == ["YBR_FULL_422"]:
        samples = 2  # chrominance is shared by two pixels
    return (rows * columns * samples * bits * (number_of(members, "00280008") or 1) + 7) // 8


def _encapsulated(frames: Sequence[Span]) -> Pieces:
    """One fragment a frame, with a Basic Offset Table where there are several (PS3.5 A.4)."""
    offsets: list[int] = []
    at = 0
    for span in frames:
        if span.length > _MAX_LENGTH:
            raise _mismatch("a frame of more than 4 GiB")
        offsets.append(at)
        at += 8 + span.length + span.length % 2
    has_table = len(frames) > 1 and at <= _MAX_LENGTH
    table = b"".join(map(_OFFSET.pack, offsets)) if has_table else b""
    pieces = Pieces()
    pieces.add(element_head(PIXEL_DATA, "OB", UNDEFINED_LENGTH) + _item(ITEM, len(table)) + table)
    for span in frames:
        pieces.add(_item(ITEM, span.length + span.length % 2))
        pieces.add(span)
        pieces.add(bytes(span.length % 2))
    pieces.add(_item(SEQUENCE_DELIMITER, 0))
    return pieces


def _item(tag: int, length: int) -> bytes:
    return _ITEM.pack(tag >> 16, tag & 0xFFFF, length)


def _picture_attributes(picture: CodedPicture) -> JsonObject:
    allocated = 8 if picture.bits <= 8 else 16
    attributes = {
        "00280002": _element("US", picture.samples),
        "00280004": _element("CS", picture.photometric_interpretation),
        "00280010": _element("US", picture.rows),
        "00280011": _element("US", picture.columns),
        "00280100": _element("US", allocated),
        "00280101": _element("US", picture.bits),
        "00280102": _element("US", picture.bits - 1),
        "00280103": _element("US", 0),
    }
    return {**attributes, "00280006": _element("US", 0)} if picture.samples > 1 else attributes


def _frame_count(parts: Sequence[BulkPart]) -> JsonObject:
    return {"00280008": _element("IS", len(parts))} if len(parts) > 1 else {}


def _lossy_attributes(pictures: Sequence[CodedPicture]) -> JsonObject:
    """Lossy Image Compression with its ratio and method (PS3.3 C.7.6.1.1.5)."""
    first = pictures[0]
    if first.lossy_method is None:
        return {}
    pixels = first.rows * first.columns * first.samples * ((first.bits + 7) // 8) * len(pictures)
    ratio = pixels / max(1, sum(picture.span.length for picture in pictures))
    return {
        "00282110": _element("CS", "01"),
        "00282112": _element("DS", round(ratio, 2)),
        "00282114": _element("CS", first.lossy_method),
    }


def _element(vr: str, value: Any) -> JsonObject:
    return {"vr": vr, "Value": [value]}


def _mismatch(what: str) -> MetadataError:
    return MetadataError(what, StoreStatus.DATA_SET_MISMATCH)


def _unsupported(what: str) -> MetadataError:
    return MetadataError(what, StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED)
