"""One watcher at a time for each task of a store."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.manifest import Task
from trainer.loop.errors import AlreadyWatched


@contextmanager
def watching(store: Path, task: Task) -> Iterator[None]:
    """Hold the store's lock of this task; the system gives it back however the process ends. Raises AlreadyWatched."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / f".watch-{task}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyWatched(f"another watcher looks after {task} models of this store") from error
        yield
