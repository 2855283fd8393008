"""Data sets that come with a request of the services: checked in shape and size before anything looks into them."""

import re
from collections.abc import Mapping
from typing import Any

from dicomweb.archive import JsonObject
from dicomweb.storing.documents import METADATA_TYPES, read_metadata
from dicomweb.storing.element_values import KNOWN_VRS, decode_inline, encode_values
from dicomweb.storing.errors import MetadataError

_TAG = re.compile(r"[0-9A-F]{8}")
_CHARACTER_SET: JsonObject = {"00080005": {"vr": "CS", "Value": ["ISO_IR 192"]}}
_MAX_DEPTH = 12
_MAX_ELEMENTS = 20_000
DATA_SET_TYPES = METADATA_TYPES
"""Media types that a data set may come in."""


class DataSetError(ValueError):
    """A data set that cannot be used; the text says what is wrong and where, never a value."""


def read_data_set(media_type: str, text: bytes) -> JsonObject:
    """The one data set of a body, by ascending tag.

    Text is Unicode, so that (0008,0005), where it is there, reads ISO_IR 192.

    Args:
        media_type: one of `DATA_SET_TYPES`.
        text: the whole body; its size is bounded by the caller.

    Raises:
        DataSetError: it is no such document, none or several data sets, or an element is malformed.
    """
    try:
        data_sets = read_metadata(media_type, text)
    except MetadataError as error:
        raise DataSetError(str(error)) from None
    if len(data_sets) != 1:
        raise DataSetError("the body holds more than one data set")
    members = _Checking().members(data_sets[0], "", 0)
    return members | _CHARACTER_SET if "00080005" in members else members


class _Checking:
    """One pass over a data set, counting."""

    def __init__(self) -> None:
        self._elements = 0

    def members(self, members: Mapping[str, Any], path: str, depth: int) -> JsonObject:
        if depth > _MAX_DEPTH:
            raise DataSetError(f"sequences nested deeper than {_MAX_DEPTH}")
        self._elements += len(members)
        if self._elements > _MAX_ELEMENTS:
            raise DataSetError(f"more than {_MAX_ELEMENTS} elements")
        return {tag: self._element(tag, members[tag], path, depth) for tag in sorted(members)}

    def _element(self, tag: str, element: Any, path: str, depth: int) -> JsonObject:
        if not _TAG.fullmatch(tag) or tag.startswith("0002") or tag.endswith("0000"):
            raise DataSetError(f"a member of {path or 'the data set'} is named by no tag that a data set may have")
        place = f"{path}{tag}"
        vr = element.get("vr") if isinstance(element, dict) else None
        if not isinstance(vr, str) or vr not in KNOWN_VRS:
            raise DataSetError(f"{place} has no VR")
        if not element.keys() <= {"vr", "Value", "InlineBinary"}:
            raise DataSetError(f"{place} has members other than vr, Value, InlineBinary")
        if "InlineBinary" in element:
            return _checked_binary(place, element)
        values = element.get("Value", [])
        if not isinstance(values, list):
            raise DataSetError(f"{place}: Value is no array")
        if vr == "SQ":
            values = self._items(values, place, depth)
        elif values:
            _check_values(place, vr, values)
        return {"vr": vr, "Value": values} if values else {"vr": vr}

    def _items(self, values: list[Any], place: str, depth: int) -> list[JsonObject]:
        if not all(isinstance(item, dict) for item in values):
            raise DataSetError(f"{place} has an item that is no object")
        return [self.members(item, f"{place}/{number}/", depth + 1) for number, item in enumerate(values, 1)]


def _checked_binary(place: str, element: JsonObject) -> JsonObject:
    if "Value" in element:
        raise DataSetError(f"{place} has both Value and InlineBinary")
    try:
        decode_inline(element["InlineBinary"])
    except MetadataError as error:
        raise DataSetError(f"{place}: {error}") from None
    return {"vr": element["vr"], "InlineBinary": "".join(element["InlineBinary"].split())}


def _check_values(place: str, vr: str, values: list[Any]) -> None:
    try:
        encode_values(vr, values)
    except MetadataError as error:
        raise DataSetError(f"{place}: {error}") from None
