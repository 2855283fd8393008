"""A data set of ours as the beginning of a DICOM file (PS3.10 7.1), in Explicit VR Little Endian, text as UTF-8.

pydicom's writer is made for any data set and takes a millisecond for one of ours, as long as all the rest of an
object. Here are the value representations that our modules have; tests hold every kind of object against its bytes.
"""

import struct
from typing import Any, Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dicomweb.explicit_encoding import element_head, encode_element

_PREAMBLE: Final = bytes(128) + b"DICM"
_ITEM: Final = b"\xfe\xff\x00\xe0"
_UTF_8: Final = "ISO_IR 192"
_GROUP_LENGTH: Final = 0x00020000
_VERSION: Final = 0x00020001
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}
_NUMERIC_TEXT: Final = frozenset({"DS", "IS"})
_BYTES: Final = frozenset({"OB", "UN"})
_TEXT: Final = frozenset(
    {
        *("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT"),
        *("PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"),
    }
)


class UnwritableError(Exception):
    """The data set is none of ours: text in other character sets, or a value representation of no module."""


def our_file_start(header: Dataset) -> bytes:
    """Preamble, file meta information and the data set, up to where Pixel Data follows.

    `header` has its `file_meta`. Raises UnwritableError.
    """
    if header.get("SpecificCharacterSet") != _UTF_8:
        raise UnwritableError("SpecificCharacterSet")
    meta = encode_element(_VERSION, "OB", b"\x00\x01") + data_set(header.file_meta)
    length = encode_element(_GROUP_LENGTH, "UL", struct.pack("<I", len(meta)))
    return b"".join((_PREAMBLE, length, meta, data_set(header)))


def data_set(dataset: Dataset) -> bytes:
    """The elements by ascending tag, sequences with defined lengths. Raises UnwritableError."""
    return b"".join(_element(element) for element in dataset)


def _element(element: DataElement) -> bytes:
    tag, vr = int(element.tag), str(element.VR)
    if vr == "SQ":
        items = b"".join(_item(item) for item in element.value or ())
        return element_head(tag, vr, len(items)) + items
    return encode_element(tag, vr, _value(vr, element.value))


def _item(item: Dataset) -> bytes:
    data = data_set(item)
    return _ITEM + struct.pack("<I", len(data)) + data


def _value(vr: str, value: Any) -> bytes:
    if value is None or value == "":
        return b""
    if vr in _BYTES:
        return bytes(value)
    several = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
    if vr in _TEXT:
        return "\\".join(_text(vr, one) for one in several).encode()
    if vr in _NUMBERS:
        return struct.pack(f"<{len(several)}{_NUMBERS[vr]}", *several)
    if vr == "AT":
        return b"".join(struct.pack("<HH", int(one) >> 16, int(one) & 0xFFFF) for one in several)
    raise UnwritableError(vr)


def _text(vr: str, value: Any) -> str:
    """As it was given: a decimal or integer string keeps its digits. What names have by that attribute are bytes."""
    return str(getattr(value, "original_string", value) if vr in _NUMERIC_TEXT else value)
