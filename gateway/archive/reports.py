"""Structured reports that the gateway makes itself: taken in without being read, and found again in their study."""

from pydicom.dataset import Dataset
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from dicomweb.part10 import Identity
from gateway.archive.indexing import Origin
from gateway.archive.staging import KnownObject
from gateway.archive.tables import InstanceRow, RevisionRow, StudyRow
from gateway.conversion.findings.document import COMPREHENSIVE_3D_SR, ReportObject

MOST_REPORTS = 500
"""Of one study; more are no case that anybody looked at."""


def known_report(report: ReportObject) -> KnownObject:
    """A report as the archive takes it without reading it."""
    identity = Identity(
        report.study_instance_uid, report.series_instance_uid, report.sop_instance_uid, report.sop_class_uid
    )
    return KnownObject(identity, report.transfer_syntax_uid, report.header)


def own_reports(session: Session, hospital: str, study_instance_uid: str) -> list[Dataset]:
    """The headers of the reports that this gateway made in a study, at their current revisions, oldest first.

    The caller was let see the study; here other hospitals' rows are kept out once more.
    """
    query = (
        select(RevisionRow.header)
        .join(InstanceRow, and_(InstanceRow.id == RevisionRow.instance_id, InstanceRow.revision == RevisionRow.number))
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .where(
            StudyRow.hospital_id == hospital,
            StudyRow.study_instance_uid == study_instance_uid,
            InstanceRow.hospital_id == hospital,
            InstanceRow.sop_class_uid == COMPREHENSIVE_3D_SR,
            InstanceRow.origin == Origin.INTAKE.value,
        )
        .order_by(InstanceRow.id)
        .limit(MOST_REPORTS)
    )
    return [Dataset.from_json(header) for header in session.scalars(query)]
