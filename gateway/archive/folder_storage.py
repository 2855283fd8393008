"""Object storage in a folder of a POSIX file system.

```
objects/ab/cd/abcd….dcm        finished objects
pending/<process>/abcd….dcm    a second name of those whose row may not be committed yet
```

A process's folder below `pending` is held by flock as long as the process lives; the kernel lets go of it however
the process dies. Keys are handed out in runs with the same first four digits, so that few folders are made and
those written to stay the same for a while.
"""

import errno
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from dicomweb.at_once import is_short
from gateway.archive.errors import StorageError, StorageFull, UnknownObject
from gateway.archive.folder_lock import held
from gateway.archive.page_cache import borrowed, open_cached
from gateway.archive.storage import Kind, PendingObject, checked_key, named_key, new_key, new_prefix
from inference.durable import sync_folder

KEYS_IN_A_RUN = 1000
MOST_WAITING_OPEN = 64
"""Objects that keep their descriptor from their end until they are synced."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderStorage:
    """Objects as files; see the module."""

    def __init__(self, root: Path) -> None:
        self._objects = root / "objects"
        self._pending = root / "pending"
        self._lock = threading.Lock()
        self._room = threading.Semaphore(MOST_WAITING_OPEN)
        self._keys_left = 0
        self._prefix = ""
        with _told_as_storage_errors():
            for folder in (root, self._objects, self._pending):
                folder.mkdir(parents=True, exist_ok=True)
                sync_folder(folder.parent)
            self._own, self._own_descriptor = self._take_own_folder()

    def begin(self, kind: Kind, name: str | None = None) -> "FolderObject":
        """Begin a new object."""
        key = new_key(self._next_prefix(), kind) if name is None else named_key(name, kind)
        return FolderObject(key, self._own / key, self._path(key), self._room)

    def scratch(self) -> BinaryIO:
        """A file without a name in this process's own folder, so that nothing is left of it however it dies."""
        return cast(BinaryIO, TemporaryFile(dir=self._own))

    def finish_all(self, pending: Sequence[PendingObject]) -> None:
        """Finish several: all linked, then each file synced, then each folder once.

        Linked before they are synced: the first sync then writes the names of all along with it, and those of the
        folders find nothing left to write. A name without its bytes is marked as pending and in no index.
        """
        ours = [one for one in pending if isinstance(one, FolderObject)]
        if len(ours) != len(pending):
            raise TypeError("a pending object of another storage")
        folders = dict.fromkeys([one.link() for one in ours])
        for one in ours:
            one.sync()
        with _told_as_storage_errors():
            for folder in folders:
                sync_folder(folder)

    def open(self, key: str) -> BinaryIO:
        """Open an object; raises UnknownObject. In a block that has to be short: as far as it lies in memory."""
        try:
            if is_short():
                return open_cached(self._place(key))
            return open(self._place(key), "rb")  # noqa: PTH123 - read all the time; the caller closes it
        except FileNotFoundError as error:
            raise UnknownObject(f"no object {key}") from error

    def size(self, key: str) -> int:
        """Size in bytes; raises UnknownObject."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise UnknownObject(f"no object {key}") from error

    def delete(self, key: str) -> None:
        """Remove an object durably."""
        path = self._path(key)
        with _told_as_storage_errors(), suppress(FileNotFoundError):
            path.unlink()
            sync_folder(path.parent)

    def keys(self) -> Iterator[str]:
        """Every key, sorted; a folder's names at a time are held in memory."""
        for first in _names(self._objects):
            for second in _names(self._objects / first):
                yield from _names(self._objects / first / second)

    def pending_keys(self) -> Iterator[str]:
        """Keys still marked as pending, by any process."""
        for process in _names(self._pending):
            yield from _names(self._pending / process)

    def recover(self, is_indexed: Callable[[str], bool]) -> int:
        """Settle what dead processes left; folders of living ones are held and passed by."""
        settled = 0
        with _told_as_storage_errors(), held(self._pending):
            for name in _names(self._pending):
                if name != self._own.name:
                    settled += self._recover_folder(self._pending / name, is_indexed)
        return settled

    def close(self) -> None:
        """Let go of this process's folder, and remove it where it is empty."""
        # Under the lock of the parent, so that no recovery finds the name of a folder that is gone.
        with suppress(OSError), held(self._pending):
            self._own.rmdir()
        os.close(self._own_descriptor)

    def _take_own_folder(self) -> tuple[Path, int]:
        # Under the lock of the parent, so that no recovery finds the folder made but not yet held.
        with held(self._pending):
            own = self._pending / f"{os.getpid()}-{secrets.token_hex(8)}"
            own.mkdir()
            descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        return own, descriptor

    def _recover_folder(self, folder: Path, is_indexed: Callable[[str], bool]) -> int:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        else:
            keys = _names(folder)
            for key in keys:
                if not is_indexed(key):
                    self.delete(key)
                (folder / key).unlink()
            folder.rmdir()
            return len(keys)
        finally:
            os.close(descriptor)

    def _next_prefix(self) -> str:
        with self._lock:
            if self._keys_left == 0:
                self._prefix, self._keys_left = new_prefix(), KEYS_IN_A_RUN
            self._keys_left -= 1
            return self._prefix

    def _path(self, key: str) -> Path:
        return Path(self._place(key))

    def _place(self, key: str) -> str:
        return f"{self._objects}/{checked_key(key)[:2]}/{key[2:4]}/{key}"


