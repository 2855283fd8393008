"""What was tried in the last hour, minute by minute, from the attempts that every process has written down."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, String, func, select
from sqlalchemy.orm import Session

from gateway.delivery.figures import ARRIVED, Hospitals
from gateway.delivery.tables import DeliveryAttemptRow

MINUTES = 60
MOST_ATTEMPTS = 200_000
"""How many of the newest attempts are looked at: a busier hour is told from its end."""

_OUT_OF_TURN = 100
_SHAPE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Minute:
    """Attempts that ended within one minute."""

    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Attempts that ended alike: the reaction, and the DIMSE status as four hexadecimal digits, None without one."""

    outcome: str
    status: str | None
    count: int


@dataclass(frozen=True, slots=True)
class History:
    """One destination's last hour: 60 minutes, the oldest first, the one under way last; failures, the most first."""

    minutes: Sequence[Minute]
    failures: Sequence[Failure]

    @property
    def sent(self) -> int:
        """Attempts that succeeded within the hour."""
        return sum(minute.sent for minute in self.minutes)


NOTHING = History((Minute(),) * MINUTES, ())


def histories(session: Session, at: datetime, hospitals: Hospitals = None) -> Mapping[str, History]:
    """The last hour of every destination to which anything was tried in it, by its name."""
    first = at.astimezone(UTC).replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    minutes: dict[str, dict[tuple[int, bool], int]] = defaultdict(Counter)
    failures: dict[str, Counter[tuple[str, str | None]]] = defaultdict(Counter)
    for destination, minute, outcome, status, count in _counts(session, first, hospitals):
        position = (datetime.strptime(minute, _SHAPE).replace(tzinfo=UTC) - first) // timedelta(minutes=1)
        arrived = outcome in ARRIVED
        minutes[destination][min(position, MINUTES - 1), arrived] += count
        if not arrived:
            failures[destination][outcome, status] += count
    return {destination: _history(counts, failures[destination]) for destination, counts in minutes.items()}


def _history(counts: Mapping[tuple[int, bool], int], failures: Counter[tuple[str, str | None]]) -> History:
    return History(
        [Minute(counts.get((number, True), 0), counts.get((number, False), 0)) for number in range(MINUTES)],
        [Failure(outcome, status, count) for (outcome, status), count in failures.most_common()],
    )


def _counts(session: Session, first: datetime, hospitals: Hospitals) -> Sequence[tuple[str, str, str, str | None, int]]:
    """(destination, minute, outcome, status, count) of attempts that ended since; the newest alone are looked at."""
    newest = (
        select(DeliveryAttemptRow)
        .where(DeliveryAttemptRow.id >= _first_id(session, first))
        .order_by(DeliveryAttemptRow.id.desc())
        .limit(MOST_ATTEMPTS)
    )
    if hospitals is not None:
        newest = newest.where(DeliveryAttemptRow.hospital_id.in_(hospitals))
    attempts = newest.subquery()
    keys = (
        attempts.c.destination, _minute_of(session, attempts.c.ended_at), attempts.c.outcome, attempts.c.status,
    )  # fmt: skip
    rows = session.execute(select(*keys, func.count()).where(attempts.c.ended_at >= first).group_by(*keys))
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _first_id(session: Session, moment: datetime) -> int:
    """The id from which on attempts ended at the moment or later.

    There is no index by time, but ids follow it closely: halved like a sorted list, a row looked at each time. Those
    written down a moment out of turn are caught by going back a little.
    """
    low, high = 0, (session.scalar(select(func.max(DeliveryAttemptRow.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = session.execute(
            select(DeliveryAttemptRow.id, DeliveryAttemptRow.ended_at)
            .where(DeliveryAttemptRow.id >= middle)
            .order_by(DeliveryAttemptRow.id)
            .limit(1)
        ).first()
        if row is None or row.ended_at >= moment:
            high = middle
        else:
            low = row.id + 1
    return low - _OUT_OF_TURN


def _minute_of(session: Session, moment: ColumnElement[datetime]) -> ColumnElement[str]:
    """The minute in UTC, as text in the shape of `_SHAPE`."""
    if session.get_bind().dialect.name == "sqlite":
        return func.substr(moment, 1, len("2000-01-01 00:00"), type_=String)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD HH24:MI", type_=String)
