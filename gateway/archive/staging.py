"""Receiving an object: written, digested and read, but not yet known to the index."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from dicomweb.archive import JsonObject, StoreStatus
from dicomweb.dicom_json import DicomJsonError
from dicomweb.object_reading import read_object
from dicomweb.part10 import Identity
from dicomweb.part10_errors import Part10Error, UnsupportedTransferSyntaxError
from gateway.archive.digests import FileDigest
from gateway.archive.errors import NotUnderstood
from gateway.archive.facts import Facts, read_facts
from gateway.archive.layouts import Layout, to_layout
from gateway.archive.storage import Kind, ObjectStorage, PendingObject
from gateway.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class KnownObject:
    """What the maker of an object says of it, so that it is not read: it holds neither pixels nor other bulk data.

    `header` is what `dicomweb.dicom_json` would make of the object.
    """

    identity: Identity
    transfer_syntax_uid: str
    header: JsonObject


@dataclass(slots=True)
class StagedObject:
    """An object whose bytes are written and understood; `header` is DICOM JSON without bulk data.

    Durable once its pending object is finished. `memory_bytes` is about what header and layout take.
    `named_in` is the unit of work in which a row came to name it. `keep` and `discard` come to the same end however
    often, and whichever is called first stands.
    """

    pending: PendingObject
    identity: Identity
    transfer_syntax_uid: str
    number_of_frames: int
    sha256: str
    data_set_sha256: str
    header: JsonObject
    layout: Layout
    facts: Facts
    memory_bytes: int = 0
    named_in: UnitOfWork | None = None
    settled: bool = False
    kept: bool = False

    @property
    def object_key(self) -> str:
        """The key of the object in the storage."""
        return self.pending.key

    @property
    def size_bytes(self) -> int:
        """Length of the file."""
        return self.pending.size_bytes

    def keep(self) -> None:
        """Say that the index names the object durably."""
        if not self.settled:
            self.settled = self.kept = True
            self.pending.keep()

    def discard(self) -> None:
        """Forget the object; nothing of it is left."""
        if not self.settled:
            self.settled = True
            self.pending.discard()


class Receiver:
    """Takes one Part 10 file chunk by chunk. Not for use by two threads at a time."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._pending = storage.begin(Kind.DICOM)
        self._digest = FileDigest()

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append; raises StorageFull, StorageError."""
        self._pending.write(self._digest.clean(chunk))

    def staged(self, known: KnownObject | None = None) -> StagedObject:
        """The object that was written, not durable yet; `known` saves reading what its maker knows anyway.

        Raises:
            NotUnderstood: it is no DICOM file that can be archived.
            StudyMismatch: its patient's identity cannot be kept.
        """
        try:
            return self._read() if known is None else self._take(known)
        except UnsupportedTransferSyntaxError as error:
            raise NotUnderstood(StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED, str(error)) from error
        except (Part10Error, DicomJsonError) as error:
            raise NotUnderstood(StoreStatus.CANNOT_UNDERSTAND, str(error)) from error
        finally:
            self._pending.end()

    def discard(self) -> None:
        """Forget what was written."""
        self._pending.discard()

    def _take(self, known: KnownObject) -> StagedObject:
        return StagedObject(
            pending=self._pending,
            identity=known.identity,
            transfer_syntax_uid=known.transfer_syntax_uid,
            number_of_frames=0,
            sha256=self._digest.sha256,
            data_set_sha256=self._digest.data_set_sha256(self._open),
            header=known.header,
            layout=to_layout((), {}),
            facts=read_facts(known.header),
        )

    def _read(self) -> StagedObject:
        with self._open() as stream:
            read = read_object(stream)
        return StagedObject(
            pending=self._pending,
            identity=read.identity,
            transfer_syntax_uid=read.transfer_syntax_uid,
            number_of_frames=read.number_of_frames,
            sha256=self._digest.sha256,
            data_set_sha256=self._digest.data_set_sha256(self._open),
            header=read.header,
            layout=to_layout(read.frames, read.bulk),
            facts=read_facts(read.header),
            memory_bytes=read.memory_bytes,
        )

    def _open(self) -> BinaryIO:
        return self._pending.read()


def receive(
    storage: ObjectStorage, parts: Iterable[bytes | bytearray | memoryview], known: KnownObject | None = None
) -> StagedObject:
    """Write and read a whole object; on any error nothing of it is left."""
    receiver = Receiver(storage)
    try:
        for part in parts:
            receiver.write(part)
        return receiver.staged(known)
    except BaseException:
        receiver.discard()
        raise
