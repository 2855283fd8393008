"""The models that serve, as the store says at this moment.

A thread looks once a second whether `serving` or `shadow` was replaced, loads the newly named model beside the old one,
and switches; a request keeps the model it began with. A model that is refused leaves the old one serving.
"""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from gateway.serving.records import Held, ModelRecord, describe_versions
from gateway.serving.seats import Seat
from inference.manifest import Task
from inference.runtime import LoadedModel
from inference.store import TASKS, ModelStore
from inference.threads import AutoThreads

CHECK_SECONDS = 1.0
_JOIN_SECONDS = 10.0
_SHADOW_THREADS = 1

logger = logging.getLogger(__name__)


class NoModelServes(Exception):
    """No model of a task is loaded; the message says why."""


class ServedModels:
    """The models of both tasks that serve, and those that judge in their shadow. Safe to share between threads.

    Loading at construction takes as long as the models take. A task whose model cannot be loaded does not keep the
    gateway from starting: `suitability` and `disease` raise NoModelServes until the store is mended. `threads` work on
    one run; by default what proves quickest, remembered in the store's folder. `also` is called after each look.
    """

    def __init__(
        self,
        store: ModelStore,
        *,
        threads: int | None = None,
        check_seconds: float = CHECK_SECONDS,
        also: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._also = also
        self._check_seconds = check_seconds
        chosen = AutoThreads(store.measured_folder) if threads is None else threads
        self._serving: dict[Task, Seat] = {task: Seat(store, task, "serving", chosen) for task in TASKS}
        self._shadows: dict[Task, Seat] = {task: Seat(store, task, "shadow", _SHADOW_THREADS) for task in TASKS}
        self._closing = threading.Event()
        for seat in self._seats():
            seat.look()
        self._watcher = threading.Thread(target=self._watch, name="model-store", daemon=True)
        self._watcher.start()

    def suitability(self) -> LoadedModel:
        """Give the suitability model that serves now. Raises NoModelServes."""
        return self._current("suitability")

    def disease(self) -> LoadedModel:
        """Give the disease model that serves now. Raises NoModelServes."""
        return self._current("disease")

    def serving(self) -> list[LoadedModel]:
        """Give the models that serve now, at most one a task."""
        return [seat.model for seat in self._serving.values() if seat.model is not None]

    def shadow(self, task: Task) -> LoadedModel | None:
        """Give the model that judges in the shadow of the one that serves, None where none does."""
        return self._shadows[task].model

    def faults(self) -> dict[str, str]:
        """Say for each task that does not serve what the store names, why; empty when all is well.

        A shadow that cannot judge stands under `TASK shadow`.
        """
        seats = [(str(task), seat) for task, seat in self._serving.items()]
        seats += [(f"{task} shadow", seat) for task, seat in self._shadows.items()]
        return {what: seat.fault for what, seat in seats if seat.fault is not None}

    def describe(self) -> list[ModelRecord]:
        """Give a record of every version in the store, by task and version, newest first."""
        return [record for task in TASKS for record in describe_versions(self._store, task, self._held(task))]

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
        seat = self._serving[task]
        if seat.model is None:
            raise NoModelServes(f"no {task} model serves: {seat.fault}")
        return seat.model

    def _held(self, task: Task) -> Held:
        seat, shadow = self._serving[task], self._shadows[task]
        loaded = [model for model in (shadow.model, seat.model) if model is not None]
        return Held(
            serving=None if seat.model is None else seat.model.manifest.version,
            refused={**shadow.refused, **seat.refused},
            threads={model.manifest.version: model.threads for model in loaded},
        )

    def _seats(self) -> list[Seat]:
        return [*self._serving.values(), *self._shadows.values()]

    def _watch(self) -> None:
        while not self._closing.wait(self._check_seconds):
            for look in (*(seat.look for seat in self._seats()), self._also):
                self._notice(look)

    @staticmethod
    def _notice(look: Callable[[], None]) -> None:
        try:
            look()
        except Exception:  # the thread's outer edge: it must go on looking
            logger.exception("looking at the model store failed")
