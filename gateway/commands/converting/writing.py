"""Files written whole or not at all: a hidden file beside the target, synced, then renamed over it."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from inference.durable import sync_folder


class OtherContent(Exception):
    """The target is there already, with other content."""

    code = "other_content"


def write_beside(target: Path, parts: Sequence[bytes | bytearray | memoryview]) -> Path:
    """Write a file that is to become `target`; it is hidden, and not synced yet. Nothing is left of a failure."""
    pending = target.with_name(f".{target.name}.{os.getppid()}-{os.getpid()}.part")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        for part in parts:
            _write(descriptor, part)
    except BaseException:
        with suppress(OSError):
            pending.unlink()
        raise
    finally:
        os.close(descriptor)
    return pending


def sweep(folder: Path) -> None:
    """Remove what workers of this process left unfinished; none of them may be alive."""
    for path in folder.rglob(f".*.{os.getpid()}-*.part"):
        path.unlink(missing_ok=True)


def put_in_place(pending: Path, target: Path) -> None:
    """Sync what was written and give it its name; the folder is still to be synced."""
    try:
        descriptor = os.open(pending, os.O_RDONLY)
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        pending.rename(target)
    except BaseException:
        with suppress(OSError):
            pending.unlink()
        raise


def is_there(target: Path, parts: Sequence[bytes | bytearray | memoryview]) -> bool:
    """Whether `target` holds exactly these bytes; raises OtherContent where it holds others."""
    try:
        size = target.stat().st_size
    except FileNotFoundError:
        return False
    if size == sum(map(len, parts)) and _holds(target, parts):
        return True
    raise OtherContent(f"{target.name} is there already, with other content")


def sync_folders(folders: Sequence[Path]) -> None:
    """Bring the names in these folders to the disk."""
    for folder in folders:
        sync_folder(folder)


def _write(descriptor: int, part: bytes | bytearray | memoryview) -> None:
    left = memoryview(part)
    while left:
        left = left[os.write(descriptor, left) :]


def _holds(target: Path, parts: Sequence[bytes | bytearray | memoryview]) -> bool:
    with target.open("rb") as there:
        return all(there.read(len(part)) == part for part in parts)
