"""What holds for every photo of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.config import IntakeSettings, SiteSettings

Names = Literal["uid", "source"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What every object is made by: the site, what a photo or video may be and is stored as, and our version."""

    site: SiteSettings
    intake: IntakeSettings
    software_version: str

    def most_bytes(self, *, is_video: bool) -> int:
        """The size of the largest file that is taken."""
        return self.intake.max_video_bytes if is_video else self.intake.max_bytes


@dataclass(frozen=True, slots=True)
class Placement:
    """Where objects are written, what they are called, and whether other content may be replaced."""

    folder: Path
    names: Names
    overwrite: bool


@dataclass(frozen=True, slots=True)
class JudgeTerms:
    """Which models judge, by the folders of their versions, and how."""

    suitability: Path
    disease: Path
    disease_threshold: float
    refer_malignant: float
    unknown_threshold: float | None
    report: bool
