"""Idempotency keys: the same request again gets the same answer, for a day.

A key is claimed before the work and answered in the transaction that makes the work durable. A claim is a lease: where
the process died in between, the key can be claimed anew once it has run out. Work that outlasted its lease is undone
when somebody else has the key by then, so that one key never makes two photos.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from gateway.access.caller import Caller
from gateway.database import Database, UnitOfWork, now
from gateway.intake.tables import IdempotencyRow, SubmissionRow

logger = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=2)
ANSWERED_WITHIN = timedelta(hours=1)
"""Of its receipt a photo is answered sooner: for its answer only the keys of that hour are looked through."""


class KeyInFlight(Exception):
    """A request with this Idempotency-Key is still being worked on."""


class KeyReused(Exception):
    """This Idempotency-Key was used with another request."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer for a key; `until` ends the lease, and tells this claim from a later one."""

    caller_id: str
    key: str
    until: datetime


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """What was answered to the same request before."""

    status: int
    body: bytes


def claim(database: Database, caller: Caller, key: str, request_sha256: str) -> Claim | EarlierAnswer:
    """Claim a key for a request, or give the earlier answer; raises KeyInFlight or KeyReused."""
    try:
        with database.write() as unit_of_work:
            return _claim(unit_of_work, caller, key, request_sha256)
    except IntegrityError as error:
        # Two requests with a new key at the same moment: one of them inserted it.
        raise KeyInFlight("a request with this Idempotency-Key is still in flight") from error


def answer(unit_of_work: UnitOfWork, claimed: Claim, status: int, body: bytes) -> None:
    """Keep the answer to a claimed key, in the transaction of the work itself.

    Raises KeyInFlight where the lease ran out and the key is another request's by now.
    """
    kept = unit_of_work.session.execute(
        update(IdempotencyRow)
        .where(*_held(claimed))
        .values(status=status, answer=body, expires_at=now() + KEPT)
        .returning(IdempotencyRow.key)
        .execution_options(synchronize_session=False)
    )
    if kept.scalar_one_or_none() is None:
        raise KeyInFlight("another request with this Idempotency-Key took over")


def release(database: Database, claimed: Claim) -> None:
    """Give a claimed key back after a failure, so that a corrected request may use it."""
    with database.write() as unit_of_work:
        unit_of_work.session.execute(delete(IdempotencyRow).where(*_held(claimed)))


@contextmanager
def released_on_failure(database: Database, claimed: Claim | None) -> Iterator[None]:
    """Give the key back, where there is one, when the block raises."""
    try:
        yield
    except BaseException:
        if claimed is not None:
            _try_release(database, claimed)
        raise


def _try_release(database: Database, claimed: Claim) -> None:
    try:
        release(database, claimed)
    except SQLAlchemyError as error:  # the lease will end by itself; what went wrong before matters more
        logger.warning("an Idempotency-Key could not be given back: %s", type(error).__name__)


def forget_expired(unit_of_work: UnitOfWork) -> None:
    """Remove keys whose time is over."""
    unit_of_work.session.execute(delete(IdempotencyRow).where(IdempotencyRow.expires_at <= now()))


def forget_claims(unit_of_work: UnitOfWork) -> None:
    """Remove every claim without an answer; for the start of a gateway that is alone with its database."""
    unit_of_work.session.execute(delete(IdempotencyRow).where(IdempotencyRow.answer.is_(None)))


def forget_answer(unit_of_work: UnitOfWork, row: SubmissionRow) -> None:
    """Leave nothing of what was answered of a submission that is deleted, but for its id: its key stays used.

    Otherwise the patient's identity and words would outlive the photo, and the same request would make it anew.
    """
    begin = f'{{"id":"{row.id}"'.encode()  # every answer's, see `gateway.intake.submission.render`
    first = row.received_at + KEPT
    unit_of_work.session.execute(
        update(IdempotencyRow)
        .where(IdempotencyRow.expires_at.between(first, first + ANSWERED_WITHIN))
        .where(func.substr(IdempotencyRow.answer, 1, len(begin)) == begin)
        .values(answer=begin + b"}")
        .execution_options(synchronize_session=False)
    )


def _claim(unit_of_work: UnitOfWork, caller: Caller, key: str, request_sha256: str) -> Claim | EarlierAnswer:
    session = unit_of_work.session
    row = session.get(IdempotencyRow, (caller.id, key), with_for_update=True)
    if row is not None and row.expires_at > now():
        return _earlier(row, request_sha256)
    if row is not None:
        session.delete(row)
        session.flush()
    until = now() + LEASE
    session.add(
        IdempotencyRow(
            caller_id=caller.id,
            key=key,
            hospital_id=caller.home,
            request_sha256=request_sha256,
            status=None,
            answer=None,
            expires_at=until,
        )
    )
    return Claim(caller.id, key, until)


def _held(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    """What holds for the row of a claim that nobody took over."""
    return (
        IdempotencyRow.caller_id == claimed.caller_id,
        IdempotencyRow.key == claimed.key,
        IdempotencyRow.answer.is_(None),
        IdempotencyRow.expires_at == claimed.until,
    )


def _earlier(row: IdempotencyRow, request_sha256: str) -> EarlierAnswer:
    if row.request_sha256 != request_sha256:
        raise KeyReused("this Idempotency-Key was used with another request")
    if row.answer is None or row.status is None:
        raise KeyInFlight("a request with this Idempotency-Key is still in flight")
    return EarlierAnswer(row.status, row.answer)
