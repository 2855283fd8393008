"""The models' report of one image: TID 1500 with a TID 1501 group for suitability and one for each hypothesis.

Complete but preliminary and unverified: a model's output that nobody has looked at.
"""

from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.context_modules import PRODUCT
from gateway.conversion.dataset import checked_uid
from gateway.conversion.findings import concepts
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.content import UNVERIFIED, document, site_items, source_item, tracking_items
from gateway.conversion.findings.document import ReportObject, report_object
from gateway.conversion.findings.elements import Encoded
from gateway.conversion.findings.facts import (
    Algorithm,
    ModelFindings,
    Probable,
    Quality,
    Ranking,
    ReportingDevice,
    ReportPlace,
)
from gateway.conversion.findings.items import (
    Relationship,
    code_item,
    container_item,
    number_item,
    qualified_item,
    text_item,
    uid_item,
)
from gateway.conversion.text import single_line

MAX_IMPRESSIONS: Final = 5
"""How many hypotheses a report holds: what a ranking says further down is noise."""

UNSEEN: Final = "Found by a model and seen by nobody yet."
DEMONSTRATION: Final = "Made by a demonstration model: not for clinical use."
UNDECIDED: Final = "Undecided: no disease reached the threshold."

_DESCRIPTION: Final = "Model findings, unverified"


def model_report(
    findings: ModelFindings, study_object: Dataset, place: ReportPlace, device: ReportingDevice
) -> ReportObject:
    """The report of what the models found; the same values always give the same bytes.

    `study_object` is the header of the image, or of another object of its study. Raises InvalidFactsError where a
    UID is none.
    """
    checked_uid(findings.lesion.uid, "tracking_uid")
    groups = (_suitability(findings), *_hypotheses(findings))
    content = document(
        study_object,
        state=UNVERIFIED,
        images=(findings.image,),
        items=(
            *_observer(device),
            code_item("HAS CONCEPT MOD", concepts.PROCEDURE_REPORTED, _procedure(findings)),
            container_item(concepts.IMAGING_MEASUREMENTS, groups),
            text_item("CONTAINS", concepts.COMMENT, _comment(findings)),
        ),
    )
    suffix = " (demonstration)" if _is_demonstration(findings) else ""
    return report_object(study_object, place, device, _DESCRIPTION + suffix, content)


def _observer(device: ReportingDevice) -> tuple[Encoded, ...]:
    """TID 1004: the gateway."""
    return (
        code_item("HAS OBS CONTEXT", concepts.OBSERVER_TYPE, concepts.DEVICE),
        uid_item("HAS OBS CONTEXT", concepts.DEVICE_OBSERVER_UID, checked_uid(device.uid, "device_uid")),
        text_item("HAS OBS CONTEXT", concepts.DEVICE_OBSERVER_NAME, single_line(device.station, 64) or PRODUCT),
        text_item("HAS OBS CONTEXT", concepts.DEVICE_OBSERVER_MANUFACTURER, PRODUCT),
        text_item("HAS OBS CONTEXT", concepts.DEVICE_OBSERVER_MODEL, PRODUCT),
        text_item("HAS OBS CONTEXT", concepts.DEVICE_OBSERVER_SERIAL, device.uid),
    )


def _procedure(findings: ModelFindings) -> Concept:
    return concepts.DERMOSCOPIC_PHOTOGRAPHY if findings.dermoscopic else concepts.PHOTOGRAPHY


def _suitability(findings: ModelFindings) -> Encoded:
    quality: Quality = findings.quality
    return container_item(
        concepts.MEASUREMENT_GROUP,
        (
            *tracking_items(findings.picture),
            *_algorithm(quality.algorithm),
            number_item("CONTAINS", concepts.SUITABILITY_SCORE, f"{quality.score:.4f}", concepts.NO_UNITS),
            code_item("CONTAINS", concepts.QUALITY_ASSESSMENT, quality.verdict),
            *(_fault(fault) for fault in quality.faults),
            source_item(findings.image, findings.frame),
        ),
        template="1501",
    )


def _fault(fault: Probable) -> Encoded:
    certainty = _percent("HAS PROPERTIES", concepts.CERTAINTY_OF_FINDING, fault.probability)
    return qualified_item("CONTAINS", concepts.QUALITY_FINDING, fault.concept, certainty)


def _hypotheses(findings: ModelFindings) -> tuple[Encoded, ...]:
    ranking: Ranking = findings.ranking
    before = (
        *tracking_items(findings.lesion),
        code_item("CONTAINS", concepts.FINDING, concepts.SKIN_LESION),
        *site_items(findings.site),
        *_algorithm(ranking.algorithm),
    )
    after = source_item(findings.image, findings.frame)
    return tuple(
        container_item(concepts.MEASUREMENT_GROUP, (*before, *_impression(rank, impression), after), template="1501")
        for rank, impression in enumerate(ranking.impressions[:MAX_IMPRESSIONS], 1)
    )


def _impression(rank: int, impression: Probable) -> tuple[Encoded, ...]:
    return (
        _percent("CONTAINS", concepts.CERTAINTY_OF_IMPRESSION, impression.probability),
        number_item("CONTAINS", concepts.RANK, str(rank), concepts.NO_UNITS),
        code_item("CONTAINS", concepts.DIFFERENTIAL_DIAGNOSIS, impression.concept),
    )


def _percent(relationship: Relationship, name: Concept, probability: float) -> Encoded:
    return number_item(relationship, name, f"{100 * probability:.2f}", concepts.PERCENT)


def _algorithm(algorithm: Algorithm) -> tuple[Encoded, ...]:
    """TID 4019; the parameters say which file it was, what its answer was held against, and what it was told."""
    parameters = [
        f"sha256={algorithm.sha256}",
        f"threshold={algorithm.threshold:g}",
        *([f"context={','.join(algorithm.told)}"] if algorithm.told else []),
        *(["demonstration=yes"] if algorithm.demonstration else []),
    ]
    return (
        text_item("HAS CONCEPT MOD", concepts.ALGORITHM_NAME, algorithm.name),
        text_item("HAS CONCEPT MOD", concepts.ALGORITHM_VERSION, algorithm.version),
        *(text_item("HAS CONCEPT MOD", concepts.ALGORITHM_PARAMETERS, each) for each in parameters),
        code_item("HAS CONCEPT MOD", concepts.ALGORITHM_FAMILY, concepts.ARTIFICIAL_INTELLIGENCE),
    )


def _is_demonstration(findings: ModelFindings) -> bool:
    return findings.quality.algorithm.demonstration or findings.ranking.algorithm.demonstration


def _comment(findings: ModelFindings) -> str:
    sentences = [UNSEEN]
    if _is_demonstration(findings):
        sentences.append(DEMONSTRATION)
    if not findings.ranking.decided:
        sentences.append(UNDECIDED)
    return " ".join(sentences)
