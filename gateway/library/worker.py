"""One thread keeps the library current: cases out of answers, embeddings of pictures, what is compared in memory."""

import logging
import threading
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""Between two looks while something fails, such as a database that does not answer."""
_JOIN_SECONDS = 10.0

Step = Callable[[], bool]
"""Some work, a batch at most; False where there was none."""


class LibraryWorker:
    """Does each step in turn, and again at once as long as any has more to do."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._stopping = threading.Event()
        self._failures = 0
        self._pause = POLL_SECONDS
        self._thread = threading.Thread(target=self._run, name="library", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch in hand; what is left goes on with the next start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def work_once(self) -> bool:
        """Do each step once; whether any had work. What fails is tried again the next time."""
        worked = [self._done(step) for step in self._steps]
        return any(worked)

    def _run(self) -> None:
        while not self._stopping.is_set():
            failures = self._failures
            if self.work_once():
                continue
            failed = self._failures > failures
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS) if failed else POLL_SECONDS
            self._stopping.wait(self._pause)

    def _done(self, step: Step) -> bool:
        if self._stopping.is_set():
            return False
        try:
            return step()
        except Exception:  # the thread's outer edge
            logger.exception("the library could not be kept current; it is tried again")
            self._failures += 1
            return False
