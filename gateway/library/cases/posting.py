"""What may be said of a reference case that staff posts: checked once, and without what tells people from others."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from pydantic_core import ErrorDetails

from gateway.conversion.body_sites import find_body_site
from gateway.library.cases.facts import CaseFacts, age_band_of, band_from_words
from gateway.library.diseases import diseases
from gateway.wording import field_of, words_of

OLDEST_YEARS = 130
_TELLING = re.compile(r"@|https?:|\d{5}|\d{3,4}\s*-\s*\d{3,4}|\d{2,4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,2}")
"""An address, a number as of a patient or a telephone, a date."""


def _tells_nobody(text: str) -> str:
    if _TELLING.search(text):
        raise ValueError("must not hold an address, a date or a long number: a reference case is nobody's")
    return text


Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), AfterValidator(_tells_nobody)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(_tells_nobody)]


class InvalidCase(Exception):
    """The fields cannot be used; `faults` says which and why, without repeating a value."""

    def __init__(self, faults: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{fault['field']}: {fault['fault']}" for fault in faults))
        self.faults = faults


class CaseFields(BaseModel):
    """Everything that can be said of a case; each field but the disease may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    disease: str = Field(max_length=64, description="a code of `GET /api/v1/diseases`")
    kind: Literal["clinical", "dermoscopic"] = "clinical"
    sex: Literal["F", "M", "O"] | None = None
    age: int | None = Field(default=None, ge=0, le=OLDEST_YEARS, description="whole years; only the ten are kept")
    age_band: str | None = Field(default=None, max_length=8, description="instead of the age: 40-49, 90+")
    body_site: str | None = Field(default=None, max_length=64, description="a slug, a name, or a SNOMED CT code")
    laterality: Literal["R", "L", "B", "U"] | None = None
    itch: bool | None = None
    colour: Short = ""
    food_eaten: Long = Field(default="", description="where food may have brought it about")
    size_mm: Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)] | None = None
    shape: Short = ""
    symptoms: Long = ""
    onset: Short = Field(default="", description="such as: for three weeks; no date")

    @field_validator("disease")
    @classmethod
    def _known_disease(cls, code: str) -> str:
        if code not in diseases():
            raise ValueError("is no disease that is known (GET /api/v1/diseases)")
        return code

    @field_validator("body_site")
    @classmethod
    def _known_site(cls, name: str | None) -> str | None:
        site = find_body_site(name) if name else None
        if name and site is None:
            raise ValueError("is no body site that is known (GET /api/v1/body-sites)")
        return None if site is None else site.slug

    @field_validator("age_band")
    @classmethod
    def _known_band(cls, words: str | None) -> str | None:
        if words is not None:
            band_from_words(words)
        return words

    def facts(self) -> CaseFacts:
        """What the library keeps of it."""
        band = age_band_of(self.age) if self.age_band is None else band_from_words(self.age_band)
        return CaseFacts(
            disease=self.disease,
            kind=self.kind,
            sex=self.sex,
            age_band=band,
            body_site=self.body_site,
            laterality=self.laterality,
            features=self._features(),
        )

    def digest(self, picture: bytes) -> str:
        """SHA-256 that tells one request from another: the values and the picture's bytes."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
        digest.update(picture)
        return digest.hexdigest()

    def _features(self) -> dict[str, Any]:
        said = {
            "itch": self.itch,
            "colour": self.colour,
            "food_eaten": self.food_eaten,
            "size_mm": self.size_mm,
            "shape": self.shape,
            "symptoms": self.symptoms,
            "onset": self.onset,
        }
        return {name: value for name, value in said.items() if value not in {None, ""}}


def check_case(fields: Mapping[str, str]) -> CaseFields:
    """The fields of a form, checked; an empty value counts as left out. Raises InvalidCase."""
    try:
        return CaseFields.model_validate({name: text for name, text in fields.items() if text.strip()})
    except ValidationError as error:
        raise InvalidCase([_fault(fault) for fault in error.errors()]) from error


def _fault(fault: ErrorDetails) -> dict[str, str]:
    return {"field": field_of(fault)[:64] or "form", "fault": words_of(fault)}
