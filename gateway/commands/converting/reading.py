"""Reading the files that are given: regular ones alone, never more than allowed, and waiting for none."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from blake3 import blake3

from gateway.conversion.errors import ConversionError
from gateway.conversion.video.sniffing import HEAD_BYTES, is_video

_PIECE_BYTES = 1024 * 1024


class NotAFile(ConversionError):
    """The path is no regular file, or a file larger than allowed."""

    code = "not_a_file"


def read_photo(path: Path, max_bytes: int) -> tuple[bytes, datetime]:
    """A photo's bytes and its file's time of change; raises NotAFile, OSError."""
    with _opened(path) as (source, status):
        # No more room than the file needs: fresh pages cost as much as the reading.
        photo = source.read(min(status.st_size, max_bytes) + 1)
    _check_size(len(photo), max_bytes)
    return photo, _changed_at(status)


@contextmanager
def opened_file(path: Path, max_bytes: int) -> Iterator[tuple[FileIO, datetime]]:
    """A file at its first byte, and its time of change; raises NotAFile, OSError."""
    with _opened(path) as (source, status):
        _check_size(status.st_size, max_bytes)
        yield source, _changed_at(status)


def digest_of(photo: bytes) -> str:
    """What tells these bytes from all others, in hexadecimal: BLAKE3, which costs a quarter of SHA-256's time."""
    return blake3(photo).hexdigest()


def digest_of_file(source: FileIO) -> str:
    """The same of an opened file; it is at its first byte again afterwards."""
    digest = blake3()
    while piece := source.read(_PIECE_BYTES):
        digest.update(piece)
    source.seek(0)
    return digest.hexdigest()


def holds_video(path: Path) -> bool:
    """Whether a file begins as a video does; False where it cannot be read, which its conversion tells."""
    try:
        return is_video(head_of(path, HEAD_BYTES))
    except (NotAFile, OSError):
        return False


def head_of(path: Path, size: int) -> bytes:
    """A file's first bytes, fewer where it has no more; raises NotAFile, OSError."""
    with _opened(path) as (source, _):
        return source.read(size)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[FileIO, os.stat_result]]:
    # Without O_NONBLOCK opening a pipe would wait for its writer for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as source:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile("is no regular file")
        yield source, status


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise NotAFile(f"is larger than {max_bytes} bytes")


def _changed_at(status: os.stat_result) -> datetime:
    """In whole seconds: less than that is lost when a file is packed or copied to another file system."""
    return datetime.fromtimestamp(int(status.st_mtime), UTC)
