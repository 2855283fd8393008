"""Reading instances: which there are, their headers, where their frames lie, their bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from dicomweb.archive import JsonObject, StoredInstance
from dicomweb.at_once import FEW, takes_longer
from dicomweb.part10 import Identity
from dicomweb.uids import is_uid
from gateway.access.caller import Scope
from gateway.archive.clauses import equals
from gateway.archive.clauses import select as select_rows
from gateway.archive.columns import unpacked
from gateway.archive.errors import DeletedMeanwhile, UnknownInstance
from gateway.archive.layouts import Layout
from gateway.archive.scoping import hospitals_of, of_hospitals, of_patient
from gateway.archive.storage import ObjectStorage
from gateway.archive.tables import InstanceRow, RevisionRow, SeriesRow, StudyRow
from gateway.database import Database
from gateway.reading import Reader, places

_HEADERS_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class FoundInstance(StoredInstance):
    """A stored instance that this archive has found in a caller's scope, and where its revision is kept."""

    revision_id: int
    object_key: str


@dataclass(frozen=True, slots=True)
class DeliverableInstance:
    """One revision of an instance for sending; `open` gives its Part 10 file.

    `is_current` says that no correction has taken its place.
    """

    identity: Identity
    hospital_id: str
    transfer_syntax_uid: str
    size_bytes: int
    sha256: str
    is_current: bool
    open: Callable[[], BinaryIO]


FOUND = """studies.study_instance_uid, series.series_instance_uid, instances.sop_instance_uid,
instances.sop_class_uid, revisions.transfer_syntax_uid, revisions.size_bytes, revisions.sha256,
revisions.number_of_frames, revisions.id, revisions.object_key"""
"""The columns of a FoundInstance, in its order."""
FROM = """instances JOIN series ON series.id = instances.series_row_id
JOIN studies ON studies.id = instances.study_row_id
JOIN patients ON patients.id = studies.patient_row_id
JOIN revisions ON revisions.instance_id = instances.id AND revisions.number = instances.revision"""
_HEADERS = "SELECT object_key, header FROM revisions WHERE id IN "
_LAYOUT = "SELECT layout FROM revisions WHERE id = ? AND object_key = ?"
_IN_ORDER = " ORDER BY series.series_number, series.id, instances.instance_number, instances.id"


def find_instances(
    reader: Reader,
    scope: Scope,
    study_instance_uid: str,
    series_instance_uid: str | None,
    sop_instance_uid: str | None,
) -> list[FoundInstance]:
    """Instances at their current revision within the scope, by series and instance number; none for no UID."""
    asked = (study_instance_uid, series_instance_uid, sop_instance_uid)
    if not all(is_uid(uid) for uid in asked if uid is not None):
        return []
    columns = ("studies.study_instance_uid", "series.series_instance_uid", "instances.sop_instance_uid")
    clauses = [equals(column, [uid]) for column, uid in zip(columns, asked, strict=True) if uid is not None]
    if scope.hospitals is not None or sop_instance_uid is None:
        # A study's index begins with the hospital; an instance's UID is the only one, and found by itself.
        clauses.append(of_hospitals("studies.hospital_id", hospitals_of(reader, scope)))
    patient = of_patient(scope)
    if patient is not None:
        clauses.append(patient)
    query = select_rows(FOUND, FROM, clauses, _IN_ORDER)
    rows = reader.all(query.text, query.values)
    if len(rows) > FEW:
        takes_longer()
    return [FoundInstance(*row) for row in rows]


def read_headers(database: Database, instances: Sequence[FoundInstance]) -> Iterator[JsonObject]:
    """The header of each instance, in order; some at a time are held in memory. Raises DeletedMeanwhile."""
    left = iter(instances)
    while page := list(islice(left, _HEADERS_AT_A_TIME)):
        wanted = [instance.revision_id for instance in page]
        with database.reader() as reader:
            rows = reader.all(_HEADERS + places(wanted), wanted)
        # By object key: SQLite gives the id of a deleted revision out again, to any hospital's.
        headers: dict[str, bytes] = dict(rows)
        if any(instance.object_key not in headers for instance in page):
            raise DeletedMeanwhile("an instance has been deleted")
        yield from (unpacked(headers[instance.object_key]) for instance in page)


def read_layout(reader: Reader, instance: FoundInstance) -> Layout:
    """Where frames and bulk values lie; raises DeletedMeanwhile."""
    rows = reader.all(_LAYOUT, (instance.revision_id, instance.object_key))
    if not rows:
        raise DeletedMeanwhile("the instance has been deleted")
    layout: Layout = unpacked(rows[0][0])
    return layout


def find_deliverable(
    session: Session, scope: Scope, storage: ObjectStorage, instance_id: int, revision: int
) -> DeliverableInstance:
    """One revision of an instance within the scope; raises UnknownInstance."""
    query = (
        select(
            StudyRow.study_instance_uid,
            SeriesRow.series_instance_uid,
            InstanceRow.sop_instance_uid,
            InstanceRow.sop_class_uid,
            InstanceRow.hospital_id,
            RevisionRow.transfer_syntax_uid,
            RevisionRow.size_bytes,
            RevisionRow.sha256,
            InstanceRow.revision == revision,
            RevisionRow.object_key,
        )
        .select_from(InstanceRow)
        .join(RevisionRow, RevisionRow.instance_id == InstanceRow.id)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .where(InstanceRow.id == instance_id, RevisionRow.number == revision)
    )
    row = session.execute(query).one_or_none()
    if row is None or not scope.sees(row[4]):
        raise UnknownInstance(f"no revision {revision} of instance {instance_id}")
    key: str = row[9]
    return DeliverableInstance(Identity(row[0], row[1], row[2], row[3]), *row[4:9], open=lambda: storage.open(key))
