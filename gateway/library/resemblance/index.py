"""What photos are compared with, kept current in memory for the model that serves.

It answers for that one model, by the SHA-256 of its file, and only once the library is embedded with it as a whole:
embeddings of another model say nothing about a photo. What it answers is at most a moment old; whoever shows a case
asks the database whether it is there still.
"""

import logging
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway.access.caller import Scope
from gateway.database import Database
from gateway.events.log import SEQUENCE, EventType, read
from gateway.events.sequencer import last_number
from gateway.library.resemblance import embeddings
from gateway.library.resemblance.comparing import Comparing
from gateway.library.resemblance.embeddings import embedded_after
from gateway.library.resemblance.progress import is_finished
from gateway.library.resemblance.room import Room
from gateway.serving.models import NoModelServes, ServedModels
from inference.runtime import LoadedModel

logger = logging.getLogger(__name__)

_EVERYTHING = Scope(None)
_EVENTS = 500
_WASTE = 0.25
"""The share of rows of withdrawn cases from which on all is loaded anew."""


@dataclass(slots=True)
class _Loaded:
    """What is in memory of one model, with how far embeddings and events have been read."""

    model: str
    comparing: Comparing
    embeddings: int
    events: int

    @property
    def is_wasteful(self) -> bool:
        return self.comparing.dropped > _WASTE * (self.comparing.pictures + self.comparing.dropped)


class ResemblanceIndex:
    """One thread follows the library; any may ask for what it has."""

    def __init__(self, database: Database, models: ServedModels, room: Room) -> None:
        self._database = database
        self._models = models
        self._room = room
        self._loaded: _Loaded | None = None

    def of_model(self, model: str) -> Comparing | None:
        """What pictures embedded by this model (its file's SHA-256) are compared with; None where it has none yet."""
        loaded = self._loaded
        return loaded.comparing if loaded is not None and loaded.model == model else None

    @property
    def pictures(self) -> int:
        """Pictures in memory."""
        loaded = self._loaded
        return 0 if loaded is None else loaded.comparing.pictures

    def follow(self) -> bool:
        """Take in what changed, a page of it; whether there may be more."""
        try:
            model = self._models.disease()
        except NoModelServes:
            return False
        name = model.manifest.model_sha256
        loaded = self._loaded
        if loaded is None or loaded.model != name or loaded.is_wasteful:
            self._load(model, name)
            return False
        with self._database.read() as session:
            return self._take_in(session, loaded)

    def _load(self, model: LoadedModel, name: str) -> None:
        """Everything, in one state of the database; what another model made is let go of first, to have the room."""
        if self._loaded is not None and self._loaded.model != name:
            self._loaded = None
        with self._database.read() as session:
            if not is_finished(session, name):
                return
            events = last_number(session, SEQUENCE)
            loaded = _Loaded(name, Comparing(self._room), 0, events)
            while self._take_in_embeddings(session, loaded):
                continue
        self._loaded = loaded
        logger.info("%d pictures of the library are compared by %s", loaded.comparing.pictures, model.manifest.name)

    def _take_in(self, session: Session, loaded: _Loaded) -> bool:
        more = False
        if last_number(session, embeddings.SEQUENCE) > loaded.embeddings:
            more = self._take_in_embeddings(session, loaded)
        return self._drop_withdrawn(session, loaded) or more

    def _take_in_embeddings(self, session: Session, loaded: _Loaded) -> bool:
        """One page; False where that was the last."""
        last = last_number(session, embeddings.SEQUENCE)
        page = embedded_after(session, loaded.model, loaded.embeddings)
        loaded.comparing.add(page)
        loaded.embeddings = page[-1].number if page else last
        return bool(page)

    @staticmethod
    def _drop_withdrawn(session: Session, loaded: _Loaded) -> bool:
        last = last_number(session, SEQUENCE)
        if last == loaded.events:
            return False
        types = (EventType.LIBRARY_CASE_WITHDRAWN,)
        events = read(session, _EVERYTHING, after=loaded.events, limit=_EVENTS, types=types)
        for event in events:
            loaded.comparing.drop(event.subject.removeprefix("reference_case/"))
        is_last = len(events) < _EVENTS
        loaded.events = last if is_last else events[-1].number
        return not is_last
