"""Looking into a DICOM JSON object that nobody has checked yet."""

from typing import Any

from dicomweb.archive import JsonObject
from dicomweb.uids import is_uid


def values_of(members: JsonObject, tag: str) -> list[Any]:
    """The values of an attribute, empty where it is absent or of another shape."""
    element = members.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return values if isinstance(values, list) else []


def number_of(members: JsonObject, tag: str) -> int | None:
    """The first value of an integer attribute, None where there is none."""
    values = values_of(members, tag)
    try:
        return int(values[0]) if values else None
    except (TypeError, ValueError, OverflowError):
        return None


def uid_of(members: JsonObject, tag: str) -> str | None:
    """A UID, None where there is no usable one."""
    values = values_of(members, tag)
    return values[0] if values and isinstance(values[0], str) and is_uid(values[0]) else None
