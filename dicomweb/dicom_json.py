"""The DICOM JSON model (PS3.18 Annex F): data set to JSON object.

pydicom's `to_json_dict` is not used: it writes an empty sequence as an empty Value, an empty value among several
as "", and lets NaN through, which is no JSON.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from dicomweb.archive import JsonObject
from dicomweb.walker import BulkValue

_SPECIFIC_CHARACTER_SET = 0x00080005
MAX_EXACT_INTEGER = 2**53
"""Up to here every integer is a number of JSON; larger ones are written as text."""

BULK_PREFIX = "bulkdata/"
"""What stands before the tag path in a BulkDataURI, which is relative to the instance."""

_MAX_DEPTH = 64
_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_NO_BULK: Mapping[str, BulkValue] = {}


class DicomJsonError(ValueError):
    """A data set nested too deeply for JSON."""


def tag_key(tag: int) -> str:
    """A tag as the JSON model names it: eight upper-case hex digits."""
    return f"{tag:08X}"


def to_json(dataset: Dataset, bulk: Mapping[str, BulkValue] = _NO_BULK, bulk_prefix: str = BULK_PREFIX) -> JsonObject:
    """The data set as a DICOM JSON object, by ascending tag.

    Group 0002 and group lengths are left out (F.2.2). Text is Unicode, so (0008,0005) reads ISO_IR 192.

    Args:
        dataset: elements whose values are already valid, see `part10.read_part10`.
        bulk: values left in the file, by tag path; each becomes a BulkDataURI.
        bulk_prefix: what stands before the tag path in a BulkDataURI.

    Raises:
        DicomJsonError: sequences are nested more than 64 deep.
    """
    return _object(dataset, _bulk_by_dataset(bulk), bulk_prefix, "", 0)


def _bulk_by_dataset(bulk: Mapping[str, BulkValue]) -> dict[str, dict[int, BulkValue]]:
    """Bulk values by the path of their data set (`` or `00880200/1/`), then by tag."""
    grouped: dict[str, dict[int, BulkValue]] = {}
    for path, value in bulk.items():
        grouped.setdefault(path[:-8], {})[int(path[-8:], 16)] = value
    return grouped


def _object(dataset: Dataset, bulk: dict[str, dict[int, BulkValue]], prefix: str, path: str, depth: int) -> JsonObject:
    if depth > _MAX_DEPTH:
        raise DicomJsonError(f"sequences nested deeper than {_MAX_DEPTH}")
    members: dict[int, JsonObject] = {}
    for element in dataset:
        tag = int(element.tag)
        if tag >> 16 == 2 or not tag & 0xFFFF:
            continue
        if element.VR == "SQ":
            items = [
                _object(item, bulk, prefix, f"{path}{tag:08X}/{number}/", depth + 1)
                for number, item in enumerate(element.value or (), 1)
            ]
            members[tag] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        else:
            members[tag] = element_json(element)
    for tag, value in bulk.get(path, {}).items():
        if tag & 0xFFFF:
            members[tag] = {"vr": value.vr, "BulkDataURI": f"{prefix}{path}{tag:08X}"}
    return {f"{tag:08X}": members[tag] for tag in sorted(members)}


def element_json(element: DataElement) -> JsonObject:
    """One element other than a sequence (F.2.2): its VR, and Value or InlineBinary unless it is empty."""
    vr, value = element.VR, element.value
    if element.tag == _SPECIFIC_CHARACTER_SET:
        return {"vr": "CS", "Value": ["ISO_IR 192"]}
    if vr in _BINARY_VRS:
        return {"vr": vr, "InlineBinary": b64encode(value).decode("ascii")} if value else {"vr": vr}
    values = value_list(vr, value)
    return {"vr": vr, "Value": values} if values else {"vr": vr}


def value_list(vr: str, value: Any) -> list[Any]:
    """A value as the JSON array of its values, null for an empty one among several; empty for no value."""
    if value is None or (isinstance(value, str | PersonName) and not value):
        return []
    convert: Callable[[Any], Any] = _CONVERTERS.get(vr, _text)
    if isinstance(value, str | PersonName | int | float):
        return [convert(value)]
    return [_or_null(convert, single) for single in value]


def _or_null(convert: Callable[[Any], Any], value: Any) -> Any:
    if value is None or (isinstance(value, str | PersonName) and not value):
        return None
    return convert(value)


def person_name(text: str) -> dict[str, str]:
    """A person name's component groups as F.2.2 has them, only those that are not empty."""
    groups = zip(_NAME_GROUPS, text.split("="), strict=False)
    return {name: group for name, group in groups if group}


def _text(value: Any) -> str:
    return str(value)


def _name(value: Any) -> dict[str, str]:
    return person_name(str(value))


def _tag(value: Any) -> str:
    return f"{int(value):08X}"


def _integer(value: Any) -> int | str:
    number = int(value)
    return number if -MAX_EXACT_INTEGER <= number <= MAX_EXACT_INTEGER else str(number)


def _decimal(value: Any) -> float | str:
    """A number; what IEEE 754 knows but JSON does not is written as text."""
    number = float(value)
    return number if math.isfinite(number) else str(value)


def _float(value: Any) -> float | str:
    number = float(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _for_each(vrs: Iterable[str], convert: Callable[[Any], Any]) -> dict[str, Callable[[Any], Any]]:
    return dict.fromkeys(vrs, convert)


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **_for_each(("IS", "SL", "SS", "SV", "UL", "US", "UV"), _integer),
    **_for_each(("FD", "FL"), _float),
    "AT": _tag,
    "DS": _decimal,
    "PN": _name,
}
