"""The shape of what is answered about reference cases."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.library.cases.facts import Source

Sex = Literal["F", "M", "O"]
Kind = Literal["clinical", "dermoscopic"]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NamedSite(_Document):
    """A body site with its name in the caller's language."""

    slug: str
    name: str


class NamedDisease(_Document):
    """A disease with its name in the caller's language."""

    code: str
    name: str


class CasePicture(_Document):
    """One picture of a case, and of a video the video."""

    number: int = Field(ge=1)
    picture: str = Field(description="where it is, on this host")
    video: str | None = Field(default=None, description="where the video is that it is a frame of; null of a photo")


class CaseFeatures(_Document):
    """What was told of what the case shows; null where it was not."""

    itch: bool | None = None
    colour: str | None = None
    food_eaten: str | None = None
    size_mm: float | None = None
    shape: str | None = None
    symptoms: str | None = None
    onset: str | None = None


class ReferenceCase(_Document):
    """A de-identified example of a disease."""

    id: str
    hospital: str
    disease: NamedDisease
    kind: Kind
    sex: Sex | None
    age_band: str | None = Field(description="ten years, such as 40-49, or 90+")
    body_site: NamedSite | None
    laterality: Literal["R", "L", "B", "U"] | None
    features: CaseFeatures
    source: Source = Field(description="a dermatologist's opinion, or posted by staff")
    added_on: date = Field(description="in UTC; the time of day is nobody's")
    pictures: list[CasePicture]


class ReferenceCasePage(_Document):
    """One page of cases, the newest first."""

    cases: list[ReferenceCase]
    next: str | None = Field(description="the `cursor` of the next page; null at the end")


class CountedDisease(_Document):
    """A disease with cases."""

    code: str
    cases: int = Field(ge=1)
    picture: str | None = Field(description="of the newest case that fits, on this host")


class ReferenceCaseCounts(_Document):
    """How many cases fit, all of them counted, and of which diseases; a disease without one is left out."""

    cases: int
    diseases: list[CountedDisease] = Field(description="by their codes")


class SimilarCase(_Document):
    """A case that a photo resembles; `GET /library/cases/{case}` tells the rest."""

    case: str
    picture: str = Field(description="the nearest of its pictures, on this host")
    resemblance: Annotated[float, Field(ge=0, le=1)] = Field(
        description="the cosine of what the model makes of both pictures; no probability of any disease"
    )
    kind: Kind
    sex: Sex | None
    age_band: str | None
    body_site: NamedSite | None


class MatchedFacts(_Document):
    """What similar cases were narrowed down by: as much of what is known of the patient as left enough cases."""

    sex: bool = Field(description="whether they are of the patient's sex")
    age: Literal["band", "near", "any"] = Field(description="of the patient's ten years, the ten beside them, or any")
    body_site: Literal["site", "part_of", "any"] = Field(
        description="of the same site or a part of it, of the site that it is a part of, or any"
    )
