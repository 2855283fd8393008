"""The DICOM JSON of a page of search results: kept attributes, and what is counted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from dicomweb.archive import JsonObject, Level, Search
from dicomweb.attributes import (
    AVAILABLE_TRANSFER_SYNTAX_UID,
    INSTANCE_AVAILABILITY,
    MODALITIES_IN_STUDY,
    SERIES_RELATED_INSTANCES,
    STUDY_RELATED_INSTANCES,
    STUDY_RELATED_SERIES,
    level_of,
    returned,
)
from dicomweb.dicom_json import tag_key
from dicomweb.transfer_syntaxes import available_syntaxes
from gateway.archive.facts import INSTANCE_TAGS
from gateway.archive.tables import InstanceRow, PatientRow, RevisionRow, SeriesRow, StudyRow

SOP_CLASSES_IN_STUDY = 0x00080062
_ADDED = frozenset({INSTANCE_AVAILABILITY, AVAILABLE_TRANSFER_SYNTAX_UID})
_OF_STUDY = frozenset({MODALITIES_IN_STUDY, SOP_CLASSES_IN_STUDY, STUDY_RELATED_SERIES, STUDY_RELATED_INSTANCES})


def answers(session: Session, search: Search, row_ids: Sequence[int]) -> list[JsonObject]:
    """The answers of these rows of the search's level, in the order given."""
    if not row_ids:
        return []
    found = _ROWS[search.level](session, search, row_ids)
    _count(session, search, list(found.values()))
    in_order = (found[row_id] for row_id in row_ids if row_id in found)
    return [_chosen(answer.attributes, search) for answer in in_order]


class _Answer:
    """Attributes of one answer as they gather, and the rows above it."""

    __slots__ = ("attributes", "series_row_id", "study_row_id")

    def __init__(self, study_row_id: int, series_row_id: int | None, *levels: JsonObject) -> None:
        self.study_row_id = study_row_id
        self.series_row_id = series_row_id
        self.attributes: JsonObject = {tag_key(INSTANCE_AVAILABILITY): {"vr": "CS", "Value": ["ONLINE"]}}
        for level in levels:
            self.attributes.update(level)

    def add(self, tag: int, vr: str, *values: str | int) -> None:
        self.attributes[tag_key(tag)] = {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def _studies(session: Session, _search: Search, row_ids: Sequence[int]) -> dict[int, _Answer]:
    query = (
        select(StudyRow.id, PatientRow.attributes, StudyRow.attributes)
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .where(StudyRow.id.in_(row_ids))
    )
    return {row[0]: _Answer(row[0], None, row[1], row[2]) for row in session.execute(query)}


def _series(session: Session, _search: Search, row_ids: Sequence[int]) -> dict[int, _Answer]:
    query = (
        select(SeriesRow.id, StudyRow.id, PatientRow.attributes, StudyRow.attributes, SeriesRow.attributes)
        .join(StudyRow, StudyRow.id == SeriesRow.study_row_id)
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .where(SeriesRow.id.in_(row_ids))
    )
    return {row[0]: _Answer(row[1], row[0], *row[2:]) for row in session.execute(query)}


def _instances(session: Session, search: Search, row_ids: Sequence[int]) -> dict[int, _Answer]:
    # Attributes that are kept for no search stand in the header, which is large: it is read only when asked for.
    own = RevisionRow.header if _asks_for_header(search) else InstanceRow.attributes
    query = (
        select(
            InstanceRow.id, StudyRow.id, SeriesRow.id, RevisionRow.transfer_syntax_uid,
            PatientRow.attributes, StudyRow.attributes, SeriesRow.attributes, own,
        )
        .join(RevisionRow, and_(RevisionRow.instance_id == InstanceRow.id, RevisionRow.number == InstanceRow.revision))
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .where(InstanceRow.id.in_(row_ids))
    )  # fmt: skip
    found: dict[int, _Answer] = {}
    for row in session.execute(query):
        found[row[0]] = answer = _Answer(row[1], row[2], *row[4:])
        answer.add(AVAILABLE_TRANSFER_SYNTAX_UID, "UI", *available_syntaxes(row[3]))
    return found


_ROWS = {Level.STUDY: _studies, Level.SERIES: _series, Level.INSTANCE: _instances}


def _asks_for_header(search: Search) -> bool:
    if search.include is None:
        return True
    kept = INSTANCE_TAGS | _ADDED
    return any(level_of(tag) is Level.INSTANCE and tag not in kept for tag in search.include)


def _count(session: Session, search: Search, found: Sequence[_Answer]) -> None:
    """Add what is counted, as far as it is returned: what a study and what a series holds."""
    if any(returned(tag, search.level, search.include) for tag in _OF_STUDY):
        _count_in_studies(session, found)
    if returned(SERIES_RELATED_INSTANCES, search.level, search.include):
        _count_in_series(session, found)


def _count_in_studies(session: Session, found: Sequence[_Answer]) -> None:
    studies = {answer.study_row_id for answer in found}
    series = _grouped(session, SeriesRow.study_row_id, SeriesRow.modality, studies)
    instances = _grouped(session, InstanceRow.study_row_id, InstanceRow.sop_class_uid, studies)
    for answer in found:
        by_modality, by_class = series.get(answer.study_row_id, {}), instances.get(answer.study_row_id, {})
        answer.add(MODALITIES_IN_STUDY, "CS", *sorted(modality for modality in by_modality if modality))
        answer.add(SOP_CLASSES_IN_STUDY, "UI", *sorted(by_class))
        answer.add(STUDY_RELATED_SERIES, "IS", sum(by_modality.values()))
        answer.add(STUDY_RELATED_INSTANCES, "IS", sum(by_class.values()))


def _grouped(session: Session, owner: Any, kind: Any, owners: set[int]) -> dict[int, dict[str, int]]:
    """Owner -> kind -> how many rows."""
    counts: dict[int, dict[str, int]] = {}
    query = select(owner, kind, func.count()).where(owner.in_(owners)).group_by(owner, kind)
    for owner_id, value, count in session.execute(query):
        counts.setdefault(owner_id, {})[value] = count
    return counts


def _count_in_series(session: Session, found: Sequence[_Answer]) -> None:
    series = {answer.series_row_id for answer in found}
    query = (
        select(InstanceRow.series_row_id, func.count())
        .where(InstanceRow.series_row_id.in_(series))
        .group_by(InstanceRow.series_row_id)
    )
    counts: dict[int | None, int] = {row[0]: row[1] for row in session.execute(query)}
    for answer in found:
        answer.add(SERIES_RELATED_INSTANCES, "IS", counts.get(answer.series_row_id, 0))


def _chosen(attributes: JsonObject, search: Search) -> JsonObject:
    """What the search returns of the attributes, by ascending tag."""
    return {tag: attributes[tag] for tag in sorted(attributes) if returned(int(tag, 16), search.level, search.include)}
