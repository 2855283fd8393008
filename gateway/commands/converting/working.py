"""What a worker process does: tasks in batches, made one after the other, synced beside the work on the next."""

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.synchronize import Event, Semaphore
from os import _exit as end_at_once
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.commands.converting.bounds import PHOTO_SECONDS, VIDEO_SECONDS, bound_memory, bounded_time, end_when_late
from gateway.commands.converting.leads import Leads
from gateway.commands.converting.making import MadeObject, Maker
from gateway.commands.converting.memory import keep_freed_memory
from gateway.commands.converting.outcome import Outcome, State, Written, skipped
from gateway.commands.converting.planning import Task, report_name
from gateway.commands.converting.reading import holds_video
from gateway.commands.converting.terms import JudgeTerms, Placement, Terms
from gateway.commands.converting.writing import OtherContent, is_there, put_in_place, write_beside
from gateway.commands.errors import CommandError
from gateway.conversion.codes.tables import load_codes, use_codes
from gateway.conversion.errors import ConversionError
from gateway.conversion.facts import SopClass
from gateway.conversion.part10 import DicomObject, Part
from gateway.conversion.video.errors import VideoWorkFailed, WorkGivenUp
from inference.errors import PictureError

if TYPE_CHECKING:
    from gateway.commands.converting.filming import Filming
    from gateway.commands.converting.judging import BatchJudge
    from gateway.conversion.findings.document import ReportObject

SYNCING_THREADS = 2
_CODES: Mapping[type[Exception], str] = {
    FileNotFoundError: "no_such_file",
    PermissionError: "not_readable",
    MemoryError: "too_little_memory",
    VideoWorkFailed: "video_failed",
}
"""What errors are called that have no code of their own."""
_LOOK_SECONDS = 0.5
"""How often a video that waits for its turn sees whether the run ends."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the processes of a run have in common: whether it ends, and turns for the videos, which take much memory."""

    stopping: Event
    videos: Semaphore


@dataclass(frozen=True, slots=True)
class _Object:
    """An object that is to be in the folder."""

    written: Written
    parts: Sequence[Part]

    @property
    def target(self) -> Path:
        return self.written.output


class Worker:
    """Converts tasks; `shared.stopping` ends a batch before its next task. To make one raises InferenceError."""

    def __init__(self, terms: Terms, placement: Placement, judging: JudgeTerms | None, shared: Shared) -> None:
        self._terms = terms
        self._leads = Leads(terms)
        self._maker = Maker(terms, self._leads)
        self._judge = None if judging is None else _judge(judging, terms)
        self._placement = placement
        self._shared = shared
        self._syncing = ThreadPoolExecutor(SYNCING_THREADS)

    def convert(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Each task's outcome, those that were begun; every object told of is on the disk."""
        begun: list[Future[Outcome]] = []
        for task in tasks:
            if self._shared.stopping.is_set():
                break
            with suppress(WorkGivenUp):
                begun.append(self._begin(task))
        return [future.result() for future in begun]

    def _begin(self, task: Task) -> Future[Outcome]:
        try:
            if holds_video(task.path):
                return self._begin_video(task)
            with bounded_time(PHOTO_SECONDS):
                return self._write(task, self._maker.make(task))
        except WorkGivenUp:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends this file and not the run
            return _ended(failed(task.name, error))

    def _begin_video(self, task: Task) -> Future[Outcome]:
        filming: Filming = import_module("gateway.commands.converting.filming").Filming(
            self._terms, self._leads, self._placement.folder, self._shared.stopping.is_set
        )
        with self._turn(), bounded_time(VIDEO_SECONDS), filming.make(task) as made:
            return self._write(task, made)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        while not self._shared.videos.acquire(timeout=_LOOK_SECONDS):
            if self._shared.stopping.is_set():
                raise WorkGivenUp
        try:
            yield
        finally:
            self._shared.videos.release()

    def _write(self, task: Task, made: MadeObject) -> Future[Outcome]:
        image = self._object(task.name, made.dicom, made.dicom.parts)
        dated_by, notice = made.placed.dated_by, notice_of(task, made.dicom.sop_class_uid)
        outcome = Outcome(task.name, State.CONVERTED, dated_by=dated_by, notice=notice, written=image.written)
        objects = [image]
        if self._judge is not None:
            judged = self._judge.judged(made, task.fields)
            outcome = replace(outcome, verdict=judged.verdict)
            if judged.report is not None:
                objects.append(self._object(report_name(task.name), judged.report, [judged.report.data]))
                outcome = replace(outcome, report=objects[-1].written)
        try:
            objects = [each for each in objects if self._placement.overwrite or not is_there(each.target, each.parts)]
        except OtherContent as error:
            return _ended(replace(failed(task.name, error), kept_out_of=made.dicom.study_instance_uid))
        if not objects:
            return _ended(replace(outcome, state=State.UNCHANGED))
        outcome = replace(outcome, fresh=tuple(each.target for each in objects))
        return self._syncing.submit(_finish, _written_beside(objects), outcome)

    def _object(self, name: str, made: "DicomObject | ReportObject", parts: Sequence[Part]) -> _Object:
        stem = name if self._placement.names == "source" else made.sop_instance_uid
        uids = {
            "study_instance_uid": made.study_instance_uid,
            "series_instance_uid": made.series_instance_uid,
            "sop_instance_uid": made.sop_instance_uid,
            "sop_class_uid": made.sop_class_uid,
        }
        return _Object(Written(self._placement.folder / f"{stem}.dcm", uids), parts)


def failed(name: str, error: Exception) -> Outcome:
    """A file that could not be converted; it is told as an app is told of it that posts the file to a gateway."""
    told = error.__cause__ if isinstance(error.__cause__, PictureError) else error
    return skipped(name, reason_of(error), getattr(told, "code", "") or _code_of(error))


def _code_of(error: Exception) -> str:
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), "failed")


