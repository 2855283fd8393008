"""The disease library's entries: what each disease is called, looks like, and asks of the patient.

Codes are SNOMED CT disorders (dicom-brief C4); texts are our own. The reference cases come with a later version.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Literal

from gateway.language import Language

Urgency = Literal["self_care", "routine", "soon", "urgent"]


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease; `slug` is the label models use, `code` within `scheme` what DICOM objects say."""

    slug: str
    code: str
    scheme: str
    meaning: str
    malignant: bool
    contagious: bool
    urgency: Urgency
    name: Mapping[Language, str]
    features: Mapping[Language, str]
    advice: Mapping[Language, str]


@functools.cache
def diseases() -> Mapping[str, Disease]:
    """Every disease by slug."""
    entries = json.loads(resources.files(__package__).joinpath("diseases.json").read_text("utf-8"))
    return MappingProxyType({entry["slug"]: Disease(**entry) for entry in entries})
