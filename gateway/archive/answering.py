"""The DICOM JSON of a page of search results: kept attributes, and what is counted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from dicomweb.archive import JsonObject, Level, Search
from dicomweb.at_once import goes_on
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
from gateway.archive.columns import unpacked
from gateway.archive.facts import INSTANCE_TAGS
from gateway.reading import Reader, Row, places

SOP_CLASSES_IN_STUDY = 0x00080062
_MOST_KNOWN = 4096
"""Tags: objects may have any."""
_ADDED = frozenset({INSTANCE_AVAILABILITY, AVAILABLE_TRANSFER_SYNTAX_UID})
_AVAILABILITY_KEY, _SYNTAXES_KEY, _MODALITIES_KEY, _CLASSES_KEY = map(
    tag_key, (INSTANCE_AVAILABILITY, AVAILABLE_TRANSFER_SYNTAX_UID, MODALITIES_IN_STUDY, SOP_CLASSES_IN_STUDY)
)
_SERIES_OF_STUDY_KEY, _INSTANCES_OF_STUDY_KEY, _INSTANCES_OF_SERIES_KEY = map(
    tag_key, (STUDY_RELATED_SERIES, STUDY_RELATED_INSTANCES, SERIES_RELATED_INSTANCES)
)
_OF_STUDY = frozenset({MODALITIES_IN_STUDY, SOP_CLASSES_IN_STUDY, STUDY_RELATED_SERIES, STUDY_RELATED_INSTANCES})


def answers(reader: Reader, search: Search, row_ids: Sequence[int]) -> list[JsonObject]:
    """The answers of these rows of the search's level, in the order given."""
    if not row_ids:
        return []
    found = _ROWS[search.level](reader, search, row_ids)
    _count(reader, search, list(found.values()))
    chosen = _chooser(search)
    return [chosen(found[row_id].attributes) for row_id in row_ids if row_id in found]


class _Answer:
    """Attributes of one answer as they gather, and the rows above it."""

    __slots__ = ("attributes", "series_row_id", "study_row_id")

    def __init__(self, study_row_id: int, series_row_id: int | None, *levels: JsonObject) -> None:
        self.study_row_id = study_row_id
        self.series_row_id = series_row_id
        self.attributes: JsonObject = {_AVAILABILITY_KEY: {"vr": "CS", "Value": ["ONLINE"]}}
        for level in levels:
            self.attributes.update(level)

    def add(self, key: str, vr: str, values: Sequence[str | int]) -> None:
        self.attributes[key] = {"vr": vr, "Value": values} if values else {"vr": vr}


_STUDIES = """
SELECT studies.id, patients.attributes, studies.attributes
FROM studies JOIN patients ON patients.id = studies.patient_row_id
WHERE studies.id IN """
_SERIES = """
SELECT series.id, studies.id, patients.attributes, studies.attributes, series.attributes
FROM series JOIN studies ON studies.id = series.study_row_id JOIN patients ON patients.id = studies.patient_row_id
WHERE series.id IN """
_INSTANCES = """
JOIN revisions ON revisions.instance_id = instances.id AND revisions.number = instances.revision
JOIN series ON series.id = instances.series_row_id
JOIN studies ON studies.id = instances.study_row_id
JOIN patients ON patients.id = studies.patient_row_id
WHERE instances.id IN """
_OF_INSTANCE = """
SELECT instances.id, studies.id, series.id, revisions.transfer_syntax_uid,
patients.attributes, studies.attributes, series.attributes, """


def _studies(reader: Reader, _search: Search, row_ids: Sequence[int]) -> dict[int, _Answer]:
    rows = reader.all(_STUDIES + places(row_ids), row_ids)
    return {row[0]: _Answer(row[0], None, *map(_kept, row[1:])) for row in rows}


def _series(reader: Reader, _search: Search, row_ids: Sequence[int]) -> dict[int, _Answer]:
    rows = reader.all(_SERIES + places(row_ids), row_ids)
    return {row[0]: _Answer(row[1], row[0], *map(_kept, row[2:])) for row in rows}


def _instances(reader: Reader, search: Search, row_ids: Sequence[int]) -> dict[int, _Answer]:
    # Attributes that are kept for no search stand in the header, which is large: it is read only when asked for.
    asks_for_header = _asks_for_header(search)
    own = "revisions.header FROM instances" if asks_for_header else "instances.attributes FROM instances"
    read_own: Callable[[bytes], JsonObject] = unpacked if asks_for_header else _kept
    found: dict[int, _Answer] = {}
    for row in reader.all(_OF_INSTANCE + own + _INSTANCES + places(row_ids), row_ids):
        found[row[0]] = answer = _Answer(row[1], row[2], *map(_kept, row[4:7]), read_own(row[7]))
        answer.add(_SYNTAXES_KEY, "UI", available_syntaxes(row[3]))
    return found


