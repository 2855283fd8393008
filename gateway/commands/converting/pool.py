"""Tasks over worker processes. A file that kills its process is found out and costs nobody else anything."""

import multiprocessing
import sys
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Event

from gateway.commands.converting.outcome import Outcome, skipped
from gateway.commands.converting.planning import Task
from gateway.commands.converting.terms import JudgeTerms, Placement, Terms
from gateway.commands.converting.working import Shared, begin_worker, convert_batch
from gateway.commands.converting.writing import sweep
from gateway.commands.interrupts import Interrupts
from gateway.conversion.video.workplace import tidy

BATCH = 8
"""Most tasks that a worker gets at a time."""

_LOOK_SECONDS = 0.1
"""How often it is seen whether the user wants the run to end."""

_Batch = tuple[Task, ...]


class Pool:
    """Runs tasks in `jobs` processes. One of `interrupts` lets what is under way end, a second one does not."""

    def __init__(
        self,
        terms: Terms,
        placement: Placement,
        jobs: int,
        judging: JudgeTerms | None = None,
        interrupts: Interrupts | None = None,
    ) -> None:
        # A fork takes over what is imported already; elsewhere than on Linux system libraries do not survive it.
        self._context: BaseContext = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._stopping: Event = self._context.Event()
        self._given = (terms, placement, judging)
        self._folder = placement.folder
        self._jobs = jobs
        self._interrupts = interrupts or Interrupts()

    def run(self, tasks: Sequence[Task]) -> Generator[Outcome]:
        """Every task's outcome, as they end. Tasks of one case stay together where that is no loss.

        Raises CommandError where no process can begin.
        """
        tidy(self._folder)
        left = _batches(tasks, self._jobs)
        while left and not self._stopping.is_set():
            suspects: list[_Batch] = []
            yield from self._run_until_broken(left, suspects)
            for batch in suspects:
                for task in batch:
                    yield from self._alone(task)
            if suspects:
                sweep(self._folder)

    def _stop(self, left: list[_Batch]) -> None:
        """End the run: what is under way is finished, nothing else is begun."""
        self._stopping.set()
        left.clear()

    def _heed(self, left: list[_Batch]) -> None:
        """See to what the user wants by now; it is looked for here, where nothing is half done."""
        if self._interrupts.number:
            self._stop(left)
        if self._interrupts.number > 1:
            for process in multiprocessing.active_children():
                process.kill()

    def _run_until_broken(self, left: list[_Batch], suspects: list[_Batch]) -> Iterator[Outcome]:
        """Work `left` off; where a process dies, the batches it may have died of become `suspects`."""
        under_way: dict[Future[list[Outcome]], _Batch] = {}
        with self._executor(self._jobs) as executor:
            try:
                while left or under_way:
                    self._heed(left)
                    while left and len(under_way) < 2 * self._jobs:
                        future = executor.submit(convert_batch, left[-1])
                        under_way[future] = left.pop()
                    done, _ = wait(under_way, _LOOK_SECONDS, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield from future.result()
                        del under_way[future]
            except BrokenProcessPool:
                suspects += under_way.values()
            except BaseException:
                self._stop(left)
                raise

    def _alone(self, task: Task) -> Iterator[Outcome]:
        if self._interrupts.number or self._stopping.is_set():
            return
        with self._executor(1) as executor:
            try:
                yield from executor.submit(convert_batch, (task,)).result()
            except BrokenProcessPool:
                yield skipped(task.name, "the process that converted it died or took too long", "died")

    def _executor(self, jobs: int) -> ProcessPoolExecutor:
        # A process that died may have had a turn of the videos: those after it begin with all of them.
        shared = Shared(self._stopping, self._context.Semaphore(max(1, jobs // 2)))
        return ProcessPoolExecutor(jobs, self._context, begin_worker, (*self._given, shared))


def _batches(tasks: Sequence[Task], jobs: int) -> list[_Batch]:
    """The last one is to be worked first; several for each job, so that none waits long for another in the end."""
    size = max(1, min(BATCH, len(tasks) // (4 * jobs)))
    return [tuple(tasks[start : start + size]) for start in range(0, len(tasks), size)][::-1]
