"""Structured reports that the gateway makes itself: taken in without being read; what it made before in their study."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from dicomweb.part10 import Identity
from gateway.archive.indexing import Origin
from gateway.archive.staging import KnownObject
from gateway.archive.tables import InstanceRow, RevisionRow, SeriesRow, StudyRow
from gateway.conversion.findings.document import COMPREHENSIVE_3D_SR, ReportObject

MOST_OBJECTS = 1000
"""Of one study; more are no case that anybody looked at."""


@dataclass(frozen=True, slots=True)
class OwnObject:
    """An object that this gateway made, at its current revision: a picture, or a report."""

    instance_id: int
    revision: int
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str

    @property
    def is_report(self) -> bool:
        """Whether it is a report; else it is a picture."""
        return self.sop_class_uid == COMPREHENSIVE_3D_SR


def known_report(report: ReportObject) -> KnownObject:
    """A report as the archive takes it without reading it."""
    identity = Identity(
        report.study_instance_uid, report.series_instance_uid, report.sop_instance_uid, report.sop_class_uid
    )
    return KnownObject(identity, report.transfer_syntax_uid, report.header)


def own_objects(session: Session, hospital: str, study_instance_uid: str) -> list[OwnObject]:
    """What this gateway made in a study, oldest first.

    The caller was let see the study; here other hospitals' rows are kept out once more.
    """
    query = (
        select(
            InstanceRow.id,
            InstanceRow.revision,
            SeriesRow.series_instance_uid,
            InstanceRow.sop_class_uid,
            InstanceRow.sop_instance_uid,
        )
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .where(
            StudyRow.hospital_id == hospital,
            StudyRow.study_instance_uid == study_instance_uid,
            InstanceRow.hospital_id == hospital,
            InstanceRow.origin == Origin.INTAKE.value,
        )
        .order_by(InstanceRow.id)
        .limit(MOST_OBJECTS)
    )
    return [OwnObject(*row) for row in session.execute(query)]


def headers_of(session: Session, objects: Sequence[OwnObject]) -> list[Dataset]:
    """The headers of these objects, in their order; bulk data is empty."""
    query = (
        select(RevisionRow.instance_id, RevisionRow.header)
        .join(InstanceRow, and_(InstanceRow.id == RevisionRow.instance_id, InstanceRow.revision == RevisionRow.number))
        .where(InstanceRow.id.in_([one.instance_id for one in objects]))
    )
    headers = {row.instance_id: row.header for row in session.execute(query)}
    return [Dataset.from_json(headers[one.instance_id], _left_out) for one in objects]


def _left_out(_tag: str, _vr: str, _uri: str) -> None:
    """What a header has in place of pixels and other bulk data."""
