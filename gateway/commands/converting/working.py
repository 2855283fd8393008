"""What a worker process does: tasks in batches, made one after the other, synced beside the work on the next."""

import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.synchronize import Event
from os import _exit as end_at_once
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.commands.converting.making import MadeObject, Maker
from gateway.commands.converting.outcome import Outcome, State, skipped
from gateway.commands.converting.planning import Task
from gateway.commands.converting.terms import JudgeTerms, Placement, Terms
from gateway.commands.converting.writing import OtherContent, is_there, put_in_place, write_beside
from gateway.conversion.codes.tables import load_codes, use_codes
from gateway.conversion.errors import ConversionError

if TYPE_CHECKING:
    from gateway.commands.converting.judging import BatchJudge

SYNCING_THREADS = 2


class Worker:
    """Converts tasks; `stopping` ends a batch before its next task."""

    def __init__(self, terms: Terms, placement: Placement, judging: JudgeTerms | None, stopping: Event) -> None:
        self._maker = Maker(terms)
        self._judge = None if judging is None else _judge(judging)
        self._placement = placement
        self._stopping = stopping
        self._syncing = ThreadPoolExecutor(SYNCING_THREADS)

    def convert(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Each task's outcome, those that were begun; every object told of is on the disk."""
        begun: list[Future[Outcome]] = []
        for task in tasks:
            if self._stopping.is_set():
                break
            begun.append(self._begin(task))
        return [future.result() for future in begun]

    def _begin(self, task: Task) -> Future[Outcome]:
        try:
            made = self._maker.make(task)
            target = self._target(task, made)
            outcome = self._outcome(task, made, target)
            if not self._placement.overwrite and is_there(target, made.dicom.parts):
                return _ended(replace(outcome, state=State.UNCHANGED))
            target.parent.mkdir(parents=True, exist_ok=True)
            pending = write_beside(target, made.dicom.parts)
        except (ConversionError, OtherContent) as error:
            return _ended(skipped(task.name, str(error)))
        except OSError as error:
            return _ended(skipped(task.name, error.strerror or "cannot be read or written"))
        except MemoryError:
            return _ended(skipped(task.name, "there is not enough memory for it"))
        return self._syncing.submit(_finish, pending, outcome)

    def _target(self, task: Task, made: MadeObject) -> Path:
        if self._placement.names == "source":
            return self._placement.folder / f"{task.name}.dcm"
        return self._placement.folder / f"{made.dicom.sop_instance_uid}.dcm"

    def _outcome(self, task: Task, made: MadeObject, target: Path) -> Outcome:
        verdict = None
        if self._judge is not None:
            verdict = self._judge.verdict(made.photo, task.fields, made.facts.received_at)
        dicom = made.dicom
        return Outcome(
            name=task.name,
            state=State.CONVERTED,
            output=target,
            dicom={
                "study_instance_uid": dicom.study_instance_uid,
                "series_instance_uid": dicom.series_instance_uid,
                "sop_instance_uid": dicom.sop_instance_uid,
                "sop_class_uid": dicom.sop_class_uid,
            },
            verdict=verdict,
        )


_worker: list[Worker] = []
"""The one of this process."""


def begin_worker(terms: Terms, placement: Placement, judging: JudgeTerms | None, stopping: Event) -> None:
    """Make this process a worker: Ctrl-C is its parent's to understand, and it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    use_codes(load_codes(terms.site.codes))
    _worker[:] = [Worker(terms, placement, judging, stopping)]


def convert_batch(tasks: Sequence[Task]) -> list[Outcome]:
    """Convert a batch in this worker process."""
    return _worker[0].convert(tasks)


def _judge(terms: JudgeTerms) -> "BatchJudge":
    judge: BatchJudge = import_module("gateway.commands.converting.judging").BatchJudge(terms)
    return judge


def _finish(pending: Path, outcome: Outcome) -> Outcome:
    try:
        put_in_place(pending, outcome.output or pending)
    except OSError as error:
        return skipped(outcome.name, error.strerror or "cannot be written")
    return outcome


def _ended(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        end_at_once(1)
