"""Values of data elements: from the bytes of PS3.5 6.2 to what pydicom's `Dataset` holds.

pydicom converts on access, raising or warning (with the value in the text) long after the file was taken. Here
every value is converted while reading, so that a data set that was handed out never raises on access.
"""

import re
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from pydicom import config
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag
from pydicom.valuerep import IS, DSfloat, PersonName

from dicomweb.charsets import decode_text

BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
BULK_VRS = BINARY_VRS | {"DS", "FL", "FD", "IS", "SL", "SS", "SV", "UL", "US", "UV"}
"""VRs whose value may stay in the file and be told by its place (PS3.18 F.2.6 allows more; text stays readable)."""

_WHOLE_TEXT_VRS = frozenset({"LT", "ST", "UT", "UR"})
_LISTED_TEXT_VRS = frozenset({"LO", "SH", "UC"})
_CODE_VRS = frozenset({"AE", "AS", "CS", "DA", "DT", "TM"})

NUMBERS = {"FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
_NUMBER_STRUCTS = {vr: Struct("<" + letter) for vr, letter in NUMBERS.items()}
_TAG_STRUCT = Struct("<HH")

INTEGER = re.compile(r"[+-]?\d{1,40}")
DECIMAL = re.compile(r"[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,4})?")


class ValueFaultError(ValueError):
    """Bytes that are no value of their VR; the text says what is wrong without telling the value."""


def decode_value(vr: str, raw: bytes, encodings: tuple[str, ...]) -> Any:
    """The value of one element, as pydicom would hold it.

    Args:
        vr: the value representation, not SQ.
        raw: the value field, little endian.
        encodings: Python codecs of the data set, see `charsets.python_encodings`.

    Raises:
        ValueFaultError: the bytes are no value of this VR.
    """
    if vr in BINARY_VRS:
        return raw
    decode = _DECODERS.get(vr)
    if decode is None:
        raise ValueFaultError(f"unknown VR {vr}")
    return decode(vr, raw, encodings)


def number_of_values(vr: str, raw: bytes) -> int:
    """How many values `raw` would be decoded to; none costs less than some hundred bytes of memory."""
    if vr == "AT":
        return len(raw) // 4
    return 1 if vr in BINARY_VRS or vr in _WHOLE_TEXT_VRS else raw.count(b"\\") + 1


def _code(_vr: str, raw: bytes, _encodings: tuple[str, ...]) -> Any:
    return _listed([part.strip(" \0") for part in raw.decode("latin-1").split("\\")])


def _uid(_vr: str, raw: bytes, _encodings: tuple[str, ...]) -> Any:
    return _listed([part.strip(" \0") for part in raw.decode("latin-1").split("\\")])


def _whole_text(_vr: str, raw: bytes, encodings: tuple[str, ...]) -> str:
    return decode_text(raw, encodings).rstrip(" \0")


def _listed_text(_vr: str, raw: bytes, encodings: tuple[str, ...]) -> Any:
    return _listed([part.strip(" \0") for part in decode_text(raw, encodings).split("\\")])


def _person_names(_vr: str, raw: bytes, encodings: tuple[str, ...]) -> Any:
    names = decode_text(raw, encodings).split("\\")
    return _listed([PersonName(name.strip(" \0"), validation_mode=config.IGNORE) for name in names])


def _integers(_vr: str, raw: bytes, _encodings: tuple[str, ...]) -> Any:
    return _listed([_integer(part.strip(" \0")) for part in raw.decode("latin-1").split("\\")])


def _integer(text: str) -> IS | str:
    if not text:
        return ""
    if not INTEGER.fullmatch(text):
        raise ValueFaultError("not an integer string")
    return IS(text, config.IGNORE)


def _decimals(_vr: str, raw: bytes, _encodings: tuple[str, ...]) -> Any:
    return _listed([_decimal(part.strip(" \0")) for part in raw.decode("latin-1").split("\\")])


def _decimal(text: str) -> DSfloat | str:
    if not text:
        return ""
    if not DECIMAL.fullmatch(text):
        raise ValueFaultError("not a decimal string")
    return DSfloat(text, auto_format=False, validation_mode=config.IGNORE)


def _numbers(vr: str, raw: bytes, _encodings: tuple[str, ...]) -> Any:
    struct = _NUMBER_STRUCTS[vr]
    if len(raw) % struct.size:
        raise ValueFaultError(f"length is no multiple of {struct.size}")
    return _listed([number for (number,) in struct.iter_unpack(raw)])


def _tags(_vr: str, raw: bytes, _encodings: tuple[str, ...]) -> Any:
    if len(raw) % 4:
        raise ValueFaultError("length is no multiple of 4")
    return _listed([BaseTag(group << 16 | element) for group, element in _TAG_STRUCT.iter_unpack(raw)])


def _listed(values: Sequence[Any]) -> Any:
    """One value as itself, several as pydicom's `MultiValue`, none as None."""
    if len(values) == 1:
        return values[0]
    return MultiValue(_as_it_is, values) if values else None


def _as_it_is(value: Any) -> Any:
    return value


_DECODERS: dict[str, Callable[[str, bytes, tuple[str, ...]], Any]] = {
    **dict.fromkeys(_WHOLE_TEXT_VRS, _whole_text),
    **dict.fromkeys(_LISTED_TEXT_VRS, _listed_text),
    **dict.fromkeys(_CODE_VRS, _code),
    **dict.fromkeys(NUMBERS, _numbers),
    "AT": _tags,
    "DS": _decimals,
    "IS": _integers,
    "PN": _person_names,
    "UI": _uid,
}
KNOWN_VRS = frozenset(_DECODERS) | BINARY_VRS | {"SQ"}
