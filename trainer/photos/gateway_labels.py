"""What a gateway answers about labels, checked word by word, and whose word counts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from inference.rules import REASON_CODES, USABLE
from trainer.photos.errors import LabelsUnreachable
from trainer.photos.photo import SaidBy

Kind = TypeVar("Kind")

MAX_NUMBER = 2**63 - 1
_PHOTO_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SAYS: Mapping[str, SaidBy] = {"doctor": "doctor", "rule": "rule"}


@dataclass(frozen=True, slots=True)
class GatewayLabel:
    """One label of the gateway: `number` follows its commits, `suitability` is `usable` or the reason against it."""

    number: int
    photo_id: str
    hospital: str
    suitability: str
    said_by: SaidBy


@dataclass(frozen=True, slots=True)
class LabelPage:
    """Labels in the order of their numbers; `more` says whether to ask on after the last."""

    labels: tuple[GatewayLabel, ...]
    more: bool


def parse_page(document: object, after: int) -> LabelPage:
    """Check a page asked for with `after`. Raises LabelsUnreachable where it is not what `GET /labels` answers."""
    try:
        labels = tuple(parse_label(entry) for entry in _listed(document))
        more = _of(document, "more", bool)
    except (KeyError, TypeError, ValueError) as error:
        raise LabelsUnreachable(f"the gateway's labels cannot be understood: {error}") from error
    numbers = [after, *(label.number for label in labels)]
    if any(second <= first for first, second in pairwise(numbers)) or (more and not labels):
        raise LabelsUnreachable("the gateway's labels are not in the order of their numbers")
    return LabelPage(labels, more)


def parse_label(entry: object) -> GatewayLabel:
    """Check one label. Raises KeyError, TypeError, ValueError."""
    number, photo_id = _of(entry, "number", int), _of(entry, "photo_id", str)
    if not 0 < number <= MAX_NUMBER or not _PHOTO_ID.fullmatch(photo_id):
        raise ValueError("a number or the id of a photo is out of bounds")
    usable = _of(entry, "usable", bool)
    reason = None if usable else _of(entry, "reason", str)
    if reason is not None and reason not in REASON_CODES:
        raise ValueError(f"{reason[:40]!r} is no reason")
    said_by = _SAYS[_of(entry, "source", str)]
    return GatewayLabel(number, photo_id, _of(entry, "hospital", str)[:64], reason or USABLE, said_by)


def as_document(label: GatewayLabel) -> dict[str, Any]:
    """The label as the gateway writes it, which `parse_label` reads."""
    usable = label.suitability == USABLE
    return {
        "number": label.number,
        "photo_id": label.photo_id,
        "hospital": label.hospital,
        "usable": usable,
        "reason": None if usable else label.suitability,
        "source": label.said_by,
    }


def standing(labels: Iterable[GatewayLabel]) -> tuple[GatewayLabel, ...]:
    """The label that counts for each photo, by photo id: a doctor's before a rule's, then the latest."""
    best: dict[str, GatewayLabel] = {}
    for label in labels:
        other = best.get(label.photo_id)
        if other is None or _weight(label) > _weight(other):
            best[label.photo_id] = label
    return tuple(best[photo_id] for photo_id in sorted(best))


def _weight(label: GatewayLabel) -> tuple[bool, int]:
    return label.said_by == "doctor", label.number


def _listed(document: object) -> list[object]:
    return list(_of(document, "labels", list))


def _of(document: object, name: str, kind: type[Kind]) -> Kind:
    if not isinstance(document, dict):
        raise TypeError("an object is missing")
    value = document[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{name} is no {kind.__name__}")
    return value
