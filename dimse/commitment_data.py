"""What storage commitment says: requests and reports as data sets (PS3.4 tables J.3-1 to J.3-3). No I/O.

What peers send is read by a walk of our own that keeps a few elements and is bounded in depth and count; what is
written is a handful of UIDs.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dimse.errors import DimseError

COMMITMENT_CLASS = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
"""Storage Commitment Push Model SOP Class, and its one well-known instance."""

MOST_REFERENCES = 10_000
"""In one request or report."""

MOST_BYTES = 4 * 1024**2
"""Of one request or report: above what so many references take."""

PROCESSING_FAILURE = 0x0110

_CLASS, _INSTANCE = 0x00081150, 0x00081155
_TRANSACTION, _REASON, _FAILED, _REFERENCED = 0x00081195, 0x00081197, 0x00081198, 0x00081199
_KEPT = frozenset({_CLASS, _INSTANCE, _TRANSACTION, _REASON})
_SEQUENCES = frozenset({_FAILED, _REFERENCED})
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_DEEPEST = 4
_MOST_ELEMENTS = 20 * MOST_REFERENCES
_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_UID = re.compile(r"[0-9][0-9.]{0,63}")


class UnreadableCommitment(DimseError):
    """A request or report is none: what is wrong with it, without quoting it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An instance whose safekeeping is asked for or told of; UIDs of digits and dots, at most 64 characters."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An instance that is not committed, and the Failure Reason (0008,1197) (PS3.3 C.14.1.1)."""

    reference: Reference
    reason: int


