"""The index of SQLite read into the system's memory at the start, so that no search waits for the disk.

After a start, and after much else was read, its pages lie on the disk: a search of a few hundred of them takes ten
times as long then. They are read in the order of the file, which a disk does fastest, while the gateway works already.
"""

import logging
import threading
import time
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

_PIECE_BYTES: Final = 1024 * 1024
_SHARE: Final = 0.5
"""Of the memory that is free or could be at once: the rest is for others, and what is not held stays on the disk."""
_JOIN_SECONDS: Final = 10.0


class ReadAhead:
    """One thread that reads a file, once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def stop(self) -> None:
        """End, wherever it is."""
        self._stopping.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        started = time.monotonic()
        try:
            read = read_through(self._path, most_bytes=int(_SHARE * available_bytes()), stopping=self._stopping)
        except OSError as error:  # searches go on, by the disk
            logger.warning("the index could not be read ahead: %s", error.strerror)
            return
        logger.info("the index was read ahead: %d MB in %.1f s", read // 1_000_000, time.monotonic() - started)


def read_through(path: Path, *, most_bytes: int, stopping: threading.Event) -> int:
    """Read a file from its beginning on, at most so much of it, until `stopping` is set; how many bytes that were.

    Raises OSError.
    """
    piece = bytearray(_PIECE_BYTES)
    done = 0
    with path.open("rb", buffering=0) as file:
        while done < most_bytes and not stopping.is_set() and (count := file.readinto(piece)):
            done += count
    return done


def available_bytes() -> int:
    """Memory that may be had without pushing anything out; 0 where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return 0
