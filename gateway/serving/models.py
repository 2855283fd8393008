"""The models that serve, as the store says at this moment.

A thread looks once a second whether `serving` was replaced, loads the newly named model beside the old one, and
switches; a request keeps the model it began with. A model that is refused leaves the old one serving.
"""

import logging
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from gateway.serving.records import ModelRecord, describe_versions
from inference.errors import InferenceError, ModelRefused
from inference.manifest import Task
from inference.runtime import LoadedModel, load_model
from inference.store import TASKS, ModelStore

CHECK_SECONDS = 1.0
_JOIN_SECONDS = 10.0

logger = logging.getLogger(__name__)


class NoModelServes(Exception):
    """No model of a task is loaded; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class _Slot:
    """What is known of one task: the mark last seen, the model that serves, why a newer one does not."""

    mark: tuple[int, int] | None = None
    model: LoadedModel | None = None
    fault: str | None = None


class ServedModels:
    """The serving models of both tasks. Safe to share between threads.

    Loading at construction takes as long as the models take. A task whose model cannot be loaded does not keep the
    gateway from starting: `suitability` and `disease` raise NoModelServes until the store is mended.
    """

    def __init__(self, store: ModelStore, *, threads: int | None = None, check_seconds: float = CHECK_SECONDS) -> None:
        self._store = store
        self._threads = threads
        self._check_seconds = check_seconds
        self._slots: dict[Task, _Slot] = {task: _Slot() for task in TASKS}
        self._refused: dict[tuple[Task, int], str] = {}
        self._closing = threading.Event()
        for task in TASKS:
            self._load(task, store.serving_mark(task))
        self._watcher = threading.Thread(target=self._watch, name="model-store", daemon=True)
        self._watcher.start()

    def suitability(self) -> LoadedModel:
        """Give the suitability model that serves now. Raises NoModelServes."""
        return self._current("suitability")

    def disease(self) -> LoadedModel:
        """Give the disease model that serves now. Raises NoModelServes."""
        return self._current("disease")

    def faults(self) -> dict[Task, str]:
        """Say for each task that does not serve what the store names, why; empty when all is well."""
        return {task: slot.fault for task, slot in self._slots.items() if slot.fault is not None}

    def describe(self) -> list[ModelRecord]:
        """Give a record of every version in the store, by task and version, newest first."""
        return [
            record
            for task in TASKS
            for record in describe_versions(self._store, task, self._serving_version(task), self._refused)
        ]

    def close(self) -> None:
        """Stop looking at the store; models handed out go on working."""
        self._closing.set()
        self._watcher.join(_JOIN_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _current(self, task: Task) -> LoadedModel:
        slot = self._slots[task]
        if slot.model is None:
            raise NoModelServes(f"no {task} model serves: {slot.fault}")
        return slot.model

    def _serving_version(self, task: Task) -> int | None:
        model = self._slots[task].model
        return None if model is None else model.manifest.version

    def _watch(self) -> None:
        while not self._closing.wait(self._check_seconds):
            for task in TASKS:
                self._notice(task)

    def _notice(self, task: Task) -> None:
        try:
            mark = self._store.serving_mark(task)
            if mark != self._slots[task].mark:
                self._load(task, mark)
        except Exception:  # the thread's outer edge: it must go on looking
            logger.exception("looking for a new %s model failed", task)

    def _load(self, task: Task, mark: tuple[int, int] | None) -> None:
        """Load what the store names and let it serve; one assignment switches."""
        old = self._slots[task].model
        version: int | None = None
        try:
            version = self._store.serving(task)
            model = self._load_version(task, version)
        except InferenceError as error:
            self._refuse(task, version, error)
            self._slots[task] = _Slot(mark, old, str(error))
            return
        self._refused.pop((task, model.manifest.version), None)
        self._slots[task] = _Slot(mark, model)
        logger.info("%s serves", model.manifest.name)

    def _load_version(self, task: Task, version: int) -> LoadedModel:
        model = load_model(self._store.folder(task, version), threads=self._threads)
        if model.manifest.name != f"{task}/{version}":
            raise ModelRefused(f"the manifest in {task}/{version} is that of {model.manifest.name}")
        return model

    def _refuse(self, task: Task, version: int | None, error: InferenceError) -> None:
        if version is not None:
            self._refused[task, version] = str(error)
        logger.error("the %s model that the store names is refused: %s", task, error)
