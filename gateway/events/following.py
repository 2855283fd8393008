"""Parts of the gateway that follow the log of events: each event is taken once, however many processes there are.

How far a follower has come stands in the database and moves in the transaction of what the event brought about. Who
is killed in between does it again, who comes second finds it done.
"""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import CursorResult, select, update

from gateway.access.caller import Scope
from gateway.database import Database, UnitOfWork
from gateway.events.log import SEQUENCE, Event, EventType, read
from gateway.events.sequencer import last_number
from gateway.events.tables import FollowerRow

PAGE = 100
_EVERYTHING = Scope(None)
_QUIET = 1000
"""Numbers that a follower may lie behind where none was for it: to note each would be a write for each photo."""


class Overtaken(Exception):
    """Another process has taken the event."""


class Following:
    """The place of one follower, by its name in the table of followers, in the log of some types of event."""

    def __init__(self, database: Database, name: str, types: Sequence[EventType]) -> None:
        self._database = database
        self._name = name
        self._types = types

    def next_events(self) -> Sequence[Event]:
        """The events that come next, in order, at most a page of them; none where there is nothing to do.

        None either for who has no place in the log, such as one that another process has just given up.
        """
        with self._database.read() as session:
            last = last_number(session, SEQUENCE)
            place = session.scalar(select(FollowerRow.last_number).where(FollowerRow.name == self._name))
            if place is None:
                return ()
            events = read(session, _EVERYTHING, after=place, limit=PAGE, types=self._types) if place < last else ()
        if not events and last - place >= _QUIET:
            with self._database.write() as unit_of_work:
                self._move(unit_of_work, last)
        return events

    def take(self, unit_of_work: UnitOfWork, event: Event) -> None:
        """Note in the transaction of what an event brings about that it is done; raises Overtaken where it was.

        Others that are about to take it wait until that transaction ends.
        """
        if not self._move(unit_of_work, event.number):
            raise Overtaken(f"event {event.number} was taken by another process")

    def _move(self, unit_of_work: UnitOfWork, number: int) -> bool:
        behind = FollowerRow.name == self._name, FollowerRow.last_number < number
        result = unit_of_work.session.execute(
            update(FollowerRow).where(*behind).values(last_number=number),
            execution_options={"synchronize_session": False},
        )
        return cast("CursorResult[tuple[()]]", result).rowcount == 1
