"""What a gateway answers about labels, checked word by word, and whose word counts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeVar

from inference.rules import REASON_CODES, USABLE
from trainer.photos.errors import LabelsUnreachable
from trainer.photos.photo import SaidBy

Wanted = TypeVar("Wanted")
Kind = Literal["suitability", "diagnosis", "deletion"]

KINDS: tuple[Kind, ...] = ("suitability", "diagnosis", "deletion")
"""What a gateway is asked for; one that is older than the others tells of suitability alone."""

MAX_NUMBER = 2**63 - 1
MAX_ALTERNATIVES = 8
_OLDEST = 120
_PHOTO_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_SAYS: Mapping[str, SaidBy] = {"doctor": "doctor", "rule": "rule"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a gateway tells of a photo without saying whose it is.

    `patient` and `lesion` are keys that only the gateway can lead back, the same for all photos of one; empty where
    nobody knows. `age` is in whole years, 90 for all who are older; `body_site` a slug. None: not known.
    """

    patient: str = ""
    lesion: str = ""
    sex: str | None = None
    age: int | None = None
    body_site: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayLabel:
    """One entry of the gateway's labels: `number` follows its commits.

    `said` is `usable` or the reason against it for `suitability`, a disease's slug for a `diagnosis`; None where the
    word was taken back, and for a `deletion`, after which no word on the photo counts. `voter` is who said it,
    `alternatives` other diseases that the same doctor held possible. `facts` is None where the gateway told none.
    """

    number: int
    photo_id: str
    hospital: str
    said: str | None
    said_by: SaidBy
    kind: Kind = "suitability"
    voter: str = ""
    alternatives: tuple[str, ...] = ()
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class LabelPage:
    """Labels in the order of their numbers; `more` says whether to ask on after the last."""

    labels: tuple[GatewayLabel, ...]
    more: bool


def parse_page(document: object, after: int) -> LabelPage:
    """Check a page asked for with `after`. Raises LabelsUnreachable where it is not what `GET /labels` answers."""
    try:
        labels = tuple(parse_label(entry) for entry in _of(document, "labels", list))
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
    kind = _kind(_maybe(entry, "kind", str) or "suitability")
    return GatewayLabel(
        number=number,
        photo_id=photo_id,
        hospital=_of(entry, "hospital", str)[:64],
        said=_said(entry, kind),
        said_by=_SAYS[_of(entry, "source", str)],
        kind=kind,
        voter=(_maybe(entry, "said_by", str) or "")[:64],
        alternatives=tuple(_slug(each) for each in (_maybe(entry, "alternatives", list) or ())[:MAX_ALTERNATIVES]),
        facts=_facts(_maybe(entry, "about", dict)),
    )


def as_document(label: GatewayLabel) -> dict[str, Any]:
    """The label as the gateway writes it, which `parse_label` reads."""
    of_use = label.kind == "suitability" and label.said is not None
    return {
        "number": label.number,
        "photo_id": label.photo_id,
        "hospital": label.hospital,
        "kind": label.kind,
        "usable": label.said == USABLE if of_use else None,
        "reason": label.said if of_use and label.said != USABLE else None,
        "diagnosis": label.said if label.kind == "diagnosis" else None,
        "alternatives": list(label.alternatives),
        "withdrawn": label.said is None and label.kind != "deletion",
        "source": label.said_by,
        "said_by": label.voter,
        "about": None if label.facts is None else _facts_document(label.facts),
    }


def deleted(labels: Iterable[GatewayLabel]) -> frozenset[str]:
    """The photos that the gateway says it no longer has."""
    return frozenset(label.photo_id for label in labels if label.kind == "deletion")


def votes(labels: Iterable[GatewayLabel], kind: Kind) -> dict[str, tuple[GatewayLabel, ...]]:
    """By photo, what each voter last said of it in this respect and has not taken back, in the order of numbers.

    Photos that were deleted have none.
    """
    everything = list(labels)
    gone = deleted(everything)
    latest: dict[tuple[str, str, SaidBy], GatewayLabel] = {}
    for label in sorted(everything, key=lambda one: one.number):
        if label.kind == kind and label.photo_id not in gone:
            latest[label.photo_id, label.voter, label.said_by] = label
    found: dict[str, list[GatewayLabel]] = {}
    for label in sorted(latest.values(), key=lambda one: one.number):
        if label.said is not None:
            found.setdefault(label.photo_id, []).append(label)
    return {photo_id: tuple(found[photo_id]) for photo_id in sorted(found)}


def standing(labels: Iterable[GatewayLabel], kind: Kind = "suitability") -> tuple[GatewayLabel, ...]:
    """The label that counts for each photo, by photo id: a doctor's before a rule's, then the latest."""
    return tuple(max(several, key=_weight) for several in votes(labels, kind).values())


def _weight(label: GatewayLabel) -> tuple[bool, int]:
    return label.said_by == "doctor", label.number


def _kind(word: str) -> Kind:
    for kind in KINDS:
        if word == kind:
            return kind
    raise ValueError(f"{word[:40]!r} is no kind of label")


def _said(entry: object, kind: Kind) -> str | None:
    if kind == "deletion" or _maybe(entry, "withdrawn", bool):
        return None
    if kind == "diagnosis":
        return _slug(_of(entry, "diagnosis", str))
    if _of(entry, "usable", bool):
        return USABLE
    reason = _of(entry, "reason", str)
    if reason not in REASON_CODES:
        raise ValueError(f"{reason[:40]!r} is no reason")
    return reason


def _facts(entry: dict[str, object] | None) -> Facts | None:
    if entry is None:
        return None
    sex, age = _maybe(entry, "sex", str), _maybe(entry, "age", int)
    if age is not None and not 0 <= age <= _OLDEST:
        raise ValueError("no age in years")
    site = _maybe(entry, "body_site", str)
    return Facts(
        patient=_key(_maybe(entry, "patient", str)),
        lesion=_key(_maybe(entry, "lesion", str)),
        sex=sex if sex in ("F", "M") else None,
        age=age,
        body_site=None if site is None else _slug(site),
    )


def _facts_document(facts: Facts) -> dict[str, object]:
    return {
        "patient": facts.patient or None,
        "lesion": facts.lesion or None,
        "sex": facts.sex,
        "age": facts.age,
        "body_site": facts.body_site,
    }


def _key(word: str | None) -> str:
    if word and not _PHOTO_ID.fullmatch(word):
        raise ValueError("a key of a patient or a lesion is out of bounds")
    return word or ""


def _slug(word: object) -> str:
    if not isinstance(word, str) or not _SLUG.fullmatch(word):
        raise ValueError("what should be a slug is none")
    return word


def _maybe(document: object, name: str, kind: type[Wanted]) -> Wanted | None:
    """A member that may be missing or null; raises TypeError for anything else but `kind`."""
    if isinstance(document, dict) and document.get(name) is None:
        return None
    return _of(document, name, kind)


def _of(document: object, name: str, kind: type[Wanted]) -> Wanted:
    if not isinstance(document, dict):
        raise TypeError("an object is missing")
    value = document[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{name} is no {kind.__name__}")
    return value
