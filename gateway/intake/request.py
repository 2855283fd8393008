"""What may be said about a posted photo: the fields of the form, checked once on the way in."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from gateway.conversion.body_sites import find_body_site
from gateway.conversion.errors import ConversionError
from gateway.conversion.person_name import person_name

MAX_AGE_YEARS = 130

_AGE_STRING = re.compile(r"^(\d{3})([DWMY])$")
_IDENTIFIER = r"^[^\\\x00-\x1f\x7f]*$"
_UID = r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$"
_CASE_ID = r"^[0-9a-f]{32}$"
_WORDS_OF_PATTERNS = {
    _IDENTIFIER: "must hold neither a backslash nor control characters",
    _UID: "must be a UID: numbers without leading zeros joined by dots, 64 characters at most",
    _CASE_ID: "must be the id of a case: 32 hexadecimal digits in lower case",
}
_DATE = "must be a date as YYYY-MM-DD"
_MOMENT = "must be a moment with its time zone (RFC 3339), as 2026-05-31T14:05:00+09:00"
_WORDS_OF_KINDS = {
    "extra_forbidden": "there is no such field",
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "date_parsing": _DATE,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
}
"""What pydantic's kinds of faults mean to who filled in the form."""
_UNITS_A_YEAR = {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}


def _age_years(value: Any) -> Any:
    """Whole years, also from a DICOM Age String such as `034Y` or `018M` (PS3.5 6.2)."""
    if isinstance(value, str) and (match := _AGE_STRING.match(value)):
        return int(int(match[1]) / _UNITS_A_YEAR[match[2]])
    return value


Text64 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4096)]
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=_IDENTIFIER)]
ShortIdentifier = Annotated[Identifier, StringConstraints(max_length=16)]
Uid = Annotated[str, StringConstraints(max_length=64, pattern=_UID)]
CaseId = Annotated[str, StringConstraints(pattern=_CASE_ID)]
Age = Annotated[int, Field(ge=0, le=MAX_AGE_YEARS), BeforeValidator(_age_years)]
Millimetres = Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]
Magnification = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class InvalidFields(Exception):
    """The fields cannot be used; `faults` says which and why, without repeating a value."""

    def __init__(self, faults: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{fault['field']}: {fault['fault']}" for fault in faults))
        self.faults = faults


class PhotoFields(BaseModel):
    """Everything that can be said with a photo; each field may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # who
    patient_id: Identifier = ""
    issuer_of_patient_id: Identifier = ""
    patient_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=324)] = Field(
        default="", description="a DICOM PN if it holds ^ or =, else as given"
    )
    patient_birth_date: date | None = Field(default=None, description="YYYY-MM-DD")
    patient_sex: Literal["F", "M", "O"] | None = None
    patient_age: Age | None = Field(default=None, description="whole years, or a DICOM Age String such as 018M")
    subject: Literal["self", "other"] | None = None
    taken_by: Literal["patient", "clinician"] | None = None
    operator: Text64 = ""
    consent: Text64 = ""
    # where it belongs
    case_id: CaseId | None = None
    lesion_id: Identifier = ""
    study_instance_uid: Uid | None = None
    accession_number: ShortIdentifier = ""
    admission_id: Identifier = ""
    # what it shows
    body_site: str | None = Field(default=None, max_length=64, description="a slug, or a SNOMED CT code of CID 4029")
    laterality: Literal["R", "L", "B", "U"] | None = None
    kind: Literal["clinical", "dermoscopic"] = "clinical"
    burned_in_annotation: bool | None = Field(
        default=None, description="whether text in the picture identifies the patient"
    )
    recognizable: bool | None = Field(
        default=None, description="whether a face, tattoo or fingerprint in the picture does"
    )
    size_mm: Millimetres | None = None
    shape: Text64 = ""
    symptoms: LongText = ""
    onset: Text64 = ""
    note: LongText = ""
    # how it was taken
    captured_at: AwareDatetime | None = Field(default=None, description="RFC 3339")
    device_maker: Text64 = ""
    device_model: Text64 = ""
    device_serial: Text64 = ""
    device_software: Text64 = ""
    polarized: bool | None = None
    contact: bool | None = None
    immersion: Literal["ULTRASOUND_GEL", "ALCOHOL", "WATER", "MINERAL_OIL", "PLASTIC_CAP"] | None = None
    magnification: Magnification | None = None

    @field_validator("patient_name")
    @classmethod
    def _a_name(cls, name: str) -> str:
        try:
            person_name(name)
        except ConversionError as error:
            raise ValueError(str(error)) from error
        return name

    @field_validator("patient_birth_date")
    @classmethod
    def _born_by_now(cls, born: date | None) -> date | None:
        if born is not None and not date(1850, 1, 1) <= born <= datetime.now().astimezone().date():
            raise ValueError("must lie between 1850 and today")
        return born

    @field_validator("body_site")
    @classmethod
    def _known_site(cls, name: str | None) -> str | None:
        if not name:
            return None
        site = find_body_site(name)
        if site is None:
            raise ValueError("is not a known body site; GET /api/v1/body-sites lists them")
        return site.slug

    @field_validator("captured_at")
    @classmethod
    def _within_dicom(cls, moment: datetime | None) -> datetime | None:
        if moment is not None and not 1850 <= moment.year <= 2200:
            raise ValueError("must lie between the years 1850 and 2200")
        return moment

    @model_validator(mode="after")
    def _one_study(self) -> Self:
        if self.case_id is not None and self.study_instance_uid is not None:
            raise ValueError("case_id and study_instance_uid exclude each other: a case has its study already")
        return self

    def said(self) -> dict[str, Any]:
        """The fields that say something, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)


def check_fields(fields: Mapping[str, str]) -> PhotoFields:
    """The fields of a form, checked; an empty value counts as left out. Raises InvalidFields."""
    try:
        return PhotoFields.model_validate({name: text for name, text in fields.items() if text.strip()})
    except ValidationError as error:
        raise InvalidFields([_fault(fault) for fault in error.errors()]) from error


def request_sha256(fields: PhotoFields, photo: bytes) -> str:
    """What tells one request from another: the fields' values and the photo's bytes, not how they were packed."""
    digest = hashlib.sha256(orjson.dumps(fields.said(), option=orjson.OPT_SORT_KEYS))
    digest.update(photo)
    return digest.hexdigest()


def _fault(fault: ErrorDetails) -> dict[str, str]:
    return {"field": ".".join(map(str, fault["loc"]))[:64] or "form", "fault": _words(fault)}


def _words(fault: ErrorDetails) -> str:
    text = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "string_pattern_mismatch":
        return _WORDS_OF_PATTERNS.get(fault["ctx"]["pattern"], text)
    return _WORDS_OF_KINDS.get(fault["type"], text)
