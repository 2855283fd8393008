"""What a further object of a patient, study or series adds to what is known: pure rules.

The first object that tells something is believed; later ones fill what is empty. A correction replaces
what was known.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dicomweb.archive import JsonObject
from gateway.archive.tables import NUMBER_UNKNOWN

_UNKNOWN = ("", NUMBER_UNKNOWN)


def filled(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to change so that what is empty in `known` is filled from `told`; empty when nothing is new."""
    changes = {column: value for column, value in _texts(told) if known[column] in _UNKNOWN and value not in _UNKNOWN}
    attributes = _new_members(known["attributes"], told["attributes"])
    if attributes:
        changes["attributes"] = _in_order({**known["attributes"], **attributes})
    return changes


def together(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The columns that several objects, at least one, tell of the same thing together."""
    known = dict(told[0])
    for another in told[1:]:
        known.update(filled(known, another))
    return known


def corrected(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to change so that only `told` stands: what a correction leaves out is meant to be gone."""
    return {column: value for column, value in told.items() if value != known[column]}


def _texts(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(column, value) for column, value in told.items() if column != "attributes"]


def _new_members(known: JsonObject, told: JsonObject) -> JsonObject:
    return {
        tag: member
        for tag, member in told.items()
        if tag not in known or ("Value" not in known[tag] and "Value" in member)
    }


def _in_order(attributes: JsonObject) -> JsonObject:
    return dict(sorted(attributes.items()))