class FolderObject:
    """A pending object: a file in the process's own folder, linked to its final place when it is finished."""

    def __init__(self, key: str, pending_path: Path, final_path: Path, room: threading.Semaphore) -> None:
        self._room = room
        self._waits = False
        self.key = key
        self.size_bytes = 0
        self._pending_path = pending_path
        self._final_path = final_path
        with _told_as_storage_errors():
            self._descriptor = os.open(pending_path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append."""
        left = memoryview(chunk)
        with _told_as_storage_errors():
            while left:
                left = left[os.write(self._descriptor, left) :]
        self.size_bytes += len(chunk)

    def end(self) -> None:
        """Close the file unless few wait; it is opened again to be synced."""
        if self._waits or not self._room.acquire(blocking=False):
            self._close()
        else:
            self._waits = True

    def read(self) -> BinaryIO:
        """A stream over what was written."""
        return self._pending_path.open("rb") if self._descriptor < 0 else borrowed(self._descriptor)

    def finish(self) -> None:
        """Link the file to its place, sync it, sync the folder."""
        folder = self.link()
        self.sync()
        with _told_as_storage_errors():
            sync_folder(folder)

    def link(self) -> Path:
        """Link the file to its place; returns the folder that is still to be synced."""
        folder = self._final_path.parent
        with _told_as_storage_errors():
            try:
                self._final_path.hardlink_to(self._pending_path)
            except FileNotFoundError:
                _make_folder(folder)
                self._final_path.hardlink_to(self._pending_path)
        return folder

    def sync(self) -> None:
        """Make the bytes durable."""
        with _told_as_storage_errors():
            if self._descriptor < 0:
                self._descriptor = os.open(self._pending_path, os.O_RDONLY)
            os.fsync(self._descriptor)
            self._close()

    def keep(self) -> None:
        """Take the mark away; it need not be durable, recovery would only do it again."""
        with suppress(OSError):
            self._pending_path.unlink()

    def discard(self) -> None:
        """Take object and mark away, the mark last."""
        with suppress(OSError):
            self._close()
            self._final_path.unlink(missing_ok=True)
            self._pending_path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._waits:
            self._waits = False
            self._room.release()


@contextmanager
def _told_as_storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        if error.errno in _NO_ROOM:
            raise StorageFull(f"no room for another object: {reason}") from error
        raise StorageError(f"the object storage failed: {reason}") from error


def _make_folder(folder: Path) -> None:
    """Make a folder and its parent durably."""
    for one in (folder.parent, folder):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def _names(folder: Path) -> list[str]:
    """Names in the folder, sorted; none where it is gone."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
