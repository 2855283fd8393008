"""Taking what is to be proved.

Whoever takes a delivery moves the moment at which it is due ahead, in the same transaction: no other takes it until
then, and it comes up again by itself should they die.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, select, update
from sqlalchemy.orm import Session

from gateway.archive.tables import InstanceRow, PatientRow, SeriesRow, StudyRow
from gateway.database import UnitOfWork
from gateway.delivery.proving.in_hand import Renewal
from gateway.delivery.proving.prover import SentObject
from gateway.delivery.proving.rules import Past
from gateway.delivery.states import UNPROVEN, DeliveryState
from gateway.delivery.tables import DeliveryRow

_DUPLICATE = "0111"


@dataclass(frozen=True, slots=True)
class Unproven:
    """A delivery whose object was sent, and what was done to prove it so far."""

    delivery_id: int
    hospital: str
    state: DeliveryState
    looks: int
    resends: int
    is_duplicate: bool
    is_correction: bool
    sent: SentObject

    @property
    def may_be_earlier(self) -> bool:
        """What the destination has under these UIDs may be what they named before they were corrected."""
        return self.is_duplicate and self.is_correction

    def past(self) -> Past:
        """As the rules see it after another look in vain."""
        return Past(self.looks + 1, self.resends, self.is_duplicate, self.is_correction)


def anything_due(session: Session, destination: str, at: datetime) -> bool:
    """Whether something is to be proved; asked without a lock, so that looking disturbs nobody."""
    return bool(session.scalar(select(exists(_due(destination, at)))))


def take_due(
    unit_of_work: UnitOfWork, destination: str, *, limit: int, at: datetime, until: datetime
) -> Sequence[Unproven]:
    """Take up to `limit` deliveries that are due at `at`, the longest due first; they are due again at `until`."""
    session = unit_of_work.session
    query = _due(destination, at).order_by(DeliveryRow.prove_at, DeliveryRow.id).limit(limit)
    chosen = list(session.scalars(query.with_for_update(skip_locked=True)))
    if not chosen:
        return ()
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(chosen))
        .values(prove_at=until)
        .execution_options(synchronize_session=False)
    )
    return load(session, chosen)


def renewal(taken: Collection[Unproven]) -> Renewal:
    """Of these deliveries, as long as nothing was written down of them."""
    ids = [one.delivery_id for one in taken]
    return lambda unit_of_work, taken_until, until: _renew(unit_of_work, ids, taken_until, until)


def _renew(unit_of_work: UnitOfWork, ids: Collection[int], taken_until: datetime, until: datetime) -> None:
    unit_of_work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), DeliveryRow.prove_at == taken_until)
        .values(prove_at=until)
        .execution_options(synchronize_session=False)
    )


def give_back(unit_of_work: UnitOfWork, taken: Collection[Unproven], at: datetime) -> None:
    """Let what was taken, and not asked for, be due at `at`."""
    states = [state.value for state in UNPROVEN]
    unit_of_work.session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.id.in_([one.delivery_id for one in taken]),
            DeliveryRow.prove_at.is_not(None),
            DeliveryRow.state.in_(states),
        )
        .values(prove_at=at)
        .execution_options(synchronize_session=False)
    )


def _due(destination: str, at: datetime) -> Select[int]:
    states = [state.value for state in UNPROVEN]
    return select(DeliveryRow.id).where(
        DeliveryRow.destination == destination, DeliveryRow.prove_at <= at, DeliveryRow.state.in_(states)
    )


def load(session: Session, ids: Collection[int]) -> Sequence[Unproven]:
    """These deliveries as they stand, whatever their state."""
    # A copy of a corrected object has the UIDs of the copy before; a replacement has a study of its own.
    is_correction = and_(DeliveryRow.revision > 1, DeliveryRow.sent_study_instance_uid.is_(None))
    columns = (
        DeliveryRow.id,
        DeliveryRow.hospital_id,
        DeliveryRow.state,
        DeliveryRow.looks,
        DeliveryRow.resends,
        DeliveryRow.last_status,
        is_correction,
        func.coalesce(DeliveryRow.sent_study_instance_uid, StudyRow.study_instance_uid),
        func.coalesce(DeliveryRow.sent_series_instance_uid, SeriesRow.series_instance_uid),
        func.coalesce(DeliveryRow.sent_sop_class_uid, InstanceRow.sop_class_uid),
        func.coalesce(DeliveryRow.sent_sop_instance_uid, InstanceRow.sop_instance_uid),
        case((is_correction, PatientRow.patient_id)),
    )
    rows = session.execute(
        select(*columns)
        .select_from(DeliveryRow)
        .join(InstanceRow, InstanceRow.id == DeliveryRow.instance_id)
        .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
        .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_row_id)
        .where(DeliveryRow.id.in_(list(ids)))
        .order_by(DeliveryRow.id)
    )
    return [_unproven(tuple(row)) for row in rows]


def _unproven(row: tuple[Any, ...]) -> Unproven:
    delivery_id, hospital, state, looks, resends, last_status, is_correction, study, series, sop_class, uid, patient = (
        row
    )
    return Unproven(
        delivery_id,
        hospital,
        DeliveryState(state),
        looks,
        resends,
        is_duplicate=last_status == _DUPLICATE,
        is_correction=bool(is_correction),
        sent=SentObject(study, series, sop_class, uid, _askable(patient)),
    )


def _askable(patient_id: str | None) -> str | None:
    """None too for what is beyond ASCII: a destination that answers in another character set would never show it."""
    return patient_id if patient_id is not None and patient_id.isascii() else None
