"""The library is embedded with the disease model that serves: new cases as they come, all of it after a promotion.

A batch at a time, each durable, so that whatever is killed goes on where it was. Of several processes one has the turn.
"""

import logging
import time
import uuid
from collections.abc import Callable

import numpy as np

from gateway.access.caller import Scope
from gateway.archive.errors import UnknownObject
from gateway.archive.storage import ObjectStorage
from gateway.database import Database
from gateway.events.log import SEQUENCE, EventType, read
from gateway.events.sequencer import last_number
from gateway.library.resemblance.embeddings import MissingPicture, Vector, add_embedding, missing
from gateway.library.resemblance.progress import claim, finish, forget_old, note_served, release_all
from gateway.serving.models import NoModelServes, ServedModels
from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.errors import InferenceError
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel

logger = logging.getLogger(__name__)

BATCH = 16
_NOTE_SECONDS = 3600.0
_EVERYTHING = Scope(None)
_WAITS_SECONDS = 0.1
_LOOK_SECONDS = 0.01


class LibraryEmbedder:
    """Embeds what is missing. One thread works; `is_busy` says that a photo is being judged, which goes first."""

    def __init__(
        self,
        database: Database,
        storage: ObjectStorage,
        models: ServedModels,
        *,
        max_pixels: int,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._storage = storage
        self._models = models
        self._max_pixels = max_pixels
        self._is_busy = is_busy
        self._process = uuid.uuid4().hex
        self._whole: tuple[str, int] | None = None
        self._noted_at = 0.0

    def begin(self) -> None:
        """On a database that this process has alone: whoever had the turn is dead."""
        if self._database.is_sqlite:
            with self._database.write() as unit_of_work:
                release_all(unit_of_work)

    def work_once(self) -> bool:
        """Embed one batch, or say that nothing is missing; False where there is nothing to do, or another is at it."""
        try:
            model = self._models.disease()
        except NoModelServes:
            return False
        name, version = model.manifest.model_sha256, model.manifest.version
        number = self._changed_at(name)
        if number is None:
            self._note(name)
            return False
        with self._database.write() as unit_of_work:
            if not claim(unit_of_work, name, version, self._process):
                return False
        return self._embed(model, number)

    def _changed_at(self, model: str) -> int | None:
        """The log's number by now where something may be missing, None where nothing can be."""
        with self._database.read() as session:
            number = last_number(session, SEQUENCE)
            if self._whole is None or self._whole[0] != model:
                return number
            seen = self._whole[1]
            added = (EventType.LIBRARY_CASE_ADDED,)
            if seen < number and read(session, _EVERYTHING, after=seen, limit=1, types=added):
                return number
        self._whole = (model, number)
        return None

    def _embed(self, model: LoadedModel, number: int) -> bool:
        name = model.manifest.model_sha256
        with self._database.read() as session:
            pictures = missing(session, name, BATCH)
        made = [(picture, self._embedding(model, picture)) for picture in pictures]
        with self._database.write() as unit_of_work:
            for picture, vector in made:
                add_embedding(unit_of_work, picture, name, vector)
            if not made and finish(unit_of_work, name):
                logger.info("the library is embedded with %s", model.manifest.name)
        if not made:
            self._whole = (name, number)
        return bool(made)

    def _embedding(self, model: LoadedModel, picture: MissingPicture) -> Vector | None:
        self._let_photos_pass()
        try:
            with self._storage.open(picture.object_key) as stream:
                prepared = PreparedPicture(decode_picture(stream.read(), max_pixels=self._max_pixels))
            vector = rank(model, prepared, UNKNOWN_CONTEXT, 1.0, 1.0).embedding
        except (InferenceError, UnknownObject) as error:
            logger.warning("a picture of the library cannot be embedded: %s", type(error).__name__)
            return None
        return vector if np.isfinite(vector).all() else None

    def _let_photos_pass(self) -> None:
        """Wait for a moment in which no photo is being judged, though not for long."""
        ends = time.monotonic() + _WAITS_SECONDS
        while self._is_busy() and time.monotonic() < ends:
            time.sleep(_LOOK_SECONDS)

    def _note(self, model: str) -> None:
        """Now and then: that this model serves, and what is to be forgotten of others."""
        if self._noted_at and time.monotonic() - self._noted_at < _NOTE_SECONDS:
            return
        with self._database.write() as unit_of_work:
            note_served(unit_of_work, model)
            left = forget_old(unit_of_work, model)
        if not left:
            self._noted_at = time.monotonic()
