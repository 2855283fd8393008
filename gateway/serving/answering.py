"""The model that once answered: the one that serves, or an earlier version as long as its files are in the store."""

import logging
import threading
from dataclasses import dataclass

from gateway.serving.models import ServedModels
from inference.errors import InferenceError
from inference.manifest import Task
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from inference.version_files import FilesMark, files_mark

logger = logging.getLogger(__name__)

_THREADS = 1
"""Nobody waits for an earlier version's word on a photo that was answered already."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    name: str
    files: FilesMark | None
    model: LoadedModel | None


class AnsweringModels:
    """Finds models by name; of each task it keeps one earlier version loaded. Safe to share between threads."""

    def __init__(self, models: ServedModels, store: ModelStore) -> None:
        self._models = models
        self._store = store
        self._lock = threading.Lock()
        self._tried: dict[Task, _Tried] = {}

    def serving(self, task: Task) -> LoadedModel:
        """The model that serves now. Raises NoModelServes."""
        return self._models.suitability() if task == "suitability" else self._models.disease()

    def named(self, task: Task, name: str) -> LoadedModel | None:
        """The model `task/version`; None where it is not there any more, or may not run."""
        held = [model for model in (*self._models.serving(), self._models.shadow(task)) if model is not None]
        for model in held:
            if model.manifest.name == name:
                return model
        with self._lock:
            return self._earlier(task, name)

    def _earlier(self, task: Task, name: str) -> LoadedModel | None:
        version = name.rpartition("/")[2]
        if not version.isdecimal():
            return None
        files = files_mark(self._store.root / task / str(int(version)))
        tried = self._tried.get(task)
        if tried is None or (tried.name, tried.files) != (name, files):
            tried = self._tried[task] = _Tried(name, files, self._loaded(task, int(version)) if files else None)
        return tried.model

    def _loaded(self, task: Task, version: int) -> LoadedModel | None:
        try:
            self._store.verify(task, version)
            return load_model(self._store.folder(task, version), threads=_THREADS)
        except InferenceError as error:
            logger.warning("%s/%s, which answered once, cannot be asked again: %s", task, version, error)
            return None
