"""What it depends on whether a round can be begun: as long as it stays, sifting the samples again is of no use."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from trainer.loop.asking import Watched
from trainer.loop.gathering import Base
from trainer.photos.locating import MAX_DEPTH, MAX_FILES, SUFFIXES


@dataclass(frozen=True, slots=True)
class Basis:
    """The number of the newest label, and a hash of everything else: settings, base set, what serves knows."""

    last: int
    settings: str


def basis_of(watched: Watched, last: int, known: Sequence[str]) -> Basis:
    """From the number of the newest label and the classes that the serving model knows.

    Of the base set it is told which files and folders there are and when they were written, not what is in them.
    """
    digest = hashlib.sha256(repr((watched.new, watched.rules, sorted(known))).encode())
    for stamp in _stamps(watched.base):
        digest.update(repr(stamp).encode())
    return Basis(last, digest.hexdigest())


_Stamp = tuple[str, int, int]
"""A path or names of folders, when it was last written (nanoseconds), how long it is (bytes); zeros where that is not
asked, or not had."""


def _stamps(base: Base | None) -> Iterator[_Stamp]:
    if base is None:
        return
    for table in (base.labels, base.facts):
        if table is not None:
            yield _stamp(table)
    yield from islice(_found(base.photos), MAX_FILES)


def _found(root: Path) -> Iterator[_Stamp]:
    """Folders by their names and pictures as they were written; other files beside them change nothing."""
    for folder, folders, files in os.walk(root):
        deep = len(Path(folder).relative_to(root).parts) >= MAX_DEPTH
        folders[:] = [] if deep else sorted(each for each in folders if not each.startswith("."))
        yield f"{folder}: {folders}", 0, 0
        yield from (_stamp(Path(folder, file)) for file in sorted(files) if file.lower().endswith(SUFFIXES))


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size
