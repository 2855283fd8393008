"""The shape of what is answered about photos, for the API's description; the answers themselves are not built here.

Tests hold real answers against these models, which allow no member that they do not name.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.archive.documents import ArchivedObject
from gateway.delivery.states import DeliveryState
from gateway.intake.submission import SubmissionState
from gateway.library.cases.documents import MatchedFacts, SimilarCase
from gateway.library.diseases import Urgency
from gateway.review.documents import ShownOpinion
from gateway.review.labels import REASONS
from gateway.review.referrals import ReferralState

Probability = Annotated[float, Field(ge=0, le=1)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShownSite(_Document):
    """A body site as it was said."""

    slug: str
    name: str


class Reason(_Document):
    """A fault of the photo, and what to do about it."""

    code: Literal[REASONS]  # type: ignore[valid-type]  # the codes stand in one place
    probability: Probability
    name: str
    advice: str


class Judgement(_Document):
    """Whether the photo can be used; faults may be told of a usable photo too."""

    usable: bool
    probability: Probability = Field(description="that the photo can be used")
    threshold: Probability = Field(description="from which probability on it can")
    reasons: list[Reason] = Field(description="the likeliest first")
    model: str = Field(description="task and version")
    demonstration: bool
    frame: int | None = Field(default=None, ge=1, description="only of a video: which of its frames was judged")


class RankedDisease(_Document):
    """One line of a ranking; only the first four members where the library does not know the disease."""

    rank: int = Field(ge=1)
    code: str
    probability: Probability
    name: str
    features: str | None = None
    contagious: bool | None = None
    malignant: bool | None = None
    urgency: Urgency | None = None
    wait: str | None = Field(default=None, description="whether it can wait, in words")
    home: str | None = Field(default=None, description="whether it can be treated at home, in words")
    advice: str | None = None
    picture: str | None = Field(
        default=None, description="of a reference case near the patient's facts, else the library's drawing"
    )
    picture_kind: Literal["case", "drawing"] | None = None
    similar: list[SimilarCase] = Field(
        default=[],
        description="of the first three diseases, the cases that it resembles by 0.5 at least, the nearest first",
    )
    matched: MatchedFacts | None = Field(default=None, description="null where no case is shown")


class Ranking(_Document):
    """Which diseases the photo most resembles, by a model's word."""

    decided: bool = Field(description="whether the first disease reaches the threshold")
    threshold: Probability
    model: str = Field(description="task and version")
    demonstration: bool
    unlikeness: Probability | None = Field(
        description="how unlike the photos that the model was trained on this one is; null where the model cannot tell"
    )
    told: list[Literal["sex", "age", "body_site"]] = Field(
        default=[], description="what the model was told of the patient, and the ranking went by beside the picture"
    )
    diseases: list[RankedDisease] = Field(description="the likeliest first")


class ShownReferral(_Document):
    """Whether a dermatologist should look at the case, and why."""

    state: Literal["none"] | ReferralState
    reasons: list[Literal["undecided", "malignant", "unknown", "asked"]]
    opinion: ShownOpinion | None = Field(
        description="the newest that was given, also before the case was referred anew"
    )


class DicomReference(ArchivedObject):
    """The object that the photo became, and the structured report of what the models found on it."""

    report: ArchivedObject | None = Field(default=None, description="null where reports are turned off")


class SubmissionDelivery(_Document):
    """How far the object is on its way to one destination."""

    destination: str
    state: DeliveryState


class SubmissionProblem(_Document):
    """Why a photo that was kept for later could not be processed."""

    code: str
    detail: str


class ShownOrder(_Document):
    """What became of the order that a photo was posted for."""

    state: Literal["found", "unknown", "unavailable"] = Field(
        description="found: patient, order and study are the worklist's; else the photo is as its sender said it"
    )
    overruled: list[str] = Field(description="fields that were typed, and in whose place the worklist's values stand")


class SaidBeside(_Document):
    """What its sender wrote beside a photo, for the doctor who looks at it; null where it was left out."""

    symptoms: str | None
    onset: str | None
    shape: str | None
    size_mm: float | None
    note: str | None


class Submission(_Document):
    """A photo and what became of it."""

    id: str
    case_id: str | None = Field(description="null while it is processed, and of a rejected photo")
    state: SubmissionState
    received_at: datetime
    patient_id: str | None = Field(
        description="null where nobody told it, and for callers who may not read the hospital's DICOM objects"
    )
    body_site: ShownSite | None
    laterality: Literal["R", "L", "B", "U"] | None
    kind: Literal["clinical", "dermoscopic"]
    said: SaidBeside | None = Field(
        default=None,
        description="what was written beside it; null where nothing was, and for callers who are not told `patient_id`",
    )
    media: Literal["photo", "video"] | None = Field(description="null of what could not be processed")
    frames: int | None = Field(ge=1, description="of the archived object: pages, or pictures of an animation or video")
    picture: str | None = Field(description="where its picture is, on this host; null while there is none")
    explanation: str | None = Field(
        description="where it is told what of the picture the first answer stands on, on this host; null without one"
    )
    judgement: Judgement | None
    ranking: Ranking | None = Field(description="null where the photo cannot be used")
    referral: ShownReferral = Field(description="of the photo's case")
    dicom: DicomReference | None = Field(description="null where the photo cannot be used")
    deliveries: list[SubmissionDelivery]
    worklist: ShownOrder | None = Field(description="null where the photo names no order, or there is no worklist")
    problem: SubmissionProblem | None = Field(default=None, description="only where processing failed after a 202")


class SubmissionPage(_Document):
    """One page of photos, the newest first."""

    photos: list[Submission]
    next: str | None = Field(description="the `cursor` of the next page; null at the end")


class ShownCase(_Document):
    """A case with its photos, the newest first."""

    id: str
    study_instance_uid: str
    started_at: datetime
    referral: ShownReferral
    photos: list[Submission]
