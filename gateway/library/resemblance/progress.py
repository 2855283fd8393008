"""How far the library is embedded with each model, and who is at it: one process at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.database import UnitOfWork, now
from gateway.library.tables import LibraryModelRow, ReferenceEmbeddingRow

LEASE = timedelta(seconds=60)
"""How long a process that embeds is waited for after it was last heard of."""
KEPT = timedelta(days=30)
"""How long embeddings of a model that serves nowhere are kept, so that going back to it costs nothing."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """One model's place: `model` is its file's SHA-256; only a finished one answers."""

    model: str
    version: int
    is_finished: bool


def claim(unit_of_work: UnitOfWork, model: str, version: int, process: str) -> bool:
    """Take or keep the turn to embed with a model for as long as a lease; False where another process has it."""
    session, moment = unit_of_work.session, now()
    _begin(session, model, version)
    free = or_(
        LibraryModelRow.claimed_until.is_(None),
        LibraryModelRow.claimed_until < moment,
        LibraryModelRow.claimed_by == process,
    )
    taken = session.execute(
        update(LibraryModelRow)
        .where(LibraryModelRow.model == model, free)
        .values(claimed_by=process, claimed_until=moment + LEASE, served_at=moment, version=version)
        .returning(LibraryModelRow.model)
    ).scalar_one_or_none()
    return taken is not None


def note_served(unit_of_work: UnitOfWork, model: str) -> None:
    """Say that a model serves at this moment."""
    moment = now()
    unit_of_work.session.execute(update(LibraryModelRow).where(LibraryModelRow.model == model).values(served_at=moment))


def finish(unit_of_work: UnitOfWork, model: str) -> bool:
    """Say that nothing is missing with a model, and give the turn back; whether that was not so before."""
    row = unit_of_work.session.get_one(LibraryModelRow, model, with_for_update=True)
    is_new = row.finished_at is None
    row.finished_at = row.finished_at or now()
    row.claimed_by = row.claimed_until = None
    return is_new


def release_all(unit_of_work: UnitOfWork) -> None:
    """Give back every turn: for who has the database alone, and knows that nobody else is at it."""
    unit_of_work.session.execute(update(LibraryModelRow).values(claimed_by=None, claimed_until=None))


def is_finished(session: Session, model: str) -> bool:
    """Whether the library was embedded as a whole with a model, once at least; what came since may be missing."""
    return session.scalar(select(LibraryModelRow.finished_at).where(LibraryModelRow.model == model)) is not None


def progress(session: Session) -> Sequence[Progress]:
    """Every model that the library was, or is being, embedded with, the newest version last."""
    rows = session.scalars(select(LibraryModelRow).order_by(LibraryModelRow.version, LibraryModelRow.model))
    return [Progress(row.model, row.version, row.finished_at is not None) for row in rows]


def forget_old(unit_of_work: UnitOfWork, serving: str) -> int:
    """Remove embeddings, some hundred at a time, of models that have served nowhere for long; how many."""
    session = unit_of_work.session
    old = session.scalars(
        select(LibraryModelRow.model).where(LibraryModelRow.model != serving, LibraryModelRow.served_at < now() - KEPT)
    ).all()
    if not old:
        return 0
    session.execute(update(LibraryModelRow).where(LibraryModelRow.model.in_(old)).values(finished_at=None))
    made = ReferenceEmbeddingRow
    numbers = session.scalars(select(made.number).where(made.model.in_(old)).limit(_AT_ONCE)).all()
    if numbers:
        session.execute(delete(made).where(made.number.in_(numbers)))
    else:
        session.execute(delete(LibraryModelRow).where(LibraryModelRow.model.in_(old)))
    return len(numbers)


def _begin(session: Session, model: str, version: int) -> None:
    if session.get(LibraryModelRow, model) is not None:
        return
    moment = now()
    try:
        with session.begin_nested():
            session.add(LibraryModelRow(model=model, version=version, begun_at=moment, served_at=moment))
    except IntegrityError:
        return  # another process was quicker
