"""The narrow protocol of the object storage: immutable bytes under keys of our own.

An object comes to be in steps, so that files and index agree whatever dies when:

1. `begin`, `write`: the bytes go to a pending object that only this process knows.
2. `finish`: they are durable under their key, and still marked as pending.
3. the caller's transaction commits the row that names the key.
4. `keep` takes the mark away. (`discard` instead of 3 takes mark and object away.)

`recover` settles what a dead process left between 2 and 4: the index decides.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import BinaryIO, Protocol

from gateway.archive.errors import UnknownObject

_KEY = re.compile(r"[0-9a-f]{32}\.(dcm|jpg|png|upload|video|explanation)")
PREFIX_LENGTH = 4


class Kind(StrEnum):
    """What the bytes of an object are; the extension of its key."""

    DICOM = "dcm"
    JPEG = "jpg"
    PNG = "png"
    UPLOAD = "upload"
    VIDEO = "video"
    EXPLANATION = "explanation"


def new_prefix() -> str:
    """First characters for the keys of a run of objects: what is written together lies together."""
    return secrets.token_hex(PREFIX_LENGTH // 2)


def new_key(prefix: str, kind: Kind) -> str:
    """A key nobody has: 32 hex digits that begin with `prefix`, and the kind."""
    return f"{prefix}{secrets.token_hex(16 - PREFIX_LENGTH // 2)}.{kind.value}"


def named_key(name: str, kind: Kind) -> str:
    """The key of an object that belongs to the row of this id, 32 hex digits; raises UnknownObject for another name."""
    return checked_key(f"{name}.{kind.value}")


def checked_key(key: str) -> str:
    """The key itself; raises UnknownObject for what is no key, so that none is ever a path."""
    if not _KEY.fullmatch(key):
        raise UnknownObject("not a key of the object storage")
    return key


class PendingObject(Protocol):
    """An object that is being written. Not for use by two threads at a time."""

    @property
    def key(self) -> str:
        """The key it will have."""

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append; raises StorageFull, StorageError."""

    def end(self) -> None:
        """Say that nothing more is written, so that many may wait to be finished without a descriptor each."""

    def read(self) -> BinaryIO:
        """A new seekable stream over the bytes written so far; the caller closes it."""

    def finish(self) -> None:
        """Make the bytes durable under the key; raises StorageFull, StorageError."""

    def keep(self) -> None:
        """Say that the index names the key durably."""

    def discard(self) -> None:
        """Forget the object, finished or not; never raises for what is gone already."""


class ObjectStorage(Protocol):
    """Where objects are kept; safe for use by many threads and processes."""

    def begin(self, kind: Kind, name: str | None = None) -> PendingObject:
        """Begin a new object, under a key that nobody has or under that of `name`, where nothing may lie yet."""

    def scratch(self) -> BinaryIO:
        """A new empty file, seekable, gone when it is closed; raises OSError, as writing to it may."""

    def finish_all(self, pending: Sequence[PendingObject]) -> None:
        """Finish several of this storage's pending objects at less cost than one by one."""

    def open(self, key: str) -> BinaryIO:
        """Open an object for reading, seekable; raises UnknownObject."""

    def size(self, key: str) -> int:
        """Size in bytes; raises UnknownObject."""

    def delete(self, key: str) -> None:
        """Remove an object durably; one that is gone already is no error."""

    def keys(self) -> Iterator[str]:
        """Every key that has an object, pending ones of living processes among them, sorted by key."""

    def pending_keys(self) -> Iterator[str]:
        """Keys still marked as pending, by any process."""

    def recover(self, is_indexed: Callable[[str], bool]) -> int:
        """Settle what dead processes left pending: what is indexed is kept, the rest removed; returns how many."""

    def close(self) -> None:
        """Give up this process's place among the pending."""
