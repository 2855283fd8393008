"""Finding the rows of a page: which ones, in which order, and how many there are behind.

Order, the same at every page: patients by PatientID; studies by StudyDate and StudyTime, the newest first, then the
last stored first; series by study, SeriesNumber, and in the order they came; instances by series, InstanceNumber,
and as they came.

A level is asked by the hospital's index of one column unless another table gives the list of its ids: then the
hospital's condition is kept away from the indexes, since a planner that knows nothing of the data takes "all rows
of the hospital, in order" for a small set. For the same reason the order is kept away from the indexes where a
narrow condition has one of its own: what is left is quickly sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dicomweb.archive import Level, Search
from gateway.access.caller import Scope
from gateway.archive.clauses import Clause, listed, select, within
from gateway.archive.match_keys import Asked, Condition, Table, conditions
from gateway.archive.scoping import hospitals_of, of_hospitals, of_patient
from gateway.reading import Reader

_TABLE_OF_LEVEL = {Level.STUDY: Table.STUDY, Level.SERIES: Table.SERIES, Level.INSTANCE: Table.INSTANCE}


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of the level's rows, in order, and how many match behind them."""

    row_ids: Sequence[int]
    remaining: int


def find_page(reader: Reader, scope: Scope, search: Search) -> Page:
    """The rows of one page of a search, within the scope."""
    return find_rows(reader, scope, search, table_of(search))


def find_rows(reader: Reader, scope: Scope, search: Search, table: Table) -> Page:
    """As `find_page`, but the rows of a table, whatever level the search names."""
    asked = Asked(hospitals_of(reader, scope), sqlite=reader.is_sqlite, fuzzy_names=search.fuzzy_names)
    found = conditions(search.keys, asked)
    patient = of_patient(scope)
    if patient is not None:
        found.append(Condition(Table.PATIENT, patient))
    shapes = tuple((one.table, one.clause.text, one.elsewhere, one.narrow) for one in found)
    plan = _plan(table, shapes, len(asked.hospitals))
    values = plan.values(found, asked.hospitals)
    rows = reader.all(plan.page, (*values, search.limit + 1, search.offset))
    row_ids = [row[0] for row in rows]
    if len(row_ids) <= search.limit:
        return Page(row_ids, 0)
    total = reader.all(plan.count, values)[0][0]
    return Page(row_ids[: search.limit], max(total - search.offset - search.limit, 0))


def still_seen(reader: Reader, scope: Scope, table: Table, row_ids: Sequence[int]) -> list[int]:
    """Those of rows found before, in another state of the index, that lie within the scope now, in the order given.

    SQLite gives the id of a deleted study or series out again, to any hospital's.
    """
    found = [Condition(table, listed(row_ids), elsewhere=True)]
    patient = of_patient(scope)
    if patient is not None:
        found.append(Condition(Table.PATIENT, patient))
    query = _matching(table, found, hospitals_of(reader, scope))
    seen = {row[0] for row in reader.all(query.text, query.values)}
    return [row_id for row_id in row_ids if row_id in seen]


def table_of(search: Search) -> Table:
    """The table whose rows are the answers of a search."""
    return _TABLE_OF_LEVEL[search.level]


_Shape = tuple[Table, str, bool, bool]
"""A condition without its values."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The statements of all searches of one shape.

    `places` tell whose values stand where: those of the condition of this number, or of a hospital, the first as -1.
    """

    page: str
    count: str
    places: Sequence[int]

    def values(self, found: Sequence[Condition], hospitals: Sequence[str]) -> list[object]:
        """The values of one search."""
        values: list[object] = []
        for place in self.places:
            values += found[place].clause.values if place >= 0 else (hospitals[-1 - place],)
        return values


