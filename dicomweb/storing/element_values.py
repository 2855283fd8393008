"""Values of the DICOM JSON model as the bytes of a value field (PS3.18 F.2.3, PS3.5 6.2): UTF-8, little endian."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812  # a class, named like a function
from typing import Any

from pydicom.valuerep import format_number_as_ds

from dicomweb.storing.errors import MetadataError

_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_INTEGER = re.compile(r"\s*[+-]?\d{1,20}\s*", re.ASCII)
_DECIMAL = re.compile(r"\s*[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,4})?\s*", re.ASCII)
_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
_MAX_DECIMAL_LENGTH = 16
_INTEGER_STRUCTS = {vr: Struct("<" + code) for vr, code in zip(
    ("SL", "SS", "SV", "UL", "US", "UV"), "ihqIHQ", strict=True
)}  # fmt: skip
_FLOAT_STRUCTS = {"FL": Struct("<f"), "FD": Struct("<d")}
_TAG_STRUCT = Struct("<HH")


def encode_values(vr: str, values: Sequence[Any]) -> bytes:
    """The value field, not padded; `null` among several is an empty value.

    Raises:
        MetadataError: a value is none of this VR, or the VR is not known; the text names neither tag nor value.
    """
    encode = _ENCODERS.get(vr)
    if encode is None:
        raise MetadataError(f"values of VR {vr} have no Value" if vr in _BINARY_VRS else "a VR that is not known")
    try:
        return encode(vr, values)
    except UnicodeEncodeError:
        raise MetadataError("text that is no Unicode") from None


def decode_inline(text: Any) -> bytes:
    """The bytes of an InlineBinary.

    Raises:
        MetadataError: it is no base64.
    """
    try:
        return b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError, AttributeError):
        raise MetadataError("an InlineBinary that is no base64") from None


def _texts(_vr: str, values: Sequence[Any]) -> bytes:
    return "\\".join(_listed_text(value) for value in values).encode()


def _listed_text(value: Any) -> str:
    text = _text(value)
    if "\\" in text:
        raise MetadataError("a backslash inside a value")
    return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MetadataError("a value that is no text")
    return value


def _whole_text(_vr: str, values: Sequence[Any]) -> bytes:
    if len(values) > 1:
        raise MetadataError("several values where there is only one")
    return _text(values[0]).encode()


def _names(_vr: str, values: Sequence[Any]) -> bytes:
    return "\\".join(_name(value) for value in values).encode()


def _name(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, dict) or not value.keys() <= set(_NAME_GROUPS):
        raise MetadataError("a person name that is no object of component groups")
    return "=".join(_listed_text(value.get(group)) for group in _NAME_GROUPS).rstrip("=")


def _integer_strings(_vr: str, values: Sequence[Any]) -> bytes:
    return "\\".join("" if value is None else str(_integer(value)) for value in values).encode()


def _integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise MetadataError("a value that is no integer")
    return value


def _decimal_strings(_vr: str, values: Sequence[Any]) -> bytes:
    return "\\".join("" if value is None else _decimal_string(value) for value in values).encode()


def _decimal_string(value: Any) -> str:
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value):
            raise MetadataError("a value that is no decimal number")
        return value.strip()
    number = _float(value)
    text = str(value)
    return text if len(text) <= _MAX_DECIMAL_LENGTH else format_number_as_ds(number)


def _float(value: Any) -> float:
    if isinstance(value, str) and (value in _NOT_FINITE or _DECIMAL.fullmatch(value)):
        return float(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise MetadataError("a value that is no number")
    return float(value)


def _integers(vr: str, values: Sequence[Any]) -> bytes:
    try:
        return b"".join(_INTEGER_STRUCTS[vr].pack(_integer(value)) for value in values)
    except StructError:
        raise MetadataError(f"a number outside the range of {vr}") from None


def _floats(vr: str, values: Sequence[Any]) -> bytes:
    try:
        return b"".join(_FLOAT_STRUCTS[vr].pack(_float(value)) for value in values)
    except (StructError, OverflowError):
        raise MetadataError(f"a number outside the range of {vr}") from None


def _tags(_vr: str, values: Sequence[Any]) -> bytes:
    if not all(isinstance(value, str) and _TAG.fullmatch(value) for value in values):
        raise MetadataError("a value that is no tag")
    return b"".join(_TAG_STRUCT.pack(int(value[:4], 16), int(value[4:], 16)) for value in values)


_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_ENCODERS: dict[str, Callable[[str, Sequence[Any]], bytes]] = {
    **dict.fromkeys(("AE", "AS", "CS", "DA", "DT", "LO", "SH", "TM", "UC", "UI"), _texts),
    **dict.fromkeys(("LT", "ST", "UR", "UT"), _whole_text),
    **dict.fromkeys(_INTEGER_STRUCTS, _integers),
    **dict.fromkeys(_FLOAT_STRUCTS, _floats),
    "AT": _tags,
    "DS": _decimal_strings,
    "IS": _integer_strings,
    "PN": _names,
}
KNOWN_VRS = frozenset(_ENCODERS) | _BINARY_VRS | {"SQ"}
"""Every VR of PS3.5 6.2."""