def _kept(attributes: str | bytes) -> JsonObject:
    """Attributes as a row keeps them."""
    goes_on()
    read: JsonObject = orjson.loads(attributes)
    return read


_ROWS = {Level.STUDY: _studies, Level.SERIES: _series, Level.INSTANCE: _instances}


def _asks_for_header(search: Search) -> bool:
    if search.include is None:
        return True
    kept = INSTANCE_TAGS | _ADDED
    return any(level_of(tag) is Level.INSTANCE and tag not in kept for tag in search.include)


def _count(reader: Reader, search: Search, found: Sequence[_Answer]) -> None:
    """Add what is counted, as far as it is returned: what a study and what a series holds."""
    if any(returned(tag, search.level, search.include) for tag in _OF_STUDY):
        # Classes are counted by themselves only where they are asked for: the other figure is in an index alone.
        wants_classes = returned(SOP_CLASSES_IN_STUDY, search.level, search.include)
        _count_in_studies(reader, found, _BY_CLASS if wants_classes else _BY_STUDY)
    if returned(SERIES_RELATED_INSTANCES, search.level, search.include):
        _count_in_series(reader, found)


@dataclass(frozen=True, slots=True)
class _Counting:
    """How instances of studies are counted: what is asked for, and by what they are grouped."""

    columns: str
    groups: str


_BY_STUDY = _Counting("study_row_id, '', count(*)", "study_row_id")
_BY_CLASS = _Counting("study_row_id, sop_class_uid, count(*)", "study_row_id, sop_class_uid")


def _count_in_studies(reader: Reader, found: Sequence[_Answer], counting: _Counting) -> None:
    ids = tuple({answer.study_row_id for answer in found})
    rows = reader.all(_counts_in_studies(counting, len(ids)), (*ids, *ids))
    series = _grouped(row[1:] for row in rows if row[0] == _OF_SERIES)
    instances = _grouped(row[1:] for row in rows if row[0] == _OF_INSTANCES)
    for answer in found:
        by_modality, by_class = series.get(answer.study_row_id, {}), instances.get(answer.study_row_id, {})
        answer.add(_MODALITIES_KEY, "CS", sorted(filter(None, by_modality)))
        answer.add(_CLASSES_KEY, "UI", sorted(filter(None, by_class)))
        answer.add(_SERIES_OF_STUDY_KEY, "IS", [sum(by_modality.values())])
        answer.add(_INSTANCES_OF_STUDY_KEY, "IS", [sum(by_class.values())])


def _count_in_series(reader: Reader, found: Sequence[_Answer]) -> None:
    ids = tuple({answer.series_row_id for answer in found if answer.series_row_id is not None})
    counted = reader.all(f"{_INSTANCES_OF_SERIES}{places(ids)} GROUP BY series_row_id", ids)
    counts: dict[int | None, int] = dict(counted)
    for answer in found:
        answer.add(_INSTANCES_OF_SERIES_KEY, "IS", [counts.get(answer.series_row_id, 0)])


_OF_SERIES, _OF_INSTANCES = 0, 1
_INSTANCES_OF_SERIES = "SELECT series_row_id, count(*) FROM instances WHERE series_row_id IN "


_COUNTS_IN_STUDIES = """SELECT {of_series}, study_row_id, modality, count(*) FROM series
WHERE study_row_id IN {studies} GROUP BY study_row_id, modality
UNION ALL SELECT {of_instances}, {counting.columns} FROM instances
WHERE study_row_id IN {studies} GROUP BY {counting.groups}"""


@lru_cache(maxsize=256)
def _counts_in_studies(counting: _Counting, studies: int) -> str:
    """One statement of both counts of so many studies: which of the two, the study, the kind, how many."""
    return _COUNTS_IN_STUDIES.format(
        of_series=_OF_SERIES, of_instances=_OF_INSTANCES, counting=counting, studies=places(range(studies))
    )


def _grouped(rows: Iterable[Row]) -> dict[int, dict[str, int]]:
    """Owner -> kind -> how many rows."""
    counts: dict[int, dict[str, int]] = {}
    for owner, kind, count in rows:
        counts.setdefault(owner, {})[kind] = count
    return counts


def _chooser(search: Search) -> Callable[[JsonObject], JsonObject]:
    """What the search returns of attributes, by ascending tag."""
    known = _known_to_be_returned(search.level, search.include)
    return lambda attributes: {key: attributes[key] for key in sorted(attributes) if known[key]}


class _Returned(dict[str, bool]):
    """Whether a search returns what stands under a key; a client asks for the same again and again."""

    def __init__(self, level: Level, include: frozenset[int] | None) -> None:
        super().__init__()
        self._level = level
        self._include = include

    def __missing__(self, key: str) -> bool:
        found = returned(int(key, 16), self._level, self._include)
        if len(self) < _MOST_KNOWN:
            self[key] = found
        return found


@lru_cache(maxsize=64)
def _known_to_be_returned(level: Level, include: frozenset[int] | None) -> _Returned:
    return _Returned(level, include)
