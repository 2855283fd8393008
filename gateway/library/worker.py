"""One thread keeps the library current: cases out of answers, embeddings of pictures, what is compared in memory."""

import logging
import threading
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
_JOIN_SECONDS = 10.0

Step = Callable[[], bool]
"""Some work, a batch at most; False where there was none."""


class LibraryWorker:
    """Does each step in turn, and again at once as long as any has more to do."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._stopping = threading.Event()
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
            if not self.work_once():
                self._stopping.wait(POLL_SECONDS)

    def _done(self, step: Step) -> bool:
        if self._stopping.is_set():
            return False
        try:
            return step()
        except Exception:  # the thread's outer edge
            logger.exception("the library could not be kept current; it is tried again")
            return False
