"""What holds for every photo of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.config import SiteSettings

Names = Literal["uid", "source"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What every object is made by; sizes are bounds of one photo."""

    site: SiteSettings
    store_as: Literal["photographic", "secondary_capture"]
    max_bytes: int
    max_pixels: int
    software_version: str


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
    max_pixels: int
