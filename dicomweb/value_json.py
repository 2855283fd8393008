"""Values of data elements straight from their bytes to the arrays of the DICOM JSON model (PS3.5 6.2, PS3.18 F.2).

What `values` and `dicom_json` together make of the same bytes, in a tenth of the time: no value becomes one of
pydicom's first. Whatever is unusual about a value is left to those two.
"""

import math
from base64 import b64encode
from collections.abc import Callable
from struct import Struct
from typing import Any

from dicomweb.charsets import decode_text
from dicomweb.dicom_json import MAX_EXACT_INTEGER, person_name
from dicomweb.values import DECIMAL, INTEGER, NUMBERS


class UnusualError(Exception):
    """Bytes that are to be read the general way, which knows what they mean or what is wrong with them."""


ToJson = Callable[[bytes, tuple[str, ...]], list[Any]]
"""A value field that is not empty, and the codecs of its data set -> the array of its values, empty for no value."""


def _listed(parts: list[str]) -> list[Any]:
    return [part.strip(" \0") or None for part in parts] if len(parts) > 1 else [*filter(None, [parts[0].strip(" \0")])]


def _codes(raw: bytes, _encodings: tuple[str, ...]) -> list[Any]:
    return _listed(raw.decode("latin-1").split("\\"))


def _texts(raw: bytes, encodings: tuple[str, ...]) -> list[Any]:
    return _listed(decode_text(raw, encodings).split("\\"))


def _whole_text(raw: bytes, encodings: tuple[str, ...]) -> list[Any]:
    return [*filter(None, [decode_text(raw, encodings).rstrip(" \0")])]


def _names(raw: bytes, encodings: tuple[str, ...]) -> list[Any]:
    names = [name.strip(" \0").rstrip("=") for name in decode_text(raw, encodings).split("\\")]
    if len(names) == 1:
        return [person_name(names[0])] if names[0] else []
    return [person_name(name) if name else None for name in names]


def _integers(raw: bytes, _encodings: tuple[str, ...]) -> list[Any]:
    return [None if text is None else _integer(text) for text in _codes(raw, _encodings)]


def _integer(text: str) -> int:
    if not INTEGER.fullmatch(text):
        raise UnusualError
    return _exact(int(text))


def _decimals(raw: bytes, _encodings: tuple[str, ...]) -> list[Any]:
    return [None if text is None else _decimal(text) for text in _codes(raw, _encodings)]


def _decimal(text: str) -> float:
    if not DECIMAL.fullmatch(text):
        raise UnusualError
    return _finite(float(text))


def _exact(number: int) -> int:
    if not -MAX_EXACT_INTEGER <= number <= MAX_EXACT_INTEGER:
        raise UnusualError
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise UnusualError
    return number


def _numbers(letter: str) -> ToJson:
    struct, check = Struct("<" + letter), _finite if letter in "fd" else _exact

    def numbers(raw: bytes, _encodings: tuple[str, ...]) -> list[Any]:
        if len(raw) % struct.size:
            raise UnusualError
        return [check(number) for (number,) in struct.iter_unpack(raw)]

    return numbers


_TAG = Struct("<HH")


def _tags(raw: bytes, _encodings: tuple[str, ...]) -> list[Any]:
    if len(raw) % _TAG.size:
        raise UnusualError
    return [f"{group:04X}{element:04X}" for group, element in _TAG.iter_unpack(raw)]


def inline_binary(raw: bytes) -> str:
    """The bytes as InlineBinary has them."""
    return b64encode(raw).decode("ascii")


VALUES_OF_VR: dict[str, ToJson] = {
    **dict.fromkeys(("AE", "AS", "CS", "DA", "DT", "TM", "UI"), _codes),
    **dict.fromkeys(("LO", "SH", "UC"), _texts),
    **dict.fromkeys(("LT", "ST", "UT", "UR"), _whole_text),
    **{vr: _numbers(letter) for vr, letter in NUMBERS.items()},
    "AT": _tags,
    "DS": _decimals,
    "IS": _integers,
    "PN": _names,
}
"""Every VR with values that are no bytes; binary ones and sequences are not among them."""
