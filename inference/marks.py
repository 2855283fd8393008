"""A mark: a small file that names one version of a task and is replaced in one step."""

import re
from pathlib import Path

from inference.durable import replace_text, sync_folder
from inference.errors import StoreError

VERSION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_MAX_BYTES = 64

Stamp = tuple[int, int]
"""Changes whenever a mark is replaced: time of change in nanoseconds, and inode."""


def read_mark(path: Path) -> int | None:
    """Read which version a mark names, None where there is no such file. Raises StoreError for one that names none."""
    name = f"{path.parent.name}/{path.name}"
    try:
        with path.open(encoding="ascii") as file:
            text = file.read(_MAX_BYTES).strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"the file {name} cannot be read") from error
    if not VERSION.fullmatch(text):
        raise StoreError(f"the file {name} does not name a version")
    return int(text)


def stamp_of(path: Path) -> Stamp | None:
    """Give a mark's stamp at the cost of one stat; None without it."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def write_mark(path: Path, version: int) -> None:
    """Let a mark name a version, in one step; it has reached the disk on return."""
    replace_text(path, f"{version}\n")


def remove_mark(path: Path) -> None:
    """Take a mark away, there or not; that has reached the disk on return."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)
