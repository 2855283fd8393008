"""Reading single values out of a DICOM JSON object (PS3.18 F.2), whatever stands there."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from typing import Any

from dicomweb.archive import JsonObject


def values(members: JsonObject, tag: str) -> Sequence[Any]:
    """The values of an element, none where it is absent or empty."""
    found = members.get(tag, {}).get("Value")
    return found if isinstance(found, list) else ()


def text(members: JsonObject, tag: str) -> str:
    """The first value as text, "" where there is none."""
    first = next(iter(values(members, tag)), None)
    return "" if first is None or isinstance(first, dict) else str(first)


def numbers(members: JsonObject, tag: str) -> list[float]:
    """The values that are numbers; JSON may have them as text (F.2.3.1)."""
    return [number for value in values(members, tag) if (number := _number(value)) is not None]


def number(members: JsonObject, tag: str) -> float | None:
    """The first value as a number, None where it is none."""
    return next(iter(numbers(members, tag)), None)


def integer(members: JsonObject, tag: str, default: int = 0) -> int:
    """The first value as an integer, `default` where it is none."""
    found = number(members, tag)
    return default if found is None else int(found)


def items(members: JsonObject, tag: str) -> list[JsonObject]:
    """The items of a sequence."""
    return [item for item in values(members, tag) if isinstance(item, dict)]


def first_item(members: JsonObject, tag: str) -> JsonObject:
    """The first item of a sequence, an empty one where there is none."""
    return next(iter(items(members, tag)), {})


def inline_binary(members: JsonObject, tag: str) -> bytes:
    """A binary value that stands in the JSON itself; empty where it does not."""
    try:
        return b64decode(members.get(tag, {}).get("InlineBinary", ""), validate=True)
    except (Base64Error, TypeError, ValueError):
        return b""


def person_name(members: JsonObject, tag: str) -> dict[str, str]:
    """The component groups of a person's name, those that are not empty."""
    first = next(iter(values(members, tag)), None)
    if not isinstance(first, dict):
        return {}
    return {group: str(name) for group, name in first.items() if name}


def joined(parts: Iterable[str], separator: str = " ") -> str:
    """Those parts that are not empty."""
    return separator.join(part for part in parts if part)


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e18 else None  # neither NaN nor infinite
