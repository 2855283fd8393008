"""What the content of every report has in common (PS3.3 C.17.2 and C.17.3; PS3.16 TID 1500 and 1501)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.dataset import checked_uid
from gateway.conversion.findings import concepts
from gateway.conversion.findings.elements import Encoded, empty, joined, sequence, text
from gateway.conversion.findings.facts import ImageReference, Site, Tracking
from gateway.conversion.findings.items import (
    code_item,
    container,
    image_item,
    qualified_item,
    reference,
    text_item,
    uid_item,
)
from gateway.conversion.text import single_line

_UT: Final = 256


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the flags of the document say; `verifiers` and `predecessors` are whole elements."""

    verification: str
    preliminary: str
    verifiers: Encoded | None = None
    predecessors: Encoded | None = None


UNVERIFIED: Final = DocumentState(verification="UNVERIFIED", preliminary="PRELIMINARY")


def document(
    study_object: Dataset, *, state: DocumentState, images: Sequence[ImageReference], items: tuple[Encoded, ...]
) -> Encoded:
    """Every element of a report from Value Type (0040,A040) on: the root container with the document's attributes."""
    study = str(study_object.StudyInstanceUID)
    attributes = joined(
        *((state.verifiers,) if state.verifiers else ()),
        *((state.predecessors,) if state.predecessors else ()),
        empty(0x0040A372, "SQ"),
        evidence(0x0040A375, study, images),
        text(0x0040A491, "CS", "COMPLETE"),
        text(0x0040A493, "CS", state.verification),
        text(0x0040A496, "CS", state.preliminary),
    )
    language = code_item("HAS CONCEPT MOD", concepts.LANGUAGE, concepts.ENGLISH)
    return container(concepts.IMAGING_MEASUREMENT_REPORT, (language, *items), "1500", between=attributes)


def evidence(tag: int, study_instance_uid: str, objects: Sequence[ImageReference]) -> Encoded:
    """A sequence of the Hierarchical SOP Instance Reference Macro, all within one study (PS3.3 C.17.2.1)."""
    by_series: dict[str, list[ImageReference]] = {}
    for each in objects:
        by_series.setdefault(each.series_instance_uid, []).append(each)
    series = [_series(series_instance_uid, members) for series_instance_uid, members in by_series.items()]
    return sequence(tag, joined(sequence(0x00081115, *series), text(0x0020000D, "UI", study_instance_uid)))


def tracking_items(tracking: Tracking) -> tuple[Encoded, ...]:
    """What the group is about, so that it is found again in other reports."""
    uid = checked_uid(tracking.uid, "tracking_uid")
    return (
        text_item("HAS OBS CONTEXT", concepts.TRACKING_IDENTIFIER, single_line(tracking.identifier, _UT) or uid),
        uid_item("HAS OBS CONTEXT", concepts.TRACKING_UID, uid),
    )


def site_items(site: Site) -> tuple[Encoded, ...]:
    """The finding site, with its side where it has one."""
    side = concepts.SIDES.get(site.laterality) if site.laterality else None
    sides = (code_item("HAS CONCEPT MOD", concepts.LATERALITY, side),) if side else ()
    return (qualified_item("HAS CONCEPT MOD", concepts.FINDING_SITE, site.concept, *sides),)


def source_item(image: ImageReference, frame: int | None = None) -> Encoded:
    """The image that was looked at, or the one frame of it."""
    return image_item("CONTAINS", concepts.SOURCE_OF_MEASUREMENT, image.sop_class_uid, image.sop_instance_uid, frame)


def _series(series_instance_uid: str, objects: Sequence[ImageReference]) -> Encoded:
    references = [reference(each.sop_class_uid, each.sop_instance_uid) for each in objects]
    return joined(sequence(0x00081199, *references), text(0x0020000E, "UI", series_instance_uid))
