"""What a report says, as plain values. Text is cleaned and cut where it is written; UIDs are checked."""

from dataclasses import dataclass
from datetime import datetime

from gateway.conversion.facts import Laterality
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.uids import derived_uid


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image of the report's study."""

    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """What is followed over reports: one lesion keeps its `uid`; `identifier` is its name for people."""

    identifier: str
    uid: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where on the body: a concept of CID 4029, and the side."""

    concept: Concept
    laterality: Laterality | None = None


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A model: `sha256` is of its file, `threshold` (0..1) what its answer was held against.

    `told` names what it was told of the patient beside the picture.
    """

    name: str
    version: str
    sha256: str
    threshold: float
    demonstration: bool
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probable:
    """A fault or a disease with its probability, 0..1."""

    concept: Concept
    probability: float


@dataclass(frozen=True, slots=True)
class Quality:
    """The suitability model's answer: a verdict of CID 6044, P(usable) 0..1, and the faults that were told."""

    algorithm: Algorithm
    verdict: Concept
    score: float
    faults: tuple[Probable, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The disease model's answer, likeliest first; `decided` when the first reaches the threshold."""

    algorithm: Algorithm
    impressions: tuple[Probable, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class ModelFindings:
    """What the models found on one image; `picture` and `lesion` tell the two things that are followed.

    `frame` is the one of several that was judged, counted from 1; None: the image has no others.
    """

    image: ImageReference
    picture: Tracking
    lesion: Tracking
    site: Site
    dermoscopic: bool
    quality: Quality
    ranking: Ranking
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """A dermatologist's opinion of a case; `given_at` is aware, `doctor` free text or a PN, neither may be empty.

    `diagnoses` are the hypotheses, likeliest first; none where the doctor named none, and `comment` says why.
    """

    doctor: str
    organization: str
    given_at: datetime
    diagnoses: tuple[Concept, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """Where the report stands in the study; `made_at` is aware, and the same for every retry."""

    series_instance_uid: str
    series_number: int
    sop_instance_uid: str
    instance_number: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ReportingDevice:
    """The gateway as the reports' maker: its own UID, where it stands, and its version."""

    uid: str
    station: str
    software_version: str

    @classmethod
    def of_site(cls, name: str, station: str, software_version: str, root: str) -> "ReportingDevice":
        """The gateway of a site; its UID follows from what it is called."""
        return cls(derived_uid("gateway", name, station, root=root), station, software_version)
