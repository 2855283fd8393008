"""Finding the rows of a page: which ones, in which order, and how many there are behind.

Order, the same at every page: studies by StudyDate and StudyTime, the newest first, then the last stored first;
series by study, SeriesNumber, and in the order they came; instances by series, InstanceNumber, and as they came.

A level is asked by the hospital's index of one column unless another table gives the list of its ids: then the
hospital's condition is kept away from the indexes, since a planner that knows nothing of the data takes "all rows
of the hospital, in order" for a small set. For the same reason the order is kept away from the indexes where a
narrow condition has one of its own: what is left is quickly sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dicomweb.archive import Level, Search
from gateway.access.caller import Scope
from gateway.archive.match_keys import Asked, Condition, Table, conditions
from gateway.archive.scoping import hospitals_of, of_hospitals, of_patient
from gateway.archive.tables import InstanceRow, PatientRow, SeriesRow, StudyRow

_TABLE_OF_LEVEL = {Level.STUDY: Table.STUDY, Level.SERIES: Table.SERIES, Level.INSTANCE: Table.INSTANCE}


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of the level's rows, in order, and how many match behind them."""

    row_ids: Sequence[int]
    remaining: int


def find_page(session: Session, scope: Scope, search: Search) -> Page:
    """The rows of one page of a search, within the scope."""
    asked = Asked(hospitals_of(session, scope), sqlite=session.get_bind().dialect.name == "sqlite")
    found = conditions(search.keys, asked)
    patient = of_patient(scope)
    if patient is not None:
        found.append(Condition(Table.PATIENT, patient))
    table = _TABLE_OF_LEVEL[search.level]
    matching = _matching(table, found, asked.hospitals)
    narrow = any(condition.narrow for condition in found if condition.table is table)
    page = matching.order_by(*_order(search.level, by_index=not narrow)).limit(search.limit + 1).offset(search.offset)
    row_ids = session.scalars(page).all()
    if len(row_ids) <= search.limit:
        return Page(row_ids, 0)
    total = session.scalar(select(func.count()).select_from(matching.order_by(None).subquery())) or 0
    return Page(row_ids[: search.limit], max(total - search.offset - search.limit, 0))


def _matching(table: Table, found: Sequence[Condition], hospitals: Sequence[str]) -> Select[Any]:
    """Ids of the table's rows under the conditions of every table."""
    clauses = [condition.clause for condition in found if condition.table is table]
    elsewhere = any(condition.elsewhere for condition in found if condition.table is table)
    lists = [*_ids_from_above(table, found, hospitals), *_ids_from_below(table, found, hospitals)]
    inside = of_hospitals(_HOSPITAL[table], hospitals, by_index=not (elsewhere or lists))
    return select(_ID[table]).where(inside, *clauses, *lists)


def _ids_from_above(table: Table, found: Sequence[Condition], hospitals: Sequence[str]) -> list[ColumnElement[bool]]:
    above = [condition for condition in found if condition.table < table]
    if not above:
        return []
    # An instance knows its study: without a condition on the series there is no need to go through it.
    skips_series = table is Table.INSTANCE and all(condition.table is not Table.SERIES for condition in above)
    parent = Table.STUDY if skips_series else Table(table - 1)
    return [_PARENT[table, parent].in_(_matching(parent, above, hospitals))]


def _ids_from_below(table: Table, found: Sequence[Condition], hospitals: Sequence[str]) -> list[ColumnElement[bool]]:
    lists: list[ColumnElement[bool]] = []
    for below in Table:
        clauses = [condition.clause for condition in found if condition.table is below > table]
        if clauses:
            inside = of_hospitals(_HOSPITAL[below], hospitals)
            lists.append(_ID[table].in_(select(_PARENT[below, table]).where(inside, *clauses)))
    return lists


def _order(level: Level, *, by_index: bool) -> list[Any]:
    if level is Level.STUDY:
        date = StudyRow.study_date if by_index else func.coalesce(StudyRow.study_date, "")
        return [date.desc(), StudyRow.study_time.desc(), StudyRow.id.desc()]
    if level is Level.SERIES:
        study = SeriesRow.study_row_id if by_index else func.coalesce(SeriesRow.study_row_id, 0)
        return [study, SeriesRow.series_number, SeriesRow.id]
    return [InstanceRow.series_row_id, InstanceRow.instance_number, InstanceRow.id]


_ID: dict[Table, InstrumentedAttribute[int]] = {
    Table.PATIENT: PatientRow.id,
    Table.STUDY: StudyRow.id,
    Table.SERIES: SeriesRow.id,
    Table.INSTANCE: InstanceRow.id,
}
_HOSPITAL: dict[Table, InstrumentedAttribute[str]] = {
    Table.PATIENT: PatientRow.hospital_id,
    Table.STUDY: StudyRow.hospital_id,
    Table.SERIES: SeriesRow.hospital_id,
    Table.INSTANCE: InstanceRow.hospital_id,
}
_PARENT: dict[tuple[Table, Table], InstrumentedAttribute[int]] = {
    (Table.STUDY, Table.PATIENT): StudyRow.patient_row_id,
    (Table.SERIES, Table.STUDY): SeriesRow.study_row_id,
    (Table.INSTANCE, Table.STUDY): InstanceRow.study_row_id,
    (Table.INSTANCE, Table.SERIES): InstanceRow.series_row_id,
}
