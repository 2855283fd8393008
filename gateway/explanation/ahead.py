"""Explanations made before anybody asks: one thread that follows the log for photos that were answered.

Each photo is taken by one process, however many there are, and before it is explained: who is killed over it leaves it
to whoever asks.
"""

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from gateway.database import Database
from gateway.events.following import Following, Overtaken
from gateway.events.log import SEQUENCE, Event, EventType
from gateway.events.sequencer import last_number
from gateway.events.tables import FollowerRow
from gateway.explanation.errors import NothingToExplain, TooManyAsked
from gateway.intake.submission import UnknownSubmission

logger = logging.getLogger(__name__)

FOLLOWER = "explanations"
POLL_SECONDS = 1.0
_JOIN_SECONDS = 10.0
_ANSWERED = (EventType.PHOTO_ACCEPTED, EventType.PHOTO_REJECTED)


class ExplainingAhead:
    """Explains photos in the order of their answers, from its first start on."""

    def __init__(self, database: Database, explain: Callable[[str], None]) -> None:
        self._database = database
        self._explain = explain
        self._following = Following(database, FOLLOWER, _ANSWERED)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="explaining-ahead", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._take_place()
        self._thread.start()

    def stop(self) -> None:
        """End after the photo in hand; those that come next wait for the next start."""
        self._stopping.set()
        self._thread.join(_JOIN_SECONDS)

    def work_once(self) -> int:
        """Explain a page of photos; how many events there were."""
        events = self._following.next_events()
        for event in events:
            if self._stopping.is_set():
                break
            if self._taken(event):
                self._explained(event.subject.removeprefix("photo/"))
        return len(events)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self.work_once()
            except Exception:
                logger.exception("explaining photos ahead failed; it is tried again")
                worked = 0
            if not worked:
                self._stopping.wait(POLL_SECONDS)

    def _take_place(self) -> None:
        """Take a place in the log behind what was answered before, where there is none yet."""
        try:
            with self._database.write() as unit_of_work:
                session = unit_of_work.session
                if session.get(FollowerRow, FOLLOWER) is None:
                    session.add(FollowerRow(name=FOLLOWER, last_number=last_number(session, SEQUENCE)))
        except IntegrityError:
            logger.debug("another process took the place in the log at the same moment")

    def _taken(self, event: Event) -> bool:
        try:
            with self._database.write() as unit_of_work:
                self._following.take(unit_of_work, event)
        except Overtaken:
            return False
        return True

    def _explained(self, submission_id: str) -> None:
        """Explain one, once those who ask for others leave room."""
        while not self._stopping.is_set():
            try:
                self._explain(submission_id)
            except TooManyAsked:
                self._stopping.wait(POLL_SECONDS)
            except (NothingToExplain, UnknownSubmission):
                return  # it failed, or is gone
            except Exception:  # whoever asks is told what is wrong
                logger.exception("a photo could not be explained", extra={"photo": submission_id})
                return
            else:
                return


def leave_the_log(database: Database) -> None:
    """Give up the place in the log: what is answered from now on is explained when somebody asks."""
    with database.write() as unit_of_work:
        row = unit_of_work.session.get(FollowerRow, FOLLOWER)
        if row is not None:
            unit_of_work.session.delete(row)
