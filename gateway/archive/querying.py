"""Queries of DIMSE peers: the search of DICOMweb, at the level of patients too, its answers read a part at a time.

A query may find thousands of rows and the peer may take its time, or stop it: so all rows are found at once, in one
state of the index, and their attributes are read as the answers are taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import orjson

from dicomweb.archive import JsonObject, Search
from dicomweb.dicom_json import tag_key
from gateway.access.audit import Action
from gateway.access.caller import Caller, Permission, Scope
from gateway.archive.answering import answers
from gateway.archive.match_keys import Table
from gateway.archive.read_audit import ReadAudit
from gateway.archive.searching import find_rows, still_seen, table_of
from gateway.database import Database
from gateway.reading import Reader, places

PATIENT_ID = 0x00100020
_RELATED_STUDIES, _RELATED_SERIES, _RELATED_INSTANCES = 0x00201200, 0x00201202, 0x00201204
_AT_A_TIME = 200

_PATIENTS = "SELECT id, patient_id, attributes FROM patients WHERE id IN "
_COUNTS = {
    _RELATED_STUDIES: "SELECT patient_row_id, count(*) FROM studies",
    _RELATED_SERIES: "SELECT patient_row_id, count(*) FROM series JOIN studies ON studies.id = series.study_row_id",
    _RELATED_INSTANCES: (
        "SELECT patient_row_id, count(*) FROM instances JOIN studies ON studies.id = instances.study_row_id"
    ),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers, read as they are taken (what was deleted meanwhile is not among them), and how many more match."""

    items: Iterator[JsonObject]
    remaining: int


class ScopedQueries:
    """Queries of one caller; each leaves one entry in the audit trail before its first answer is given."""

    def __init__(self, caller: Caller, database: Database, read_audit: ReadAudit) -> None:
        self._caller = caller
        self._database = database
        self._read_audit = read_audit

    def ask(self, search: Search, *, patients: bool = False) -> Answered:
        """Answer a search from its beginning; with `patients` those it finds, whatever its level says.

        Raises:
            NotPermitted: the caller may not read instances.
        """
        scope = self._caller.require(Permission.READ_INSTANCES)
        table = Table.PATIENT if patients else table_of(search)
        with self._database.reader() as reader:
            page = find_rows(reader, scope, search, table)
        keys = [tag_key(element.tag) for element in search.keys]  # the tags: values may be a patient's
        self._read_audit.enter(
            self._caller,
            Action.QUERIED,
            subject="patient" if patients else search.level.value,
            detail={"keys": keys, "matches": len(page.row_ids), "offset": 0},
        )
        return Answered(self._items(search, scope, table, page.row_ids), page.remaining)

    def _items(self, search: Search, scope: Scope, table: Table, row_ids: Sequence[int]) -> Iterator[JsonObject]:
        left = iter(row_ids)
        read = patient_answers if table is Table.PATIENT else answers
        while chunk := list(islice(left, _AT_A_TIME)):
            with self._database.reader() as reader:
                seen = still_seen(reader, scope, table, chunk)
                found = read(reader, search, seen) if seen else []
            yield from found


def patient_answers(reader: Reader, search: Search, row_ids: Sequence[int]) -> list[JsonObject]:
    """Patients in the order given, with what is counted of them as far as `search.include` asks.

    PatientID is what the patient is found by, so that one without an id of their own can be asked for too: a
    unique key is never empty (PS3.4 C.2.2.1.1).
    """
    found: dict[int, JsonObject] = {}
    for row_id, patient_id, attributes in reader.all(_PATIENTS + places(row_ids), row_ids):
        found[row_id] = {**orjson.loads(attributes), tag_key(PATIENT_ID): {"vr": "LO", "Value": [patient_id]}}
    for tag, statement in _COUNTS.items():
        if search.include is None or tag in search.include:
            counted = f"{statement} WHERE patient_row_id IN {places(row_ids)} GROUP BY patient_row_id"
            counts: dict[int, int] = dict(reader.all(counted, row_ids))
            for row_id, patient in found.items():
                patient[tag_key(tag)] = {"vr": "IS", "Value": [counts.get(row_id, 0)]}
    return [found[row_id] for row_id in row_ids if row_id in found]
