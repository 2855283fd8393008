"""One place of a task that a model can take: to serve, or to judge in the shadow."""

import logging
from dataclasses import dataclass
from typing import Literal

from inference.errors import InferenceError, StoreError
from inference.manifest import Task
from inference.marks import Stamp
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from inference.threads import AutoThreads
from inference.version_files import FilesMark, files_mark

logger = logging.getLogger(__name__)

Place = Literal["serving", "shadow"]


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """What was last seen: the marks' stamps, the version named and its files, who sits there, why nobody newer does."""

    stamps: tuple[Stamp | None, ...] | None = None
    named: int | None = None
    files: FilesMark | None = None
    model: LoadedModel | None = None
    fault: str | None = None


class Seat:
    """The model that has one place of one task. One thread looks; any may ask.

    Whoever serves goes on doing so where the next is refused; in the shadow nobody is kept that the store does not
    name.
    """

    def __init__(self, store: ModelStore, task: Task, place: Place, threads: int | AutoThreads) -> None:
        self._store = store
        self._task: Task = task
        self._place: Place = place
        self._threads = threads
        self._taken = _Taken()
        self.refused: dict[int, str] = {}
        """Versions that were refused here, and why."""

    @property
    def model(self) -> LoadedModel | None:
        """The model that sits here now."""
        return self._taken.model

    @property
    def fault(self) -> str | None:
        """Why what the store names does not sit here, or should not."""
        return self._taken.fault

    def look(self) -> None:
        """Follow the store where it names another version, or where the files of the named one have changed."""
        taken, stamps = self._taken, self._stamps()
        if stamps != taken.stamps:
            self._load(stamps)
        elif taken.named is not None and self._files(taken.named) != taken.files:
            if taken.model is not None and taken.model.manifest.version == taken.named:
                self._look_at_files(taken, taken.named, taken.model)
            else:
                self._load(stamps)

    def _stamps(self) -> tuple[Stamp | None, ...]:
        serving = self._store.serving_mark(self._task)
        # Whether a shadow is one depends on what serves.
        return (serving,) if self._place == "serving" else (serving, self._store.shadow_mark(self._task))

    def _load(self, stamps: tuple[Stamp | None, ...]) -> None:
        """Load what the store names beside what sits here, and let it take over; one assignment switches."""
        named: int | None = None
        files: FilesMark | None = None
        try:
            named = self._named()
            files = None if named is None else self._files(named)
            model = None if named is None else self._loaded(named)
        except InferenceError as error:
            kept = self._taken.model if self._place == "serving" else None
            self._taken = _Taken(stamps, named, files, kept, self._refuse(named, error))
            return
        if named is not None:
            self.refused.pop(named, None)
            logger.info("%s/%s takes its place: %s", self._task, named, self._place)
        self._taken = _Taken(stamps, named, files, model)

    def _named(self) -> int | None:
        return self._store.serving(self._task) if self._place == "serving" else self._store.shadow(self._task)

    def _loaded(self, version: int) -> LoadedModel:
        sits = self._taken.model
        if sits is not None and sits.manifest.version == version and self._is_unchanged(sits):
            return sits
        self._store.verify(self._task, version)
        return load_model(self._store.folder(self._task, version), threads=self._threads)

    def _is_unchanged(self, model: LoadedModel) -> bool:
        try:
            self._require_unchanged(model)
        except InferenceError:
            return False  # loading says what is wrong
        return True

    def _look_at_files(self, taken: _Taken, version: int, model: LoadedModel) -> None:
        """Tell where the files are no longer those of the loaded model, which works on from memory."""
        files, fault = self._files(version), None
        try:
            self._require_unchanged(model)
            self.refused.pop(version, None)
        except InferenceError as error:
            fault = self._refuse(version, StoreError(f"changed since it was loaded, which goes on: {error}"))
        self._taken = _Taken(taken.stamps, version, files, model, fault)

    def _require_unchanged(self, model: LoadedModel) -> None:
        if self._store.verify(self._task, model.manifest.version) != model.manifest:
            raise StoreError("the manifest is not the one that was loaded")

    def _files(self, version: int) -> FilesMark | None:
        return files_mark(self._store.folder(self._task, version))

    def _refuse(self, version: int | None, error: InferenceError) -> str:
        if version is not None:
            self.refused[version] = str(error)
        logger.error("the %s model that the store names (%s) is refused: %s", self._task, self._place, error)
        return str(error)
