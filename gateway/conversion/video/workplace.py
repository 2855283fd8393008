"""Folders for the work on videos: each is held as long as anybody works in it, and removed afterwards.

Patients' videos lie in them. What a process left that was killed is known by its lock, which the kernel lets go of
however the process dies, and is removed when the next folder is made (or `tidy` is called).
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

PREFIX: Final = ".dermgate-video-"
_LOCK: Final = "lock"
# A file and not the folder itself is locked: network file systems lock only what can be written.


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """An empty folder but for its lock; whoever inherits the descriptor `lock` holds the folder too."""

    path: Path
    lock: int


@contextmanager
def work_folder(parent: Path) -> Iterator[WorkFolder]:
    """A folder in `parent`, which is made where it is missing, for the time of the block. Raises OSError."""
    parent.mkdir(parents=True, exist_ok=True)
    tidy(parent)
    folder = _taken(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)
        os.close(folder.lock)


def tidy(parent: Path) -> None:
    """Remove the folders in `parent` that nobody holds any longer."""
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            _remove_unheld(path)


def _taken(parent: Path) -> WorkFolder:
    while True:
        path = Path(mkdtemp(prefix=PREFIX, dir=parent))
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with suppress(OSError):  # a file system without locks: then nothing there is ever taken for left behind
            fcntl.flock(lock, fcntl.LOCK_EX)
        if (path / _LOCK).exists():
            return WorkFolder(path, lock)
        os.close(lock)  # somebody tidied up between the last two steps


def _remove_unheld(path: Path) -> None:
    """Raises OSError where it is held, or has no lock yet."""
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)