@dataclass(frozen=True, slots=True)
class CommitmentRequest:
    """The action information of an N-ACTION (PS3.4 J.3.2.1.1): 1 to MOST_REFERENCES references."""

    transaction_uid: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class CommitmentReport:
    """The event information of an N-EVENT-REPORT (PS3.4 J.3.3.1.1): type 2 where one was refused, else 1."""

    transaction_uid: str
    committed: tuple[Reference, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def event_type(self) -> int:
        """1: everything is committed; 2: failures exist."""
        return 2 if self.refused else 1


def read_request(data: bytes, *, implicit: bool) -> CommitmentRequest:
    """Read what came with an N-ACTION, little endian. Raises UnreadableCommitment."""
    found = _Walk(data, implicit=implicit).whole()
    references = tuple(_reference(item) for item in found.items(_REFERENCED))
    if not references:
        raise UnreadableCommitment("no instance is referenced")
    return CommitmentRequest(found.uid(_TRANSACTION), references)


def read_report(data: bytes, *, implicit: bool) -> CommitmentReport:
    """Read what came with an N-EVENT-REPORT, little endian. Raises UnreadableCommitment."""
    found = _Walk(data, implicit=implicit).whole()
    committed = tuple(_reference(item) for item in found.items(_REFERENCED))
    refused = tuple(Refused(_reference(item), item.number(_REASON)) for item in found.items(_FAILED))
    return CommitmentReport(found.uid(_TRANSACTION), committed, refused)


def written_request(request: CommitmentRequest, *, implicit: bool) -> bytes:
    """The data set of a request, little endian."""
    write = _Writer(implicit=implicit)
    return write.uid(_TRANSACTION, request.transaction_uid) + write.references(request.references)


def written_report(report: CommitmentReport, *, implicit: bool) -> bytes:
    """The data set of a report, little endian; each of its sequences only where it has items."""
    write = _Writer(implicit=implicit)
    failed = write.sequence(_FAILED, (write.refused(one) for one in report.refused)) if report.refused else b""
    committed = write.references(report.committed) if report.committed else b""
    return write.uid(_TRANSACTION, report.transaction_uid) + failed + committed


class _Elements:
    """What was kept of a data set: short values, and the items of the sequences that matter."""

    def __init__(self) -> None:
        self.values: dict[int, bytes] = {}
        self.sequences: dict[int, list[_Elements]] = {}

    def items(self, tag: int) -> "list[_Elements]":
        return self.sequences.get(tag, [])

    def uid(self, tag: int) -> str:
        text = self.values.get(tag, b"").rstrip(b"\0 ").decode("ascii", "replace")
        if not _UID.fullmatch(text):
            raise UnreadableCommitment(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) is missing or no UID")
        return text

    def number(self, tag: int) -> int:
        """A US; a peer that leaves the reason out has failed all the same."""
        value = self.values.get(tag, b"")
        return int(struct.unpack("<H", value)[0]) if len(value) == 2 else PROCESSING_FAILURE


def _reference(item: _Elements) -> Reference:
    return Reference(item.uid(_CLASS), item.uid(_INSTANCE))


class _Walk:
    """One walk over a data set, little endian."""

    def __init__(self, data: bytes, *, implicit: bool) -> None:
        self._data = data
        self._implicit = implicit
        self._elements = 0

    def whole(self) -> _Elements:
        if len(self._data) > MOST_BYTES:
            raise UnreadableCommitment("it is too long")
        try:
            return self._data_set(0, len(self._data), 0)[0]
        except struct.error as error:
            raise UnreadableCommitment("it ends within an element") from error

    def _data_set(self, at: int, end: int, depth: int) -> tuple[_Elements, int]:
        """The elements from `at` to `end`, or to the delimiter of their item; and where they end."""
        found = _Elements()
        while at < end:
            tag, vr, length, value_at = self._head(at)
            if tag == _ITEM_END:
                return found, value_at
            if length == _UNDEFINED or (tag in _SEQUENCES and vr in (b"SQ", b"")):
                items, at = self._sequence(
                    value_at, self._end(value_at, length, end), depth + 1, keep=tag in _SEQUENCES
                )
                found.sequences[tag] = items
                continue
            at = self._end(value_at, length, end)
            if tag in _KEPT:
                found.values[tag] = self._data[value_at:at]
        return found, at

    def _sequence(self, at: int, end: int, depth: int, *, keep: bool) -> tuple[list[_Elements], int]:
        """The items from `at` to `end`, or to the sequence's delimiter; and where they end."""
        if depth > _DEEPEST:
            raise UnreadableCommitment("sequences lie too deep in each other")
        items: list[_Elements] = []
        while at < end:
            tag, _vr, length, value_at = self._head(at)
            if tag == _SEQUENCE_END:
                return items, value_at
            if tag != _ITEM:
                raise UnreadableCommitment("a sequence holds something else than items")
            item, at = self._data_set(value_at, self._end(value_at, length, end), depth)
            if keep:
                items.append(item)
            if len(items) > MOST_REFERENCES:
                raise UnreadableCommitment(f"more than {MOST_REFERENCES} instances are referenced")
        return items, at

    def _head(self, at: int) -> tuple[int, bytes, int, int]:
        """Tag, VR (empty where none is written), length, and where the value begins."""
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise UnreadableCommitment("it has too many elements")
        group, element = struct.unpack_from("<HH", self._data, at)
        tag = group << 16 | element
        if self._implicit or group == 0xFFFE:
            return tag, b"", struct.unpack_from("<L", self._data, at + 4)[0], at + 8
        vr = self._data[at + 4 : at + 6]
        if vr in _LONG_VRS:
            return tag, vr, struct.unpack_from("<L", self._data, at + 8)[0], at + 12
        return tag, vr, struct.unpack_from("<H", self._data, at + 6)[0], at + 8

    def _end(self, value_at: int, length: int, end: int) -> int:
        """Where a value ends: by its length, or with what it lies in where that is undefined."""
        if length == _UNDEFINED:
            return end
        if value_at + length > end:
            raise UnreadableCommitment("a value goes on beyond what it lies in")
        return value_at + length


class _Writer:
    """Encodes the few elements there are."""

    def __init__(self, *, implicit: bool) -> None:
        self._implicit = implicit

    def uid(self, tag: int, uid: str) -> bytes:
        value = uid.encode("ascii")
        return self._element(tag, b"UI", value + b"\0" * (len(value) % 2))

    def references(self, references: Iterable[Reference]) -> bytes:
        return self.sequence(_REFERENCED, (self._reference(one) for one in references))

    def refused(self, refused: Refused) -> bytes:
        return self._reference(refused.reference) + self._element(_REASON, b"US", struct.pack("<H", refused.reason))

    def sequence(self, tag: int, items: Iterator[bytes]) -> bytes:
        encoded = b"".join(struct.pack("<HHL", _ITEM >> 16, _ITEM & 0xFFFF, len(item)) + item for item in items)
        return self._element(tag, b"SQ", encoded)

    def _reference(self, reference: Reference) -> bytes:
        return self.uid(_CLASS, reference.sop_class_uid) + self.uid(_INSTANCE, reference.sop_instance_uid)

    def _element(self, tag: int, vr: bytes, value: bytes) -> bytes:
        head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        if self._implicit:
            return head + struct.pack("<L", len(value)) + value
        return head + vr + struct.pack("<2xL" if vr in _LONG_VRS else "<H", len(value)) + value
