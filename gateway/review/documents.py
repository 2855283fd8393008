"""The shape of what is asked and answered about referrals and opinions, for the API's description."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.archive.documents import ArchivedObject
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.person_name import person_name
from gateway.conversion.text import paragraphs, single_line
from gateway.library.diseases import diseases
from gateway.review.opinions import Said
from gateway.review.referrals import ReferralState

MAX_DIAGNOSES = 5
_LO = 64
_COMMENT = 4096


def _a_name(doctor: str) -> str:
    try:
        name = person_name(doctor, field="doctor")
    except InvalidFactsError as error:
        raise PydanticCustomError("person_name", "has more parts than a DICOM PN") from error
    if not name:
        raise PydanticCustomError("person_name", "is empty: an opinion is somebody's")
    return name


def _known_diseases(slugs: list[str]) -> list[str]:
    known = diseases()
    if any(slug not in known for slug in slugs):
        raise PydanticCustomError("disease", "hold what is no code of a disease; GET /api/v1/diseases lists them")
    if len(set(slugs)) != len(slugs):
        raise PydanticCustomError("disease", "name a disease twice")
    return slugs


def _one_line(text: str) -> str:
    return single_line(text, _LO)


def _words(text: str) -> str:
    """As the report will say it, but with the line ends of everybody else."""
    return paragraphs(text, 2 * _COMMENT).replace("\r\n", "\n")[:_COMMENT]


class PostedOpinion(BaseModel):
    """What a dermatologist says of a case; at least a diagnosis or a comment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    doctor: Annotated[str, StringConstraints(max_length=324), AfterValidator(_a_name)] = Field(
        description="whose opinion it is: a DICOM PN if it holds ^ or =, else as given"
    )
    organization: Annotated[str, StringConstraints(max_length=_LO), AfterValidator(_one_line)] = Field(
        default="", description="where the doctor works; the site's institution where it is left out"
    )
    diagnoses: Annotated[
        list[Annotated[str, StringConstraints(max_length=_LO)]],
        Field(max_length=MAX_DIAGNOSES, description="codes of GET /api/v1/diseases, the likeliest first"),
        AfterValidator(_known_diseases),
    ] = []
    comment: Annotated[str, StringConstraints(max_length=_COMMENT), AfterValidator(_words)] = Field(
        default="", description="in the doctor's own words, Korean or English"
    )

    def said(self) -> Said:
        """The same as a value."""
        return Said(self.doctor, self.organization, tuple(self.diagnoses), self.comment)


class Diagnosis(BaseModel):
    """One line of an opinion."""

    model_config = ConfigDict(extra="forbid")

    rank: int = Field(ge=1)
    code: str
    name: str


class ShownOpinion(BaseModel):
    """A dermatologist's opinion of a case."""

    model_config = ConfigDict(extra="forbid")

    id: str
    given_at: datetime
    doctor: str = Field(description="a DICOM PN")
    organization: str
    diagnoses: list[Diagnosis] = Field(description="the likeliest first; none where the doctor named none")
    comment: str
    report: ArchivedObject | None = Field(
        description="the verified report; null where the case's study held no picture any more to report on"
    )


class ReferralView(BaseModel):
    """A case that a dermatologist should look at, and why; `opinion` is the newest, an answered one's answer."""

    id: str
    hospital: str
    case_id: str
    state: ReferralState
    reasons: list[str]
    opened_at: datetime
    opinion: ShownOpinion | None


class ReferralPage(BaseModel):
    """Referrals, the oldest first."""

    referrals: list[ReferralView]
