"""Attribute matching of PS3.4 C.2.2.2, pure: does this value match this key?

Kinds: universal (empty, or only `*`), list of UIDs, range (DA, TM, DT), wildcard (text), single value, sequence.
Person names match without regard to case, in any one component group (alphabetic, ideographic, phonetic); fuzzily
only where a search asks for it, see `fuzzy_names`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName

from dicomweb import fuzzy_names as fuzzy
from dicomweb.archive import JsonObject

WILDCARD_VRS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
RANGE_VRS = frozenset({"DA", "DT", "TM"})
_LAST = {"DA": "99999999", "DT": "99999999999999.999999", "TM": "999999.999999"}
_OFFSET = re.compile(r"[+-]\d{4}$")


def key_texts(value: Any) -> list[str]:
    """The values of a key as text; empty for universal matching."""
    if value is None:
        return []
    if isinstance(value, str | PersonName | int | float):
        value = [value]
    return [text for text in (str(single) for single in value) if text]


def is_universal(texts: Sequence[str]) -> bool:
    """Whether these key values match everything, also what is absent (C.2.2.2.3)."""
    return all(set(text) == {"*"} for text in texts)


def fold_name(name: str) -> str:
    """A person name as it is compared: composed (NFC), without case, without trailing delimiters."""
    groups = (group.rstrip("^ ") for group in unicodedata.normalize("NFC", name).casefold().split("="))
    return "=".join(groups).rstrip("=")


def name_forms(name: str) -> tuple[str, ...]:
    """What a name key may match: the whole folded name, and each component group of it."""
    folded = fold_name(name)
    groups = [group for group in folded.split("=") if group]
    return (folded, *groups) if len(groups) > 1 or folded not in groups else (folded,)


@lru_cache(maxsize=1024)
def wildcard(pattern: str) -> re.Pattern[str]:
    """`*` any number of characters, `?` exactly one (C.2.2.2.4).

    What stands between two stars is found at its first place and never looked for again (an atomic group): more
    stars make no more than more steps, however the value is chosen.
    """
    first, *rest = (_literal(piece) for piece in re.split(r"\*+", pattern))
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def _literal(piece: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in piece)


def has_wildcard(vr: str, text: str) -> bool:
    """Whether a key of this VR is matched by pattern."""
    return vr in WILDCARD_VRS and ("*" in text or "?" in text)


def bounds(vr: str, text: str) -> tuple[str, str] | None:
    """The first and last value, both included, that a key of DA, TM or DT asks for; None for another VR.

    Shorter precision covers all it leaves open: the time `10-11` reaches to 11:59:59.999999. An offset from UTC
    in a DT is left aside.
    """
    if vr not in RANGE_VRS:
        return None
    if vr == "DT":
        text = re.sub(r"[+-]\d{4}(?=-|$)", "", text) if len(text) > 14 else text
    low, dash, high = text.partition("-")
    if not dash:
        high = low
    return _lowest(vr, low), _highest(vr, high)


def _lowest(vr: str, text: str) -> str:
    return text.ljust(6, "0") if vr == "TM" and text else text


def _highest(vr: str, text: str) -> str:
    return (text + _LAST[vr][len(text) :]) if len(text) < len(_LAST[vr]) else text


def comparable(vr: str, text: str) -> str:
    """A stored DA, TM or DT as it is compared with `bounds`."""
    if vr == "TM":
        return text.replace(":", "").ljust(6, "0")
    if vr == "DT":
        return _OFFSET.sub("", text)
    return text.replace(".", "")


def value_matches(vr: str, key: str, value: str) -> bool:
    """Whether one value matches one key, which is not universal."""
    limits = bounds(vr, key)
    if limits is not None:
        return limits[0] <= comparable(vr, value) <= limits[1]
    if vr == "PN":
        return _name_matches(fold_name(key), value)
    if vr in ("IS", "DS"):
        return _number_matches(key, value)
    if has_wildcard(vr, key):
        return wildcard(key).fullmatch(value) is not None
    return key == value


def _name_matches(key: str, value: str) -> bool:
    forms = name_forms(value)
    if "*" in key or "?" in key:
        pattern = wildcard(key)
        return any(pattern.fullmatch(form) for form in forms)
    return key in forms


def _number_matches(key: str, value: str) -> bool:
    try:
        return float(key) == float(value)
    except ValueError:
        return key == value


def object_matches(keys: Dataset, attributes: JsonObject, *, fuzzy_names: bool = False) -> bool:
    """Whether a DICOM JSON object matches every key; sequence keys match when one item does (C.2.2.2.6)."""
    return all(_element_matches(key, attributes.get(f"{int(key.tag):08X}"), fuzzy_names) for key in keys)


def _element_matches(key: DataElement, attribute: JsonObject | None, fuzzy_names: bool) -> bool:
    if key.VR == "SQ":
        return _sequence_matches(key.value or [], attribute, fuzzy_names)
    texts = key_texts(key.value)
    if is_universal(texts):
        return True
    stored = list(_stored_texts(attribute))
    if fuzzy_names and key.VR == "PN" and any(fuzzy.fits(text, *stored) for text in texts):
        return True
    return any(value_matches(key.VR, text, value) for text in texts for value in stored)


def _sequence_matches(key_items: Sequence[Dataset], attribute: JsonObject | None, fuzzy_names: bool) -> bool:
    if not key_items or not len(key_items[0]):
        return True
    items = [item for item in (attribute or {}).get("Value", []) if isinstance(item, dict)]  # a VR may be wrong
    return any(object_matches(key_items[0], item, fuzzy_names=fuzzy_names) for item in items or [{}])


def _stored_texts(attribute: JsonObject | None) -> Iterable[str]:
    for value in (attribute or {}).get("Value", []):
        if isinstance(value, dict):
            yield "=".join(value.get(group, "") for group in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")
        elif value is not None:
            yield str(value)
