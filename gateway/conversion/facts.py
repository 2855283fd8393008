"""What is known about a photo beside its pixels: the values a DICOM object is made from.

Every value here has been checked by whoever took it in. Text may still be of any length and alphabet: it is
cleaned and cut to its value representation when it is written; an identifier that does not fit is refused
(`InvalidFactsError`), since cutting it would name somebody or something else. `""` and None mean unknown.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timezone, tzinfo
from enum import StrEnum
from typing import Final, Literal

from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.picture import LossyStep

Sex = Literal["F", "M", "O"]
Laterality = Literal["R", "L", "B", "U"]
"""Right, left, both, and unpaired or unknown (PS3.3 C.7.6.1.1.6)."""
Kind = Literal["clinical", "dermoscopic"]
Immersion = Literal["ULTRASOUND_GEL", "ALCOHOL", "WATER", "MINERAL_OIL", "PLASTIC_CAP"]
"""Defined terms of Immersion Media (0016,1004)."""

SPACINGS_MM: Final = (0.0001, 10.0)
"""Between these lies the distance of two pixels in the plane of the skin."""


class SopClass(StrEnum):
    """The classes a photo or video is stored as."""

    VL_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4"
    DERMOSCOPIC = "1.2.840.10008.5.1.4.1.1.77.1.7"
    SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
    MULTI_FRAME_TRUE_COLOR_SC = "1.2.840.10008.5.1.4.1.1.7.4"
    VIDEO_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4.1"


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """The person shown. `patient_id` is never empty: strangers get one of `uids.unidentified_patient_id`.

    `name` is free text or a DICOM PN; `age` is an Age String, as `034Y` or `018M`. `issuer_of_patient_id` is never
    guessed: whose number it is, its sender knows.
    """

    patient_id: str
    issuer_of_patient_id: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: Sex | None = None
    age: str = ""


@dataclass(frozen=True, slots=True)
class StudyBegin:
    """When a study began and its id, as its earlier objects have it, to the letter: DA and TM, "" for unknown.

    `zone` is the offset from UTC that they are written at, None where they tell none.
    """

    study_id: str
    date: str
    time: str
    zone: timezone | None = None


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """The case the photo belongs to; `started_at` is aware and the same for every object of the study.

    `begin` goes before it, and before `study_id`, in a study that has objects already.
    `requested_procedure_id` and `scheduled_step_id` name the order that was worked off, `requesting_service` who
    gave it.
    """

    study_instance_uid: str
    study_id: str
    started_at: datetime
    accession_number: str = ""
    admission_id: str = ""
    description: str = ""
    requesting_service: str = ""
    requested_procedure_id: str = ""
    scheduled_step_id: str = ""
    begin: StudyBegin | None = None


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """The series within the study; `number` counts from 1."""

    series_instance_uid: str
    number: int = 1
    description: str = ""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """The camera as the sender or the device registry names it; what is empty is taken from EXIF."""

    maker: str = ""
    model: str = ""
    serial: str = ""
    software: str = ""


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What the picture shows and how it was taken, as its sender said.

    `body_site` is a slug of `body_sites`; `captured_at` is aware (None: EXIF's moment is used where it has
    one); `size_mm` is the lesion's stated size, `magnification` the optical one. `pixel_spacing_mm` is the distance
    of rows, then of columns, in the plane of the skin, known from a scale in the picture or a fixed distance alone;
    it is that of the upright picture. `note`, `shape`, `symptoms`
    and `onset` are free text. `tracking_uid` and `tracking_id` name one lesion over time: both or none.
    """

    kind: Kind = "clinical"
    body_site: str | None = None
    laterality: Laterality | None = None
    captured_at: datetime | None = None
    polarized: bool | None = None
    contact: bool | None = None
    immersion: Immersion | None = None
    magnification: float | None = None
    size_mm: float | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    shape: str = ""
    symptoms: str = ""
    onset: str = ""
    note: str = ""
    tracking_uid: str = ""
    tracking_id: str = ""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """Where the gateway works; `timezone` gives wall-clock times (of EXIF, of DA and TM) their meaning.

    `hangul_group` is the PN component group that a name written in Hangul alone is put into (1 or 2).
    `content_qualification` says whether the objects are fit for clinical use (PS3.3 C.12.1, 0018,9004).
    """

    institution: str = ""
    station: str = ""
    department: str = ""
    timezone: tzinfo = UTC
    hangul_group: Literal[1, 2] = 1
    content_qualification: Literal["PRODUCT", "RESEARCH", "SERVICE"] | None = None


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """Everything one DICOM object says beside its pixels.

    `received_at` is aware: when the gateway got the photo. `burned_in_annotation`: text in the picture
    identifies the patient; `recognizable_features`: so does a face, tattoo or fingerprint; None where nobody
    looked. `software_version` is the gateway's own. Without `keeps_serials` the serial numbers that the picture itself
    tells of camera and lens are left out, where its class does not demand them: a patient's own telephone is known
    by them.
    """

    patient: PatientFacts
    study: StudyFacts
    series: SeriesFacts
    sop_instance_uid: str
    received_at: datetime
    software_version: str
    instance_number: int = 1
    device: DeviceFacts = field(default_factory=DeviceFacts)
    photo: PhotoFacts = field(default_factory=PhotoFacts)
    site: SiteFacts = field(default_factory=SiteFacts)
    operator: str = ""
    referring_physician: str = ""
    burned_in_annotation: bool | None = None
    recognizable_features: bool | None = None
    keeps_serials: bool = True


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video's bit stream is, as its object says it (PS3.3 A.32.7).

    `frame_time_ms` is the time from one frame to the next, the same throughout; `transfer_syntax_uid` is that of the
    stream (PS3.5 8.2.5 to 8.2.8); `audio_channels` is 0 without sound, 1 or 2 with it. `lossy` holds one step for
    the camera's own compression and one more for each time the frames were coded anew, which is `derived` then;
    `derivation` says in words what was done. `exif` is what the container tells of the camera and the moment.
    """

    rows: int
    columns: int
    frames: int
    frame_time_ms: float
    transfer_syntax_uid: str
    lossy: tuple[LossyStep, ...]
    audio_channels: Literal[0, 1, 2] = 0
    derived: bool = False
    derivation: str = ""
    exif: ExifFacts = field(default_factory=ExifFacts)

    @property
    def cine_rate(self) -> int:
        """Frames a second, as a whole number of at least 1."""
        return max(1, round(1000 / self.frame_time_ms))
