"""The disease library's entries: what each disease is called, looks like, and asks of the patient.

Codes, names and urgency are those of the tables of codes (`gateway.conversion.codes`); the texts about a disease are
our own; a disease that a site adds to the tables has none.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from gateway.conversion.codes.diseases import CodedDisease, Urgency
from gateway.conversion.codes.tables import Codes, current_codes
from gateway.language import Language

__all__ = ["Disease", "Text", "Urgency", "diseases", "in_language"]

Text = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease; `slug` is the label models use, `code` within `scheme` what DICOM objects say.

    `features` and `advice` are None of a disease that a site added.
    """

    slug: str
    code: str
    scheme: str
    meaning: str
    malignant: bool
    contagious: bool
    urgency: Urgency
    name: Text
    features: Text | None
    advice: Text | None


def diseases() -> Mapping[str, Disease]:
    """Every disease by slug."""
    return _diseases(current_codes())


def in_language(text: Text | None, language: Language) -> str | None:
    """A text in this language; None where nobody has written it yet."""
    return None if text is None else text[language]


@functools.lru_cache(maxsize=2)
def _diseases(codes: Codes) -> Mapping[str, Disease]:
    return MappingProxyType({slug: _disease(coded) for slug, coded in codes.diseases.items()})


def _disease(coded: CodedDisease) -> Disease:
    texts = _texts().get(coded.slug, {})
    return Disease(
        slug=coded.slug,
        code=coded.code,
        scheme=coded.scheme,
        meaning=coded.meaning,
        malignant=coded.malignant,
        contagious=coded.contagious,
        urgency=coded.urgency,
        name={"en": coded.english, "ko": coded.korean},
        features=texts.get("features"),
        advice=texts.get("advice"),
    )


@functools.cache
def _texts() -> Mapping[str, Mapping[str, Text]]:
    found: Mapping[str, Mapping[str, Text]] = json.loads(
        resources.files(__package__).joinpath("diseases.json").read_text("utf-8")
    )
    return found
