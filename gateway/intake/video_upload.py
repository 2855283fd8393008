"""A posted video on its way to the storage: written while it arrives, so that it is never held as a whole."""

import hashlib
from types import TracebackType
from typing import Self

from gateway.archive.storage import Kind, ObjectStorage, PendingObject


class VideoUpload:
    """One video as an object that nobody knows of yet; whoever has it keeps or discards it."""

    def __init__(self, storage: ObjectStorage) -> None:
        self.pending: PendingObject = storage.begin(Kind.VIDEO)
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> bytes:
        """The digest of what was written, as 32 bytes."""
        return self._digest.digest()

    def write(self, chunk: bytes) -> None:
        """Append; raises StorageFull, StorageError."""
        self._digest.update(chunk)
        self.pending.write(chunk)

    def discard(self) -> None:
        """Forget it; for one that is kept already, nothing."""
        self.pending.discard()


class VideoDrop:
    """The place for the one video that a request may bring; what nobody took at the end of the block is discarded."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._upload: VideoUpload | None = None

    def begin(self) -> VideoUpload:
        """The upload to write to. Raises StorageError."""
        self._upload = VideoUpload(self._storage)
        return self._upload

    @property
    def sha256(self) -> bytes:
        """The digest of the upload."""
        return self._begun().sha256

    def take(self) -> PendingObject:
        """The upload, whole; from here on it is the taker's to keep or discard."""
        taken = self._begun().pending
        self._upload = None
        return taken

    def _begun(self) -> VideoUpload:
        assert self._upload is not None  # a form with a video has written to it
        return self._upload

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._upload is not None:
            self._upload.discard()