def notice_of(task: Task, sop_class_uid: str) -> str:
    """What a converted file is not stored as, though it is said to be that."""
    if task.fields.kind != "dermoscopic" or sop_class_uid != SopClass.VL_PHOTOGRAPHIC:
        return ""
    return "stored as a VL Photographic image: maker, model, serial number or software of the dermatoscope is unknown"


def reason_of(error: Exception) -> str:
    """Why a file is skipped, in words that hold nothing of what is in it."""
    if isinstance(error, (ConversionError, OtherContent, VideoWorkFailed)):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or "cannot be read or written"
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    return f"cannot be converted: {type(error).__name__}"


_worker: list[Worker] = []
"""The one of this process."""
_faults: list[str] = []
"""Why there is none."""


def begin_worker(terms: Terms, placement: Placement, judging: JudgeTerms | None, shared: Shared) -> None:
    """Make this process a worker: Ctrl-C is its parent's to understand, and it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_when_late()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    bound_memory(terms.intake.max_pixels)
    keep_freed_memory()
    try:
        use_codes(load_codes(terms.site.codes))
        _worker[:] = [Worker(terms, placement, judging, shared)]
    except Exception as error:  # noqa: BLE001 - raised here it would be taken for a fault of every single file
        _faults[:] = [f"no worker can begin: {type(error).__name__}: {error}"]


def convert_batch(tasks: Sequence[Task]) -> list[Outcome]:
    """Convert a batch in this worker process. Raises CommandError where it could not begin."""
    if _faults:
        raise CommandError(_faults[0])
    return _worker[0].convert(tasks)


def _judge(judging: JudgeTerms, terms: Terms) -> "BatchJudge":
    judge: BatchJudge = import_module("gateway.commands.converting.judging").BatchJudge(judging, terms.site)
    return judge


def _written_beside(objects: Sequence[_Object]) -> list[tuple[Path, Path]]:
    """Each object in a file that is to become its target; none where one cannot be written."""
    pending: list[tuple[Path, Path]] = []
    try:
        for each in objects:
            each.target.parent.mkdir(parents=True, exist_ok=True)
            pending.append((write_beside(each.target, each.parts), each.target))
    except BaseException:
        _remove(pending)
        raise
    return pending


def _finish(pending: Sequence[tuple[Path, Path]], outcome: Outcome) -> Outcome:
    """Put the image in its place, and then its report."""
    for number, (written, target) in enumerate(pending):
        try:
            put_in_place(written, target)
        except Exception as error:  # noqa: BLE001 - as above
            _remove(pending[number + 1 :])
            return failed(outcome.name, error)
    return outcome


def _remove(pending: Sequence[tuple[Path, Path]]) -> None:
    for written, _ in pending:
        with suppress(OSError):
            written.unlink()


def _ended(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        end_at_once(1)
