"""The DICOM JSON model (PS3.18 Annex F), read: JSON object to data set."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any

from pydicom import config
from pydicom.dataelem import DataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.valuerep import IS, DSfloat, PersonName

from dicomweb.dicom_json import DicomJsonError
from dicomweb.values import BINARY_VRS, KNOWN_VRS

_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_MAX_DEPTH = 32
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_INTEGER_VRS = frozenset({"SL", "SS", "SV", "UL", "US", "UV"})


def from_json(members: Mapping[str, Any]) -> tuple[Dataset, dict[str, str]]:
    """The data set, and the BulkDataURIs by tag path (`00880200/1/7FE00010`), whose elements are left out of it.

    Raises:
        DicomJsonError: not the DICOM JSON model; the text names the tag path.
    """
    uris: dict[str, str] = {}
    return _dataset(members, "", uris, 0), uris


def _dataset(members: Any, path: str, uris: dict[str, str], depth: int) -> Dataset:
    if not isinstance(members, Mapping):
        raise DicomJsonError(f"{path or 'the data set'} is no JSON object")
    if depth > _MAX_DEPTH:
        raise DicomJsonError(f"{path} is nested deeper than {_MAX_DEPTH}")
    dataset = Dataset()
    for key, member in members.items():
        if not isinstance(key, str) or not _TAG.fullmatch(key):
            raise DicomJsonError(f"a member of {path or 'the data set'} is not named by eight hex digits")
        place = f"{path}{key.upper()}"
        if not isinstance(member, Mapping) or member.get("vr") not in KNOWN_VRS:
            raise DicomJsonError(f"{place} has no known vr")
        if "BulkDataURI" in member:
            uris[place] = str(member["BulkDataURI"])
            continue
        tag, vr = BaseTag(int(key, 16)), str(member["vr"])
        value = _value(vr, member, place, uris, depth)
        dataset[tag] = DataElement(tag, vr, value, already_converted=True, validation_mode=config.IGNORE)
    return dataset


def _value(vr: str, member: Mapping[str, Any], place: str, uris: dict[str, str], depth: int) -> Any:
    if vr in BINARY_VRS:
        return _binary(member.get("InlineBinary", ""), place)
    values = member.get("Value", [])
    if not isinstance(values, list):
        raise DicomJsonError(f"Value of {place} is no array")
    if vr == "SQ":
        items = enumerate(values, 1)
        return Sequence([_dataset(item or {}, f"{place}/{number}/", uris, depth + 1) for number, item in items])
    try:
        converted = [_single(vr, value) for value in values]
    except (TypeError, ValueError, OverflowError, AttributeError):
        raise DicomJsonError(f"a value of {place} is none of VR {vr}") from None
    if not converted:
        return empty_value_for_VR(vr)
    return converted[0] if len(converted) == 1 else MultiValue(_as_it_is, converted)


def _binary(text: Any, place: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, TypeError, ValueError):
        raise DicomJsonError(f"InlineBinary of {place} is no base64") from None


def _single(vr: str, value: Any) -> Any:
    if value is None:
        return empty_value_for_VR(vr)
    convert: Callable[[Any], Any] = _CONVERTERS.get(vr, _text)
    return convert(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _name(value: Any) -> PersonName:
    groups = [_text(value.get(group, "")) for group in _NAME_GROUPS]
    return PersonName("=".join(groups).rstrip("="), validation_mode=config.IGNORE)


def _integer_string(value: Any) -> IS:
    return IS(str(int(value)), config.IGNORE)


def _decimal_string(value: Any) -> DSfloat:
    return DSfloat(str(float(value)) if isinstance(value, float) else str(value), False, config.IGNORE)


def _tag(value: Any) -> BaseTag:
    return BaseTag(int(_text(value), 16))


def _as_it_is(value: Any) -> Any:
    return value


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_INTEGER_VRS, int),
    "AT": _tag,
    "DS": _decimal_string,
    "FD": float,
    "FL": float,
    "IS": _integer_string,
    "PN": _name,
}