@lru_cache(maxsize=256)
def _plan(table: Table, shapes: Sequence[_Shape], hospitals: int) -> _Plan:
    """Made once for all searches that ask by the same keys in the same way: to make it takes longer than to search."""
    found = [
        Condition(of_table, Clause(text, (number,)), elsewhere, narrow)
        for number, (of_table, text, elsewhere, narrow) in enumerate(shapes)
    ]
    matching = _matching(table, found, range(-1, -1 - hospitals, -1))
    is_narrow = any(condition.narrow for condition in found if condition.table is table)
    page = f"{matching.text}{_order(table, by_index=not is_narrow)} LIMIT ? OFFSET ?"
    count = f"SELECT count(*) FROM ({matching.text}) AS matching"  # noqa: S608 - names of ours alone
    return _Plan(page, count, [place for place in matching.values if isinstance(place, int)])


def _matching(table: Table, found: Sequence[Condition], hospitals: Sequence[object]) -> Clause:
    """Ids of the table's rows under the conditions of every table."""
    clauses = [_of_rows(condition) for condition in found if condition.table is table]
    elsewhere = any(condition.elsewhere for condition in found if condition.table is table)
    lists = [*_ids_from_above(table, found, hospitals), *_ids_from_below(table, found, hospitals)]
    inside = of_hospitals(f"{_NAME[table]}.hospital_id", hospitals, by_index=not (elsewhere or lists))
    return select(f"{_NAME[table]}.id", _NAME[table], [inside, *clauses, *lists])


def _of_rows(condition: Condition) -> Clause:
    return within(f"{_NAME[condition.table]}.id", condition.clause) if condition.elsewhere else condition.clause


def _ids_from_above(table: Table, found: Sequence[Condition], hospitals: Sequence[object]) -> list[Clause]:
    above = [condition for condition in found if condition.table < table]
    if not above:
        return []
    # An instance knows its study: without a condition on the series there is no need to go through it.
    skips_series = table is Table.INSTANCE and all(condition.table is not Table.SERIES for condition in above)
    parent = Table.STUDY if skips_series else Table(table - 1)
    column = _PARENT[table, parent]
    if all(condition.elsewhere and condition.table is parent for condition in above):
        # Lists of the parents' ids: their own rows, which are wide, need not be read.
        return [within(column, condition.clause) for condition in above]
    return [within(column, _matching(parent, above, hospitals))]


def _ids_from_below(table: Table, found: Sequence[Condition], hospitals: Sequence[object]) -> list[Clause]:
    if table is Table.PATIENT:
        return _patients_of_studies([condition for condition in found if condition.table > table], hospitals)
    lists: list[Clause] = []
    for below in Table:
        clauses = [_of_rows(condition) for condition in found if condition.table is below > table]
        if clauses:
            inside = of_hospitals(f"{_NAME[below]}.hospital_id", hospitals)
            ids = select(_PARENT[below, table], _NAME[below], [inside, *clauses])
            lists.append(within(f"{_NAME[table]}.id", ids))
    return lists


def _patients_of_studies(found: Sequence[Condition], hospitals: Sequence[object]) -> list[Clause]:
    if not found:
        return []
    studies = within("studies.id", _matching(Table.STUDY, found, hospitals))
    return [within("patients.id", select(_PARENT[Table.STUDY, Table.PATIENT], "studies", [studies]))]


def _order(table: Table, *, by_index: bool) -> str:
    if table is Table.PATIENT:
        return " ORDER BY patients.patient_id, patients.id"
    if table is Table.STUDY:
        date = "studies.study_date" if by_index else "coalesce(studies.study_date, '')"
        return f" ORDER BY {date} DESC, studies.study_time DESC, studies.id DESC"
    if table is Table.SERIES:
        study = "series.study_row_id" if by_index else "coalesce(series.study_row_id, 0)"
        return f" ORDER BY {study}, series.series_number, series.id"
    return " ORDER BY instances.series_row_id, instances.instance_number, instances.id"


_NAME = {Table.PATIENT: "patients", Table.STUDY: "studies", Table.SERIES: "series", Table.INSTANCE: "instances"}
_PARENT = {
    (Table.STUDY, Table.PATIENT): "studies.patient_row_id",
    (Table.SERIES, Table.STUDY): "series.study_row_id",
    (Table.INSTANCE, Table.STUDY): "instances.study_row_id",
    (Table.INSTANCE, Table.SERIES): "instances.series_row_id",
}
