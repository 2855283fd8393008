"""The gateway's database, looked into: its deliveries, its attempts, and what is archived."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from gateway.archive.tables import InstanceRow, RevisionRow
from gateway.database import Database
from gateway.delivery.tables import CommitmentRequestRow, DeliveryAttemptRow, DeliveryRow
from gateway.intake.tables import SubmissionRow

_PROVEN = ("committed", "confirmed")


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A delivery as the outbox has it, each attempt as `outcome status message`."""

    sop_instance_uid: str
    destination: str
    state: str
    proof_kind: str | None
    proof_transaction_uid: str | None
    looks: int
    resends: int
    last_message: str | None
    attempts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Submissions in each state, deliveries in each state at each destination, and what is still to be done."""

    submissions: Counter[str]
    deliveries: Counter[tuple[str, str]]
    waiting: int
    """Deliveries that are not proven, or are to be proved better, and requests without an answer."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for anything."""
        return not self.submissions["processing"] and not self.waiting

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {' '.join(what)}" for what, count in sorted(self.deliveries.items()))
        return f"{dict(self.submissions)}; {counted}; {self.waiting} to be done"


def progress(address: str) -> Progress:
    """How far the gateway with this database has come; it may run meanwhile."""
    with _reading(address) as session:
        states = session.execute(select(SubmissionRow.state, func.count()).group_by(SubmissionRow.state))
        key = DeliveryRow.destination, DeliveryRow.state
        counts = session.execute(select(*key, func.count()).group_by(*key))
        unfinished = DeliveryRow.state.not_in(_PROVEN) | DeliveryRow.prove_at.is_not(None)
        open_requests = CommitmentRequestRow.outcome.is_(None)
        return Progress(
            _tally(states),
            Counter({(destination, state): count for destination, state, count in counts}),
            _count(session, select(func.count()).select_from(DeliveryRow).where(unfinished))
            + _count(session, select(func.count()).select_from(CommitmentRequestRow).where(open_requests)),
        )


def deliveries(address: str) -> Sequence[DeliveryRecord]:
    """Every delivery, with its attempts where it is not proven."""
    query = select(DeliveryRow, InstanceRow.sop_instance_uid).join(
        InstanceRow, InstanceRow.id == DeliveryRow.instance_id
    )
    with _reading(address) as session:
        return [_record(session, row, uid) for row, uid in session.execute(query)]


def _record(session: Session, row: DeliveryRow, sop_instance_uid: str) -> DeliveryRecord:
    return DeliveryRecord(
        sop_instance_uid,
        row.destination,
        row.state,
        row.proof_kind,
        row.proof_transaction_uid,
        row.looks,
        row.resends,
        row.last_message,
        () if row.state in _PROVEN else _attempts_of(session, row.id),
    )


def attempts(address: str, destination: str) -> Counter[str]:
    """How many attempts at a destination came to what."""
    query = select(DeliveryAttemptRow.outcome, func.count()).where(DeliveryAttemptRow.destination == destination)
    with _reading(address) as session:
        return _tally(session.execute(query.group_by(DeliveryAttemptRow.outcome)))


def archived(address: str) -> Sequence[tuple[str, str]]:
    """SOP Instance UID and SHA-256 of the data set of every revision in an archive."""
    query = select(InstanceRow.sop_instance_uid, RevisionRow.data_set_sha256).join(
        RevisionRow, RevisionRow.instance_id == InstanceRow.id
    )
    with _reading(address) as session:
        return [(uid, sha256) for uid, sha256 in session.execute(query)]


def _attempts_of(session: Session, delivery_id: int) -> tuple[str, ...]:
    columns = DeliveryAttemptRow.outcome, DeliveryAttemptRow.status, DeliveryAttemptRow.message
    rows = session.execute(
        select(*columns).where(DeliveryAttemptRow.delivery_id == delivery_id).order_by(DeliveryAttemptRow.number)
    )
    return tuple(" ".join(map(str, row)) for row in rows)


def _tally(rows: Iterable[Row[str, int]]) -> Counter[str]:
    return Counter({name: count for name, count in rows})  # noqa: C416 - rows are no pairs to mypy


def _count(session: Session, query: Select[int]) -> int:
    return int(session.scalar(query) or 0)


@contextmanager
def _reading(address: str) -> Iterator[Session]:
    database = Database(address)
    try:
        with database.read() as session:
            yield session
    finally:
        database.close()
