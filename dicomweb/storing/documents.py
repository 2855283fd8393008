"""Metadata parts: their bytes as DICOM JSON objects, one an instance (PS3.18 F.2, PS3.19 A.1)."""

from collections.abc import Callable, Sequence

import orjson

from dicomweb.archive import JsonObject
from dicomweb.negotiation import JSON
from dicomweb.storing.errors import MetadataError
from dicomweb.xml.names import MEDIA_TYPE as XML
from dicomweb.xml.reading import NativeModelError, read_native_model

_MAX_JSON_VALUES = 500_000
_STRUCTURE = (b",", b"[", b"{")


def read_metadata(media_type: str, text: bytes) -> Sequence[JsonObject]:
    """The data sets of one metadata part.

    Args:
        media_type: one of `METADATA_TYPES`.
        text: the whole part; its size is bounded by the caller.

    Raises:
        MetadataError: it is no such document.
    """
    return _READERS[media_type](text)


def _read_json(text: bytes) -> Sequence[JsonObject]:
    # Each value costs memory many times its text: `[[],[],…`. Separators inside texts are counted as well.
    if sum(map(text.count, _STRUCTURE)) > _MAX_JSON_VALUES:
        raise MetadataError(f"the JSON metadata has more than {_MAX_JSON_VALUES} values")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MetadataError(f"the metadata is no JSON: {error.msg}, line {error.lineno}") from None
    instances = document if isinstance(document, list) else [document]
    if not instances or not all(isinstance(one, dict) for one in instances):
        raise MetadataError("the metadata is no DICOM JSON: an array of objects is expected")
    return instances


def _read_xml(text: bytes) -> Sequence[JsonObject]:
    try:
        return [read_native_model([text])]
    except NativeModelError as error:
        raise MetadataError(f"the metadata is no Native DICOM Model: {error}") from None


_READERS: dict[str, Callable[[bytes], Sequence[JsonObject]]] = {
    JSON: _read_json,
    "application/json": _read_json,
    XML: _read_xml,
}
METADATA_TYPES = frozenset(_READERS)
"""Media types of parts that hold metadata."""
