"""An archive in memory: the `Archive` protocol over plain dictionaries, for tests and small embedded uses.

Nothing is durable. A search looks at every instance.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from dicomweb.archive import (
    Changes,
    JsonObject,
    Matches,
    Search,
    Span,
    StoredInstance,
    StoreOutcome,
    StoreSession,
    StoreStatus,
)
from dicomweb.dicom_json import to_json
from dicomweb.memory_search import Entry, search_entries
from dicomweb.memory_shelf import Shelf
from dicomweb.part10 import DEFAULT_LIMITS, Identity, Part10, read_identity, read_part10
from dicomweb.part10_errors import MissingIdentityError, Part10Error, UnsupportedTransferSyntaxError
from dicomweb.walker import Limits


class MemoryArchive:
    """An archive whose objects live in memory, safe to use from many threads."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._shelf = Shelf()
        self._limits = limits

    def search(self, search: Search) -> Matches:
        """Answer one page of a search, in the order of study, series and instance."""
        return search_entries(self._shelf.sorted(), search)

    def find(
        self, study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
    ) -> Sequence[StoredInstance]:
        """Instances of a study, series or instance, by series and instance number."""
        return [
            entry.instance
            for entry in self._shelf.sorted()
            if entry.instance.study_instance_uid == study_instance_uid
            and series_instance_uid in (None, entry.instance.series_instance_uid)
            and sop_instance_uid in (None, entry.instance.sop_instance_uid)
        ]

    def metadata(self, instances: Sequence[StoredInstance]) -> Iterator[JsonObject]:
        """Every attribute but bulk data."""
        for instance in instances:
            yield self._entry(instance).metadata

    def frames(self, instance: StoredInstance) -> Sequence[Sequence[Span]]:
        """Where each frame's bytes lie."""
        return self._entry(instance).part10.frames

    def bulk_data(self, instance: StoredInstance, path: str) -> Sequence[Span]:
        """Where a bulk value lies."""
        value = self._entry(instance).part10.bulk.get(path)
        return value.spans if value else ()

    def open(self, instance: StoredInstance) -> BinaryIO:
        """Open the stored file."""
        return BytesIO(self._entry(instance).data)

    def begin_store(self, study_instance_uid: str | None) -> StoreSession:
        """Begin a store request."""
        return _MemoryStoreSession(self._shelf, self._limits, study_instance_uid)

    def delete(
        self, study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
    ) -> int:
        """Delete the instances of a study or series, or one."""
        found = self.find(study_instance_uid, series_instance_uid, sop_instance_uid)
        return self._shelf.remove([instance.sop_instance_uid for instance in found])

    def changes(self, after: int, limit: int) -> Changes:
        """At most `limit` changes numbered above `after`."""
        return self._shelf.changes(after, limit)

    def _entry(self, instance: StoredInstance) -> Entry:
        return self._shelf.get(instance.sop_instance_uid)


class _MemoryStoreSession:
    """Parts gathered in memory, put on the shelf together."""

    def __init__(self, shelf: Shelf, limits: Limits, study_instance_uid: str | None) -> None:
        self._shelf = shelf
        self._limits = limits
        self._study_instance_uid = study_instance_uid
        self._current = bytearray()
        self._parts: list[Entry | StoreOutcome] = []

    def scratch(self) -> BinaryIO:
        return BytesIO()

    def write(self, chunk: bytes) -> None:
        self._current += chunk

    def end_part(self) -> None:
        data, self._current = _without_preamble(self._current), bytearray()
        self._parts.append(self._read(data))

    def _read(self, data: bytes) -> Entry | StoreOutcome:
        try:
            part10 = read_part10(data, limits=self._limits)
            identity = read_identity(part10)
        except Part10Error as error:
            return StoreOutcome(_status_of(error), str(error))
        if self._study_instance_uid not in (None, identity.study_instance_uid):
            return _outcome(
                identity, StoreStatus.DATA_SET_MISMATCH, "the instance belongs to another study than the path names"
            )
        return _entry(data, part10, identity)

    def commit(self) -> Sequence[StoreOutcome]:
        entries = iter(self._shelf.keep([part for part in self._parts if isinstance(part, Entry)]))
        return [
            part if isinstance(part, StoreOutcome) else _kept(part.instance, next(entries).instance)
            for part in self._parts
        ]

    def abort(self) -> None:
        self._parts.clear()
        self._current.clear()


def _without_preamble(data: bytearray) -> bytes:
    """The file with its preamble zeroed: executable preambles make polyglot files (CVE-2019-11687)."""
    data[:128] = bytes(min(128, len(data)))
    return bytes(data)


def _status_of(error: Part10Error) -> StoreStatus:
    if isinstance(error, UnsupportedTransferSyntaxError):
        return StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED
    if isinstance(error, MissingIdentityError):
        return StoreStatus.DATA_SET_MISMATCH
    return StoreStatus.CANNOT_UNDERSTAND


def _kept(instance: StoredInstance, known: StoredInstance) -> StoreOutcome:
    """What became of an instance, where `known` stands under its UID now."""
    identity = Identity(
        instance.study_instance_uid,
        instance.series_instance_uid,
        instance.sop_instance_uid,
        instance.sop_class_uid,
    )
    if known.sha256 != instance.sha256:
        return _outcome(
            identity, StoreStatus.DUPLICATE_SOP_INSTANCE, "other content is archived under this SOP Instance UID"
        )
    return _outcome(identity, StoreStatus.STORED)


def _outcome(identity: Identity, status: StoreStatus, detail: str = "") -> StoreOutcome:
    return StoreOutcome(
        status,
        detail,
        sop_class_uid=identity.sop_class_uid,
        sop_instance_uid=identity.sop_instance_uid,
        study_instance_uid=identity.study_instance_uid,
        series_instance_uid=identity.series_instance_uid,
    )


def _entry(data: bytes, part10: Part10, identity: Identity) -> Entry:
    header = part10.header
    instance = StoredInstance(
        study_instance_uid=identity.study_instance_uid,
        series_instance_uid=identity.series_instance_uid,
        sop_instance_uid=identity.sop_instance_uid,
        sop_class_uid=identity.sop_class_uid,
        transfer_syntax_uid=part10.transfer_syntax_uid,
        size_bytes=len(data),
        sha256=sha256(data).hexdigest(),
        number_of_frames=part10.number_of_frames,
    )
    order = (
        instance.study_instance_uid,
        _number(header.get("SeriesNumber")),
        instance.series_instance_uid,
        _number(header.get("InstanceNumber")),
        instance.sop_instance_uid,
    )
    return Entry(data, part10, instance, to_json(header, part10.bulk), order)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
