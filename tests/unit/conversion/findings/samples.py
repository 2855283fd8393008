"""Findings and images for the tests of reports."""

from datetime import UTC, datetime

from pydicom.dataset import Dataset

from gateway.conversion.codes.tables import current_codes
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.facts import (
    Algorithm,
    ImageReference,
    ModelFindings,
    Probable,
    Quality,
    Ranking,
    ReportingDevice,
    ReportPlace,
    Site,
    Tracking,
)
from tests.iod_tables import attributes_of, iod_of

VL = "1.2.840.10008.5.1.4.1.1.77.1.4"
MADE_AT = datetime(2026, 5, 1, 9, 30, 15, 250000, tzinfo=UTC)
DEVICE = ReportingDevice(uid="2.25.900", station="DERMGATE", software_version="1.2.3")
IMAGE = ImageReference("2.25.11", VL, "2.25.12")
LESION = Tracking("mole on the left arm", "2.25.44")
PLACE = ReportPlace("2.25.21", 101, "2.25.22", 3, MADE_AT)
FOREARM = Concept("70559009", "SCT", "Skin of anterior surface of forearm")
_OF_OTHER_VALUE_TYPES = {
    *("ConceptCodeSequence", "GraphicData", "GraphicType", "MeasuredValueSequence", "ReferencedFrameOfReferenceUID"),
    *("ReferencedSOPSequence", "TabulatedValuesSequence", "TemporalRangeType"),
}
"""Of the SR Document Content module, where the root is no container."""


def algorithm(name: str, *, demonstration: bool = True) -> Algorithm:
    return Algorithm(name, "7", "ab" * 32, 0.5, demonstration)


def disease(slug: str) -> Concept:
    found = current_codes().diseases[slug]
    return Concept(found.code, found.scheme, found.meaning)


def quality_concept(slug: str) -> Concept:
    found = current_codes().quality[slug]
    return Concept(found.code, found.scheme, found.meaning)


def findings(
    *,
    impressions: tuple[Probable, ...] | None = None,
    faults: tuple[Probable, ...] = (),
    demonstration: bool = True,
    lesion: Tracking = LESION,
    site: Site | None = None,
    image: ImageReference = IMAGE,
    dermoscopic: bool = False,
) -> ModelFindings:
    """What models might have found."""
    if impressions is None:
        impressions = (
            Probable(disease("melanoma"), 0.6125),
            Probable(disease("psoriasis"), 0.3),
            Probable(Concept("a_disease_without_a_code", "99DERMGATE", "a_disease_without_a_code"), 0.0875),
        )
    return ModelFindings(
        image=image,
        picture=Tracking("photo", "2.25.45"),
        lesion=lesion,
        site=site or Site(FOREARM, "L"),
        dermoscopic=dermoscopic,
        quality=Quality(
            algorithm("suitability", demonstration=demonstration), quality_concept("usable"), 0.9321, faults
        ),
        ranking=Ranking(algorithm("disease", demonstration=demonstration), impressions, decided=True),
    )


def missing(report: Dataset) -> set[str]:
    """Type 1 and 2 attributes of the IOD's mandatory modules that the report lacks."""
    rows = attributes_of(iod_of(str(report.SOPClassUID)), "M")
    wanted = {row.keyword for row in rows if row.type in {"1", "2"} and not row.path}
    return {keyword for keyword in wanted - _OF_OTHER_VALUE_TYPES if keyword not in report}


def image_header(name: str = "Hong^Gildong=洪^吉洞=홍^길동") -> Dataset:
    """The header of an image as the conversion writes it, as far as a report looks at it."""
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.SOPClassUID, header.SOPInstanceUID = VL, "2.25.12"
    header.StudyInstanceUID, header.SeriesInstanceUID = "2.25.10", "2.25.11"
    header.StudyID, header.StudyDate, header.StudyTime = "S1", "20260501", "183015"
    header.AccessionNumber, header.ReferringPhysicianName = "A1", ""
    header.PatientName, header.PatientID, header.IssuerOfPatientID = name, "12345678", "SNUH"
    header.PatientBirthDate, header.PatientSex, header.PatientAge = "19800102", "F", "046Y"
    header.AdmissionID, header.RequestingService = "V7", "외래"
    header.InstitutionName, header.StationName = "서울병원", "DERMGATE"
    header.TimezoneOffsetFromUTC = "+0900"
    header.Rows, header.Columns = 480, 640
    return header
