"""What DICOMweb needs from the archive it serves: a small protocol and the values that cross it.

The archive handed in is already bound to one caller; nothing here knows who asks. Every method may block
(database, disk) and is called from worker threads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, BinaryIO, Protocol

from pydicom.dataset import Dataset

JsonObject = dict[str, Any]
"""One DICOM JSON object: upper-case hex tag -> {"vr", "Value" | "BulkDataURI" | "InlineBinary"} (PS3.18 F.2)."""


class Level(StrEnum):
    """The level a search answers at (PS3.18 10.6.1)."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Search:
    """A question to the archive, in DICOM's own terms.

    `keys` holds the matching keys as PS3.4 C.2.2.2 has them (wildcards, date ranges as `a-b`, UID lists as
    multiple values, empty = universal); UIDs from the resource path are among them. `include` are the tags
    asked for beyond the level's default ones, `None` means every known attribute. With `fuzzy_names` person names
    also match as `dicomweb.fuzzy_names` has it.
    """

    level: Level
    keys: Dataset
    include: frozenset[int] | None = frozenset()
    limit: int = 100
    offset: int = 0
    fuzzy_names: bool = False


@dataclass(frozen=True, slots=True)
class Matches:
    """One page of answers in a stable order, and how many more there are behind it."""

    items: Sequence[JsonObject]
    remaining: int


@dataclass(frozen=True, slots=True)
class Span:
    """A byte range of a stored object: `offset` from the first byte of the file, `length` in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """What the archive knows of one instance without opening its file."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    size_bytes: int
    sha256: str
    number_of_frames: int


class InstanceGoneError(Exception):
    """An instance that was found has been deleted before it could be read."""


class ChangeKind(StrEnum):
    """What happened to an instance."""

    STORED = "stored"
    CORRECTED = "corrected"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed of changes; `sha256` is that of the file stored, corrected to, or deleted."""

    number: int
    at: datetime
    kind: ChangeKind
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of the feed, in the order of its numbers.

    `following` is the number to ask from for the next page; `more` says whether that would hold anything now.
    """

    items: Sequence[Change]
    following: int
    more: bool


class StoreStatus(IntEnum):
    """Outcome of storing one part; the failure codes of PS3.18 Annex I / PS3.4 B.2.3."""

    STORED = 0x0000
    PROCESSING_FAILURE = 0x0110
    DUPLICATE_SOP_INSTANCE = 0x0111
    NOT_AUTHORISED = 0x0124
    OUT_OF_RESOURCES = 0xA700
    DATA_SET_MISMATCH = 0xA900
    CANNOT_UNDERSTAND = 0xC000
    TRANSFER_SYNTAX_NOT_SUPPORTED = 0xC122


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What became of one stored part; the UIDs are None where the part could not be read far enough.

    `detail` says in words what was wrong and where; it never carries patient identity.
    """

    status: StoreStatus
    detail: str = ""
    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    series_instance_uid: str | None = None


class StoreSession(Protocol):
    """One store request: parts written chunk by chunk, then made durable in one step.

    Order of calls: any number of (`write`* `end_part`), then exactly one of `commit` and `abort`; `scratch` at any
    time before. A part that fails never fails the others.
    """

    def scratch(self) -> BinaryIO:
        """A new empty file for what is not whole yet: seekable, in the archive's own room, gone when it is closed.

        Raises:
            OSError: there is no room for it; writing to it may raise the same.
        """

    def write(self, chunk: bytes) -> None:
        """Append to the current part."""

    def end_part(self) -> None:
        """Say that the current part is whole."""

    def commit(self) -> Sequence[StoreOutcome]:
        """Make every good part durable and findable in one step; one outcome a part, in order."""

    def abort(self) -> None:
        """Forget everything written; nothing of it is kept."""


class Archive(Protocol):
    """The archive behind the resources, bound to one caller.

    What reads an instance that was found raises InstanceGoneError where it has been deleted since.
    """

    def search(self, search: Search) -> Matches:
        """Answer one page of a search, in a stable order."""

    def find(
        self, study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
    ) -> Sequence[StoredInstance]:
        """Instances of a study, series or instance, by series and instance number; empty where none is visible."""

    def metadata(self, instances: Sequence[StoredInstance]) -> Iterator[JsonObject]:
        """Every attribute but bulk data, with BulkDataURI relative to the instance (`bulkdata/<tag path>`)."""

    def frames(self, instance: StoredInstance) -> Sequence[Sequence[Span]]:
        """Where each frame's bytes lie: the fragments of an encapsulated frame, or the native frame as one span.

        Empty where the object has no pixel data, or its frames cannot be told apart (video, deflated).
        """

    def bulk_data(self, instance: StoredInstance, path: str) -> Sequence[Span]:
        """Where the bulk value named by a BulkDataURI path (`7FE00010`, `00880200/1/7FE00010`) lies.

        One span, or the fragments of encapsulated pixel data; empty where there is no such value.
        """

    def open(self, instance: StoredInstance) -> BinaryIO:
        """Open the stored Part 10 file, byte for byte as received (preamble zeroed), seekable."""

    def begin_store(self, study_instance_uid: str | None) -> StoreSession:
        """Begin a store request; with a study UID every part must belong to that study."""

    def delete(
        self, study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
    ) -> int:
        """Delete the instances that `find` would give; returns how many, 0 where none is visible."""

    def changes(self, after: int, limit: int) -> Changes:
        """At most `limit` changes numbered above `after`.

        Numbers follow the order in which changes became visible: nothing ever shows up at or below one already given.
        """
