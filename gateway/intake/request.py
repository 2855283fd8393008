"""What may be said about a posted photo: the fields of the form, checked once on the way in."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from gateway.conversion.age import is_age, years_of
from gateway.conversion.body_sites import find_body_site
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_attributes import decimal_string
from gateway.conversion.facts import SPACINGS_MM
from gateway.conversion.person_name import person_name
from gateway.conversion.text import identifier
from gateway.wording import NOT_A_DATE, NOT_A_MOMENT, field_of, words_of
from gateway.worklists.orders import LONGEST_ITEM

MAX_AGE_YEARS = 130
CLOCKS_DIFFER = timedelta(days=1)
"""How far ahead of the gateway's clock a sender's may be."""

_UID = r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$"
_CASE_ID = r"^[0-9a-f]{32}$"
_WORDS_OF_PATTERNS = {
    _UID: "must be a UID: numbers without leading zeros joined by dots, 64 characters at most",
    _CASE_ID: "must be the id of a case: 32 hexadecimal digits in lower case",
}
_BEGINS_WITH_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_KEPT = {"kept": True}
"""Context of validation: these fields were checked when they came, and are only read again."""


def _is_kept(info: ValidationInfo) -> bool:
    return info.context is _KEPT


def _age_string(value: Any) -> Any:
    """A DICOM Age String of one, or of whole years."""
    years = str(value).strip()
    age = f"{int(years):03d}Y" if years.isascii() and years.isdigit() and len(years) <= 3 else years
    if not is_age(age) or years_of(age) > MAX_AGE_YEARS:
        raise ValueError(f"must be whole years, up to {MAX_AGE_YEARS}, or a DICOM Age String such as 018M")
    return age


def _spacing(value: Any) -> str:
    """The distance of rows and that of columns as DICOM has two numbers; one stands for both."""
    least, most = SPACINGS_MM
    try:
        distances = [float(text) for text in str(value).split("\\")]
    except ValueError:
        distances = []
    if not 1 <= len(distances) <= 2 or not all(least <= distance <= most for distance in distances):
        raise ValueError(
            f"must be one distance in millimetres, or that of rows \\ that of columns, each from {least:f} to {most:g}"
        )
    return "\\".join(decimal_string(distance) for distance in (distances * 2)[:2])


def _fits(limit: int) -> AfterValidator:
    """Only what can be written as an identifier of so many characters is taken: afterwards nobody could be told."""

    def fit(text: str, info: ValidationInfo) -> str:
        if _is_kept(info):
            return text
        field = info.field_name or ""
        try:
            return identifier(text, limit, field)
        except InvalidFactsError as error:
            raise _fault_of(error) from error

    return AfterValidator(fit)


def _fault_of(error: InvalidFactsError) -> ValueError:
    return ValueError(str(error).removeprefix(f"{error.field}: "))


Text64 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4096)]
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), _fits(64)]
ShortIdentifier = Annotated[str, StringConstraints(strip_whitespace=True, max_length=16), _fits(16)]
Uid = Annotated[str, StringConstraints(max_length=64, pattern=_UID)]
WorklistItem = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_ITEM)]
CaseId = Annotated[str, StringConstraints(pattern=_CASE_ID)]
Age = Annotated[str, BeforeValidator(_age_string)]
Millimetres = Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]
PixelSpacing = Annotated[str, BeforeValidator(_spacing)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=324)]
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
    patient_name: Name = Field(default="", description="a DICOM PN if it holds ^ or =, else as given")
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
    study_description: Text64 = ""
    referring_physician: Name = Field(default="", description="a DICOM PN if it holds ^ or =, else as given")
    requesting_service: Text64 = ""
    requested_procedure_id: ShortIdentifier = ""
    scheduled_procedure_step_id: ShortIdentifier = ""
    worklist_item: WorklistItem = Field(
        default="", description="an item of GET /worklist: the photo is of its patient, order and study"
    )
    # what it shows
    body_site: str | None = Field(
        default=None, max_length=64, description="a slug, a name, or a SNOMED CT code of CID 4029"
    )
    laterality: Literal["R", "L", "B", "U"] | None = None
    kind: Literal["clinical", "dermoscopic"] = "clinical"
    burned_in_annotation: bool | None = Field(
        default=None, description="whether text in the picture identifies the patient"
    )
    recognizable: bool | None = Field(
        default=None, description="whether a face, tattoo or fingerprint in the picture does"
    )
    size_mm: Millimetres | None = None
    pixel_spacing_mm: PixelSpacing | None = Field(
        default=None,
        description="from one pixel to the next in the plane of the skin: of rows\\columns, or one for both",
    )
    shape: Text64 = ""
    symptoms: LongText = ""
    onset: Text64 = ""
    note: LongText = ""
    ask_doctor: bool | None = Field(default=None, description="whether a dermatologist is asked to look at the case")
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

    @field_validator("patient_name", "operator", "referring_physician")
    @classmethod
    def _a_name(cls, name: str, info: ValidationInfo) -> str:
        try:
            person_name(name, field=info.field_name or "")
        except InvalidFactsError as error:
            if not _is_kept(info):
                raise _fault_of(error) from error
        return name

    @field_validator("patient_birth_date", "captured_at", mode="before")
    @classmethod
    def _written_out(cls, text: Any, info: ValidationInfo) -> Any:
        if isinstance(text, str) and not _BEGINS_WITH_DATE.match(text.strip()):  # pydantic would count seconds
            raise ValueError(NOT_A_DATE if info.field_name == "patient_birth_date" else NOT_A_MOMENT)
        return text

    @field_validator("patient_birth_date")
    @classmethod
    def _born_by_now(cls, born: date | None, info: ValidationInfo) -> date | None:
        if born is None or _is_kept(info):
            return born
        if not date(1850, 1, 1) <= born <= datetime.now().astimezone().date():
            raise ValueError("must lie between 1850 and today")
        return born

    @field_validator("body_site")
    @classmethod
    def _known_site(cls, name: str | None, info: ValidationInfo) -> str | None:
        site = find_body_site(name) if name else None
        # A photo that was taken in is not lost because the site's tables have changed since: its site is unknown then.
        if name and site is None and not _is_kept(info):
            raise ValueError("is no body site that is known (docs/codes.md, GET /api/v1/body-sites)")
        return None if site is None else site.slug

    @field_validator("laterality")
    @classmethod
    def _a_side_of_a_pair(cls, side: str | None, info: ValidationInfo) -> str | None:
        named = info.data.get("body_site")
        site = find_body_site(named) if named else None
        if side not in {None, "U"} and site is not None and not site.paired and not _is_kept(info):
            raise ValueError(f"must be U or left out: {site.slug} is not one of a pair")
        return side

    @field_validator("captured_at")
    @classmethod
    def _taken_by_now(cls, moment: datetime | None, info: ValidationInfo) -> datetime | None:
        if moment is None or _is_kept(info):
            return moment
        if moment.year < 1850 or moment > datetime.now(UTC) + CLOCKS_DIFFER:
            raise ValueError("must lie between the year 1850 and a day from now")
        return moment

    @field_validator("immersion")
    @classmethod
    def _immersed_by_contact(cls, medium: str | None, info: ValidationInfo) -> str | None:
        if medium is not None and info.data.get("contact") is False and not _is_kept(info):
            raise ValueError("is used in contact, and contact is false")
        return medium

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


def kept_fields(said: Mapping[str, Any]) -> PhotoFields:
    """Fields as `said()` gave them when they came: they were checked then, and are not refused any more."""
    return PhotoFields.model_validate(said, context=_KEPT)


def request_sha256(fields: PhotoFields, photo: bytes) -> str:
    """What tells one request from another: the fields' values and the photo's bytes, not how they were packed."""
    digest = hashlib.sha256(orjson.dumps(fields.said(), option=orjson.OPT_SORT_KEYS))
    digest.update(photo)
    return digest.hexdigest()


def _fault(fault: ErrorDetails) -> dict[str, str]:
    return {"field": field_of(fault)[:64] or "form", "fault": _words(fault)}


def _words(fault: ErrorDetails) -> str:
    if fault["type"] == "string_pattern_mismatch":
        return _WORDS_OF_PATTERNS.get(fault["ctx"]["pattern"], words_of(fault))
    return words_of(fault)
