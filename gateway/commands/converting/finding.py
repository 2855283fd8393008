"""Which files are to be converted: those named, and all that lie in the folders named."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

MAX_FILES = 1_000_000


class TooManyFiles(Exception):
    """The folders hold more files than one run converts."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file; `name` is its path within the folder that was named, or its own name, with `/` between the parts.

    `lay_there` says that nobody named it: it lay in a folder that was named.
    """

    path: Path
    name: str
    lay_there: bool = False


def find_files(named: Iterable[Path], leaving_out: Iterable[Path] = ()) -> list[Found]:
    """Every file, in an order that does not depend on the file system; numbers in names count as numbers.

    Hidden files and folders, and what is `leaving_out` (files or folders), are passed by; links to folders are not
    followed. A file that is reached twice is taken once. Raises TooManyFiles; a path that is not there is found all
    the same: its conversion tells.
    """
    without = {path.resolve() for path in leaving_out}
    found: dict[Path, Found] = {}
    for path in named:
        for one in _within(path, without) if path.is_dir() else [Found(path, path.name)]:
            known = found.setdefault(one.path.resolve(), one)
            if known.lay_there and not one.lay_there:
                found[one.path.resolve()] = replace(known, lay_there=False)
            if len(found) > MAX_FILES:
                raise TooManyFiles(f"more than {MAX_FILES} files")
    return list(found.values())


def _within(folder: Path, without: set[Path]) -> Iterator[Found]:
    files = []
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [name for name in folders if not name.startswith(".") and (here / name).resolve() not in without]
        files += [here / name for name in names if not name.startswith(".")]
    kept = [path for path in files if path.resolve() not in without and path.is_file()]
    return (Found(path, path.relative_to(folder).as_posix(), lay_there=True) for path in sorted(kept, key=_natural))


def _natural(path: Path) -> tuple[tuple[tuple[int, str], ...], str]:
    """`photo2` before `photo10`."""
    parts = re.split(r"([0-9]+)", path.as_posix())
    # Digits alternate with other text, so that like is compared with like; leading zeros settle nothing here.
    numbered = tuple((int(part), "") if place % 2 else (0, part.casefold()) for place, part in enumerate(parts))
    return numbered, path.as_posix()
