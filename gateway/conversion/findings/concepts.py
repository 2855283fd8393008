"""The coded concepts a report is made of (PS3.16; private ones under 99DERMGATE)."""

from dataclasses import dataclass
from typing import Final

from gateway.conversion.codes.quality import PRIVATE_SCHEME
from gateway.conversion.facts import Laterality


@dataclass(frozen=True, slots=True)
class Concept:
    """A code, the scheme it belongs to, and what it means in English (64 characters at most are written)."""

    code: str
    scheme: str
    meaning: str


def _dcm(code: str, meaning: str) -> Concept:
    return Concept(code, "DCM", meaning)


def _sct(code: str, meaning: str) -> Concept:
    return Concept(code, "SCT", meaning)


IMAGING_MEASUREMENT_REPORT: Final = _dcm("126000", "Imaging Measurement Report")
IMAGING_MEASUREMENTS: Final = _dcm("126010", "Imaging Measurements")
MEASUREMENT_GROUP: Final = _dcm("125007", "Measurement Group")
LANGUAGE: Final = _dcm("121049", "Language of Content Item and Descendants")
ENGLISH: Final = Concept("en-US", "RFC5646", "English (United States)")
KOREAN: Final = Concept("ko", "RFC5646", "Korean")
COMMENT: Final = _dcm("121106", "Comment")

OBSERVER_TYPE: Final = _dcm("121005", "Observer Type")
PERSON: Final = _dcm("121006", "Person")
DEVICE: Final = _dcm("121007", "Device")
PERSON_OBSERVER_NAME: Final = _dcm("121008", "Person Observer Name")
PERSON_OBSERVER_ORGANIZATION: Final = _dcm("121009", "Person Observer's Organization Name")
DEVICE_OBSERVER_UID: Final = _dcm("121012", "Device Observer UID")
DEVICE_OBSERVER_NAME: Final = _dcm("121013", "Device Observer Name")
DEVICE_OBSERVER_MANUFACTURER: Final = _dcm("121014", "Device Observer Manufacturer")
DEVICE_OBSERVER_MODEL: Final = _dcm("121015", "Device Observer Model Name")
DEVICE_OBSERVER_SERIAL: Final = _dcm("121016", "Device Observer Serial Number")

PROCEDURE_REPORTED: Final = _dcm("121058", "Procedure reported")
PHOTOGRAPHY: Final = _sct("197157006", "Photography of patient")
DERMOSCOPIC_PHOTOGRAPHY: Final = _sct("446078004", "Dermoscopic photography")

TRACKING_IDENTIFIER: Final = _dcm("112039", "Tracking Identifier")
TRACKING_UID: Final = _dcm("112040", "Tracking Unique Identifier")
SOURCE_OF_MEASUREMENT: Final = _dcm("121112", "Source of Measurement")

ALGORITHM_NAME: Final = _dcm("111001", "Algorithm Name")
ALGORITHM_VERSION: Final = _dcm("111003", "Algorithm Version")
ALGORITHM_PARAMETERS: Final = _dcm("111002", "Algorithm Parameters")
ALGORITHM_FAMILY: Final = _dcm("111000", "Algorithm Family")
ARTIFICIAL_INTELLIGENCE: Final = _dcm("123110", "Artificial Intelligence")

QUALITY_ASSESSMENT: Final = _dcm("111050", "Quality Assessment")
QUALITY_FINDING: Final = _dcm("111052", "Quality Finding")
CERTAINTY_OF_FINDING: Final = _dcm("111012", "Certainty of Finding")
SUITABILITY_SCORE: Final = Concept("SUITABILITY", PRIVATE_SCHEME, "Suitability score")

FINDING: Final = _dcm("121071", "Finding")
SKIN_LESION: Final = _sct("95324001", "Skin lesion")
FINDING_SITE: Final = _sct("363698007", "Finding Site")
LATERALITY: Final = _sct("272741003", "Laterality")
SIDES: Final[dict[Laterality, Concept]] = {
    "R": _sct("24028007", "Right"),
    "L": _sct("7771000", "Left"),
    "B": _sct("51440002", "Bilateral"),
}
"""CID 244; a site that is unpaired, or whose side nobody knows, has none."""

DIFFERENTIAL_DIAGNOSIS: Final = _dcm("111023", "Differential Diagnosis/Impression")
CERTAINTY_OF_IMPRESSION: Final = _dcm("111013", "Certainty of Impression")
RANK: Final = Concept("RANK", PRIVATE_SCHEME, "Rank in the differential diagnosis")

PERCENT: Final = Concept("%", "UCUM", "Percent")
NO_UNITS: Final = Concept("1", "UCUM", "no units")
