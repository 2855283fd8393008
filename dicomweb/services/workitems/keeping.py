"""What UPS-RS needs from whoever keeps the workitems, and a keeper in memory."""

from collections.abc import Callable
from threading import Lock
from typing import Protocol

from dicomweb.archive import Matches, Search
from dicomweb.matching import object_matches
from dicomweb.services.workitems.states import Status, WorkitemRefused
from dicomweb.services.workitems.steps import Workitem

Step = Callable[[Workitem], Workitem]


class TooManyWorkitems(Exception):
    """There is no room for another workitem, or too many would have to be looked at."""


class Workitems(Protocol):
    """The workitems that one caller may see; every method may block and is called from worker threads."""

    def add(self, workitem: Workitem) -> None:
        """Keep a new workitem durably.

        Raises:
            WorkitemRefused: DUPLICATE.
            TooManyWorkitems: there is no room for it.
        """

    def find(self, uid: str) -> Workitem | None:
        """One workitem, None where none is visible."""

    def change(self, uid: str, step: Step) -> Workitem | None:
        """Put what `step` makes of a workitem in its place, in one durable step that no other change interrupts.

        None where none is visible; what `step` raises leaves everything as it was.
        """

    def search(self, search: Search) -> Matches:
        """One page of whole workitems, the next to begin first; the search's level and `include` say nothing here.

        Raises:
            TooManyWorkitems: too many would have to be looked at.
        """


class MemoryWorkitems:
    """Workitems in memory, for tests and small embedded uses; nothing is durable."""

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._workitems: dict[str, Workitem] = {}
        self._lock = Lock()

    def add(self, workitem: Workitem) -> None:
        """Keep a new workitem."""
        with self._lock:
            if workitem.uid in self._workitems:
                raise WorkitemRefused(Status.DUPLICATE)
            if len(self._workitems) >= self._most:
                raise TooManyWorkitems("there is no room for another workitem")
            self._workitems[workitem.uid] = workitem

    def find(self, uid: str) -> Workitem | None:
        """One workitem."""
        return self._workitems.get(uid)

    def change(self, uid: str, step: Step) -> Workitem | None:
        """Put what `step` makes of a workitem in its place."""
        with self._lock:
            if uid not in self._workitems:
                return None
            self._workitems[uid] = step(self._workitems[uid])
            return self._workitems[uid]

    def search(self, search: Search) -> Matches:
        """One page of workitems."""
        with self._lock:
            known = sorted(self._workitems.values(), key=Workitem.order)
        every = [one.attributes for one in known]
        found = [one for one in every if object_matches(search.keys, one, fuzzy_names=search.fuzzy_names)]
        page = found[search.offset : search.offset + search.limit]
        return Matches(page, max(len(found) - search.offset - len(page), 0))
