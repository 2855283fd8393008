"""A posted video that is not kept as it came: a file without a name, gone with the request whatever happens."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from gateway.archive.errors import StorageError, StorageFull
from gateway.archive.storage import ObjectStorage

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ScratchVideo:
    """Where the bytes of a video go as they arrive; the file is made with the first of them."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None

    @property
    def sha256(self) -> bytes:
        """The digest of what was written, as 32 bytes."""
        return self._digest.digest()

    def write(self, chunk: bytes) -> None:
        """Append; raises StorageFull, StorageError."""
        self._digest.update(chunk)
        with _told_as_storage_errors():
            if self._file is None:
                self._file = self._storage.scratch()
            self._file.write(chunk)

    def read(self) -> BinaryIO:
        """The file, whole and from its beginning; it stays this one's to close. Raises StorageFull, StorageError."""
        assert self._file is not None  # a form with a video has written to it
        with _told_as_storage_errors():
            self._file.flush()
            self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Let it be gone."""
        if self._file is not None:
            self._file.close()


@contextmanager
def scratch_video(storage: ObjectStorage) -> Iterator[ScratchVideo]:
    """A place for the one video that a request may bring."""
    video = ScratchVideo(storage)
    try:
        yield video
    finally:
        video.close()


@contextmanager
def _told_as_storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = StorageFull if error.errno in _NO_ROOM else StorageError
        raise kind(f"the video cannot be written: {error.strerror}") from error
