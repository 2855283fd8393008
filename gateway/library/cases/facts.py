"""What a reference case says beside its pictures: values without a patient."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

OLDEST_BAND = 90
"""The first year of the last band, which has no end: who is older would be told by it."""
BAND_YEARS = 10


class Source(StrEnum):
    """Where a reference case comes from."""

    OPINION = "opinion"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case's disease (its slug) and what else is known; None, and a feature left out, is not known.

    `kind` is `clinical` or `dermoscopic`, `sex` F, M or O, `age_band` the first year of a band of ten, `body_site` a
    slug, `laterality` R, L, B or U. `features` are members of `gateway.library.cases.documents.CaseFeatures`.
    """

    disease: str
    kind: str = "clinical"
    sex: str | None = None
    age_band: int | None = None
    body_site: str | None = None
    laterality: str | None = None
    features: Mapping[str, Any] = field(default_factory=dict)


def age_band_of(years: float | None) -> int | None:
    """The first year of the band of ten that an age lies in; 90 for everybody from there on."""
    return None if years is None else min(int(years) // BAND_YEARS * BAND_YEARS, OLDEST_BAND)


def band_words(band: int | None) -> str | None:
    """A band as it is shown: `40-49`, `90+`."""
    if band is None:
        return None
    return f"{band}+" if band == OLDEST_BAND else f"{band}-{band + BAND_YEARS - 1}"


def band_from_words(words: str) -> int:
    """The first year of a band as `band_words` shows it; raises ValueError."""
    bands = {band_words(band): band for band in range(0, OLDEST_BAND + 1, BAND_YEARS)}
    if words not in bands:
        raise ValueError(f"must be one of {', '.join(str(each) for each in bands)}")
    return bands[words]
