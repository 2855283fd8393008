"""Reading instances: which there are, their headers, where their frames lie, their bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from dicomweb.archive import JsonObject, StoredInstance
from dicomweb.part10 import Identity
from dicomweb.uids import is_uid
from gateway.access.caller import Scope
from gateway.archive.errors import DeletedMeanwhile, UnknownInstance
from gateway.archive.layouts import Layout
from gateway.archive.scoping import hospitals_of, of_hospitals, of_patient
from gateway.archive.storage import ObjectStorage
from gateway.archive.tables import InstanceRow, PatientRow, RevisionRow, SeriesRow, StudyRow
from gateway.database import Database

_HEADERS_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class FoundInstance(StoredInstance):
    """A stored instance that this archive has found in a caller's scope, and where its revision is kept."""

    revision_id: int
    object_key: str


@dataclass(frozen=True, slots=True)
class DeliverableInstance:
    """One revision of an instance for sending; `open` gives its Part 10 file."""

    identity: Identity
    hospital_id: str
    transfer_syntax_uid: str
    size_bytes: int
    sha256: str
    open: Callable[[], BinaryIO]


def find_instances(
    session: Session,
    scope: Scope,
    study_instance_uid: str,
    series_instance_uid: str | None,
    sop_instance_uid: str | None,
) -> list[FoundInstance]:
    """Instances at their current revision within the scope, by series and instance number; none for no UID."""
    if not all(is_uid(uid) for uid in (study_instance_uid, series_instance_uid, sop_instance_uid) if uid is not None):
        return []
    query = (
        select(
            StudyRow.study_instance_uid,
            SeriesRow.series_instance_uid,
            InstanceRow.sop_instance_uid,
            InstanceRow.sop_class_uid,
            RevisionRow.transfer_syntax_uid,
            RevisionRow.size_bytes,
            RevisionRow.sha256,
            RevisionRow.number_of_frames,
            RevisionRow.id,
            RevisionRow.object_key,
        )
        .select_from(InstanceRow)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .join(RevisionRow, and_(RevisionRow.instance_id == InstanceRow.id, RevisionRow.number == InstanceRow.revision))
        .where(
            of_hospitals(StudyRow.hospital_id, hospitals_of(session, scope)),
            StudyRow.study_instance_uid == study_instance_uid,
        )
        .order_by(SeriesRow.series_number, SeriesRow.id, InstanceRow.instance_number, InstanceRow.id)
    )
    if series_instance_uid is not None:
        query = query.where(SeriesRow.series_instance_uid == series_instance_uid)
    if sop_instance_uid is not None:
        query = query.where(InstanceRow.sop_instance_uid == sop_instance_uid)
    patient = of_patient(scope)
    if patient is not None:
        query = query.join(PatientRow, PatientRow.id == StudyRow.patient_row_id).where(patient)
    rows: Sequence[Sequence[Any]] = session.execute(query).all()
    return [FoundInstance(*row) for row in rows]


def read_headers(database: Database, instances: Sequence[FoundInstance]) -> Iterator[JsonObject]:
    """The header of each instance, in order; some at a time are held in memory. Raises DeletedMeanwhile."""
    left = iter(instances)
    while page := list(islice(left, _HEADERS_AT_A_TIME)):
        wanted = [instance.revision_id for instance in page]
        with database.read() as session:
            query = select(RevisionRow.id, RevisionRow.header).where(RevisionRow.id.in_(wanted))
            headers = {row[0]: row[1] for row in session.execute(query)}
        if len(headers) < len(wanted):
            raise DeletedMeanwhile("an instance has been deleted")
        yield from (headers[row_id] for row_id in wanted)


def read_layout(session: Session, instance: FoundInstance) -> Layout:
    """Where frames and bulk values lie; raises DeletedMeanwhile."""
    layout: Layout | None = session.scalar(select(RevisionRow.layout).where(RevisionRow.id == instance.revision_id))
    if layout is None:
        raise DeletedMeanwhile("the instance has been deleted")
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
    key: str = row[8]
    return DeliverableInstance(Identity(row[0], row[1], row[2], row[3]), *row[4:8], open=lambda: storage.open(key))
