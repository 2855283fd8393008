"""A DICOM JSON object as an encoded data set, Explicit VR Little Endian, text in UTF-8 (PS3.18 F.2)."""

import re
from collections.abc import Mapping
from struct import Struct
from typing import Any

from dicomweb.archive import JsonObject, Span
from dicomweb.element_headers import ITEM, SHORT_VRS
from dicomweb.explicit_encoding import element_head, encode_element, padding
from dicomweb.negotiation import OCTET_STREAM
from dicomweb.storing.bulk_parts import BulkParts
from dicomweb.storing.element_values import KNOWN_VRS, decode_inline, encode_values
from dicomweb.storing.errors import MetadataError
from dicomweb.storing.pieces import Pieces

_KEY = re.compile(r"[0-9A-Fa-f]{8}")
_ITEM = Struct("<HHI")
_CONTENT = frozenset({"Value", "InlineBinary", "BulkDataURI"})
_MAX_DEPTH = 32
_MAX_LENGTH = 0xFFFFFFFE
_SPECIFIC_CHARACTER_SET = 0x00080005
_UNICODE = encode_element(_SPECIFIC_CHARACTER_SET, "CS", b"ISO_IR 192")


def encode_data_set(members: JsonObject, bulk: BulkParts, made: Mapping[int, Pieces]) -> Pieces:
    """The encoded data set.

    Group 0002 and group lengths are left out, and (0008,0005) reads ISO_IR 192, which the JSON model is in.

    Args:
        members: what came as metadata; nothing of it is trusted.
        bulk: the parts that BulkDataURIs name.
        made: elements that are encoded already, by tag.

    Raises:
        MetadataError: an element is none; the text names its tag.
    """
    return _data_set(members, bulk, {_SPECIFIC_CHARACTER_SET: _pieces(_UNICODE), **made}, 0)


def _data_set(members: JsonObject, bulk: BulkParts, made: Mapping[int, Pieces], depth: int) -> Pieces:
    elements = dict(made)
    for key, element in members.items():
        if not _KEY.fullmatch(key):
            raise MetadataError("a member that is no tag")
        tag = int(key, 16)
        if tag in made or tag >> 16 in (0x0000, 0x0002) or not tag & 0xFFFF:
            continue
        if tag in elements:
            raise MetadataError(f"{_name(tag)} appears twice")
        if tag >> 16 == 0xFFFE:
            raise MetadataError(f"{_name(tag)} does not belong into a data set")
        elements[tag] = _element(tag, element, bulk, depth)
    pieces = Pieces()
    for tag in sorted(elements):
        pieces.extend(elements[tag])
    return pieces


def _element(tag: int, element: Any, bulk: BulkParts, depth: int) -> Pieces:
    try:
        vr, content = _checked(element)
        if vr == "SQ":
            return _sequence(tag, element.get("Value"), bulk, depth)
        if content == "BulkDataURI":
            return _bulk_value(tag, vr, element[content], bulk)
        if content == "InlineBinary":
            return _pieces(encode_element(tag, vr, decode_inline(element[content])))
        values = element.get("Value") or ()
        return _pieces(encode_element(tag, vr, encode_values(vr, values) if values else b""))
    except _PlacedError:
        raise
    except MetadataError as error:
        raise _PlacedError(f"{_name(tag)}: {error}", error.status) from None


class _PlacedError(MetadataError):
    """An error whose text names its tag."""


def _checked(element: Any) -> tuple[str, str | None]:
    """VR of an element, and which member holds its value."""
    if not isinstance(element, dict) or not isinstance(element.get("vr"), str):
        raise MetadataError("no object with a vr")
    vr = element["vr"]
    if vr not in KNOWN_VRS:
        raise MetadataError("a VR that is not known")
    contents = _CONTENT & element.keys()
    if len(contents) > 1:
        raise MetadataError("more than one of Value, InlineBinary and BulkDataURI")
    content = next(iter(contents), None)
    wanted: type = list if content == "Value" else str
    if content is not None and not isinstance(element[content], wanted):
        raise MetadataError(f"a {content} of the wrong kind")
    if vr == "SQ" and content not in (None, "Value"):
        raise MetadataError(f"a sequence with {content}")
    return vr, content


def _sequence(tag: int, items: Any, bulk: BulkParts, depth: int) -> Pieces:
    if depth >= _MAX_DEPTH:
        raise MetadataError(f"sequences nested deeper than {_MAX_DEPTH}")
    content = Pieces()
    for item in items or ():
        if not isinstance(item, dict | None):
            raise MetadataError("an item that is no object")
        own = {key: element for key, element in (item or {}).items() if key != f"{_SPECIFIC_CHARACTER_SET:08X}"}
        encoded = _data_set(own, bulk, {}, depth + 1)
        content.add(_ITEM.pack(ITEM >> 16, ITEM & 0xFFFF, _fitting(encoded.length)))
        content.extend(encoded)
    pieces = _pieces(element_head(tag, "SQ", _fitting(content.length)))
    pieces.extend(content)
    return pieces


def _bulk_value(tag: int, vr: str, uri: str, bulk: BulkParts) -> Pieces:
    """The bytes of one part as they are."""
    parts = bulk.named(uri)
    if len(parts) > 1:
        raise MetadataError("several parts of one Content-Location where there are no frames")
    part = parts[0]
    if tag & 0xFFFF == 0x0010 and tag >> 16 == 0x7FE0 and part.media_type.essence != OCTET_STREAM:
        raise MetadataError("coded pixel data inside a sequence")
    span: Span = part.span
    padded = span.length + span.length % 2
    if vr in SHORT_VRS and padded > 0xFFFF:
        vr = "UN"
    pieces = _pieces(element_head(tag, vr, _fitting(padded)))
    pieces.add(span)
    pieces.add(padding(vr) if span.length % 2 else b"")
    return pieces


def _fitting(length: int) -> int:
    if length > _MAX_LENGTH:
        raise MetadataError("a value of more than 4 GiB")
    return length


def _pieces(encoded: bytes) -> Pieces:
    pieces = Pieces()
    pieces.add(encoded)
    return pieces


def _name(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
