"""What a destination holds of a study that has been corrected since: asked of the record of deliveries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import Session

from dicomweb.archive import JsonObject
from dimse.reactions import Reaction
from gateway.archive.tables import InstanceRow, PatientRow, RevisionRow, SeriesRow, StudyRow
from gateway.archive.whole_study import MOST_OBJECTS
from gateway.conversion.rejection_note import RejectedObject
from gateway.delivery.tables import DeliveryAttemptRow, DeliveryRow

_REQUESTS, _STUDY_UID = "00400275", "0020000D"


@dataclass(frozen=True, slots=True)
class Member:
    """An instance of the study as the archive has it now."""

    instance_id: int
    revision: int
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Mistaken:
    """What the destination holds in place of a corrected instance, and the header that went."""

    rejected: RejectedObject
    revision: int
    header: JsonObject


@dataclass(frozen=True, slots=True)
class Standing:
    """A study, and how it stands at a destination that holds some of it as it was before a correction.

    `ordered_study_uid` is the study that its order was given for, None where no object tells one. `one` is the
    instance that was asked for, `members` are at most so many of the study as are corrected at once.
    """

    hospital: str
    study_instance_uid: str
    issuer_of_patient_id: str
    patient_id: str
    ordered_study_uid: str | None
    one: Member
    members: tuple[Member, ...]


def standing(session: Session, destination: str, instance_id: int) -> Standing | None:
    """How an instance's study stands at the destination; None where that holds nothing that was corrected since."""
    instance = session.get(InstanceRow, instance_id)
    if instance is None or not _holds_mistakes(session, destination, instance.study_row_id):
        return None
    study = session.get_one(StudyRow, instance.study_row_id)
    patient = session.get_one(PatientRow, study.patient_row_id)
    return Standing(
        hospital=study.hospital_id,
        study_instance_uid=study.study_instance_uid,
        issuer_of_patient_id=patient.issuer_of_patient_id,
        patient_id=patient.patient_id,
        ordered_study_uid=_ordered(session, study),
        one=_member(session, instance),
        members=_members(session, study.id),
    )


def mistaken(session: Session, destination: str, instance_id: int, revision: int) -> Mistaken | None:
    """What the destination holds of an instance from before `revision`; None where it holds nothing of it."""
    query = (
        select(DeliveryRow, InstanceRow, SeriesRow.series_instance_uid, StudyRow.study_instance_uid, RevisionRow.header)
        .join(InstanceRow, InstanceRow.id == DeliveryRow.instance_id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .join(
            RevisionRow,
            and_(RevisionRow.instance_id == InstanceRow.id, RevisionRow.number == DeliveryRow.revision),
        )
        .where(
            DeliveryRow.destination == destination,
            DeliveryRow.instance_id == instance_id,
            DeliveryRow.revision < revision,
            _arrived(),
        )
        .order_by(*_the_last_first())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    delivery, instance, series_uid, study_uid, header = row
    rejected = RejectedObject(
        delivery.sent_study_instance_uid or study_uid,
        delivery.sent_series_instance_uid or series_uid,
        delivery.sent_sop_class_uid or instance.sop_class_uid,
        delivery.sent_sop_instance_uid or instance.sop_instance_uid,
    )
    return Mistaken(rejected, delivery.revision, header)


def corrected_at(session: Session, instance_id: int, revision: int) -> datetime | None:
    """When a revision was made; None where it is gone."""
    return session.scalar(
        select(RevisionRow.created_at).where(RevisionRow.instance_id == instance_id, RevisionRow.number == revision)
    )


def _holds_mistakes(session: Session, destination: str, study_row_id: int) -> bool:
    """Whether the destination has, or had, an object of the study in a form that was corrected since.

    Once a part of it went there under other UIDs, whatever follows belongs to that part.
    """
    query = (
        select(DeliveryRow.id)
        .join(InstanceRow, InstanceRow.id == DeliveryRow.instance_id)
        .where(
            InstanceRow.study_row_id == study_row_id,
            DeliveryRow.destination == destination,
            _arrived(),
            or_(DeliveryRow.revision < InstanceRow.revision, DeliveryRow.sent_study_instance_uid.is_not(None)),
        )
    )
    return bool(session.scalar(select(exists(query))))


def _arrived() -> ColumnElement[bool]:
    """That an object was stored there, or may have been: an attempt without an answer tells neither."""
    unknown = select(DeliveryAttemptRow.id).where(
        DeliveryAttemptRow.delivery_id == DeliveryRow.id,
        DeliveryAttemptRow.outcome == Reaction.UNKNOWN_OUTCOME.value,
    )
    return or_(DeliveryRow.sent_at.is_not(None), exists(unknown))


def _the_last_first() -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The newest revision that went there as is known, else the oldest that may have.

    A correction of which no UIDs are known was not sent itself: what had no answer was the note before it.
    """
    is_known = or_(DeliveryRow.sent_at.is_not(None), DeliveryRow.sent_sop_instance_uid.is_not(None))
    return case((is_known, 0), else_=1), case((is_known, -DeliveryRow.revision), else_=DeliveryRow.revision)


def _ordered(session: Session, study: StudyRow) -> str | None:
    query = select(SeriesRow.attributes).where(SeriesRow.study_row_id == study.id).order_by(SeriesRow.id.desc())
    for attributes in session.scalars(query.limit(MOST_OBJECTS)):
        for item in attributes.get(_REQUESTS, {}).get("Value", ()):
            values = item.get(_STUDY_UID, {}).get("Value", ())
            if values and values[0] != study.study_instance_uid:
                return str(values[0])
    return None


def _member(session: Session, instance: InstanceRow) -> Member:
    series = session.get_one(SeriesRow, instance.series_row_id)
    return Member(
        instance.id, instance.revision, series.series_instance_uid, instance.sop_class_uid, instance.sop_instance_uid
    )


def _members(session: Session, study_row_id: int) -> tuple[Member, ...]:
    query = (
        select(
            InstanceRow.id,
            InstanceRow.revision,
            SeriesRow.series_instance_uid,
            InstanceRow.sop_class_uid,
            InstanceRow.sop_instance_uid,
        )
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .where(InstanceRow.study_row_id == study_row_id)
        .order_by(InstanceRow.id)
        .limit(MOST_OBJECTS)
    )
    return tuple(Member(*row) for row in session.execute(query))
