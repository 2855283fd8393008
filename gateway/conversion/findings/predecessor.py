"""What a later report takes over from the earlier ones of its study: read from their headers as they are archived.

The headers may hold anything: reports that others sent are in the same study. What is not there is not taken over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from gateway.conversion.findings import concepts
from gateway.conversion.findings.concepts import Concept
from gateway.conversion.findings.facts import ImageReference, Site, Tracking

_MAX_DEPTH: Final = 8


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """A report, the lesion and site it speaks of where it names one, and the procedures it reports on."""

    itself: ImageReference
    lesion: Tracking | None
    site: Site | None
    procedures: tuple[Concept, ...]


def read_report(header: Dataset) -> EarlierReport:
    """The header of a structured report as far as later ones need it."""
    group = next(_lesion_groups(header), None)
    return EarlierReport(
        itself=ImageReference(str(header.SeriesInstanceUID), str(header.SOPClassUID), str(header.SOPInstanceUID)),
        lesion=None if group is None else _tracking(group),
        site=None if group is None else _site(group),
        procedures=tuple(_procedures(header)),
    )


def shared_lesion(reports: Sequence[EarlierReport]) -> Tracking | None:
    """The one lesion that all reports speak of; None where there are several, or none."""
    lesions = {report.lesion for report in reports}
    return lesions.pop() if len(lesions) == 1 else None


def shared_site(reports: Sequence[EarlierReport]) -> Site | None:
    """The one site that all reports speak of."""
    sites = {report.site for report in reports}
    return sites.pop() if len(sites) == 1 else None


def all_procedures(reports: Sequence[EarlierReport]) -> tuple[Concept, ...]:
    """Every procedure that a report is on, once, in the reports' order."""
    return tuple(dict.fromkeys(procedure for report in reports for procedure in report.procedures))


def _procedures(header: Dataset) -> Iterator[Concept]:
    for item in _items(header, "ContentSequence"):
        if _is(item, concepts.PROCEDURE_REPORTED) and (procedure := _concept(item)):
            yield procedure


def _lesion_groups(item: Dataset, depth: int = 0) -> Iterator[Dataset]:
    """Containers that hold the finding of a skin lesion."""
    children = _items(item, "ContentSequence") if depth < _MAX_DEPTH else []
    if any(_value(child, concepts.FINDING) == concepts.SKIN_LESION.code for child in children):
        yield item
    for child in children:
        yield from _lesion_groups(child, depth + 1)


def _tracking(group: Dataset) -> Tracking | None:
    children = _items(group, "ContentSequence")
    names = [str(child.get("TextValue", "")) for child in children if _is(child, concepts.TRACKING_IDENTIFIER)]
    uids = [str(child.get("UID", "")) for child in children if _is(child, concepts.TRACKING_UID)]
    return Tracking(names[0] if names else "", uids[0]) if uids and uids[0] else None


def _site(group: Dataset) -> Site | None:
    item = next((each for each in _items(group, "ContentSequence") if _is(each, concepts.FINDING_SITE)), None)
    concept = None if item is None else _concept(item)
    if item is None or concept is None:
        return None
    said = {_value(each, concepts.LATERALITY) for each in _items(item, "ContentSequence")}
    sides = [side for side, concept in concepts.SIDES.items() if concept.code in said]
    return Site(concept, sides[0] if sides else None)


def _concept(item: Dataset) -> Concept | None:
    """The value of a coded item, where it has a whole one."""
    code = next(iter(_items(item, "ConceptCodeSequence")), Dataset())
    value, scheme, meaning = (
        str(code.get(keyword, "")) for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
    )
    return Concept(value, scheme, meaning) if value and scheme else None


def _is(item: Dataset, name: Concept) -> bool:
    return any(str(code.get("CodeValue", "")) == name.code for code in _items(item, "ConceptNameCodeSequence"))


def _value(item: Dataset, name: Concept) -> str:
    if not _is(item, name):
        return ""
    return next((str(code.get("CodeValue", "")) for code in _items(item, "ConceptCodeSequence")), "")


def _items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    return dataset.get(keyword) or ()
