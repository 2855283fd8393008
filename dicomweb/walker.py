"""Walking the encoded data elements of PS3.5 section 7 without recursion and without believing a length.

The walk keeps a stack of what is open (data sets and sequences), so nesting costs memory of ours, never Python's
own stack. Every length is checked against what encloses it before anything is read. Large binary values are not
read at all, only their place is kept.
"""

from dataclasses import dataclass, field

from pydicom import config
from pydicom.dataelem import DataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from dicomweb.archive import Span
from dicomweb.charsets import DEFAULT_ENCODINGS, python_encodings
from dicomweb.element_headers import (
    HEADER_BYTES,
    ITEM,
    ITEM_DELIMITER,
    SEQUENCE_DELIMITER,
    UNDEFINED_LENGTH,
    read_header,
    read_item_header,
    tag_text,
)
from dicomweb.fragments import Encapsulated, read_fragments
from dicomweb.implicit_vrs import implicit_vr
from dicomweb.part10_errors import MalformedError, TooDeepError, TooLargeError, TruncatedError
from dicomweb.values import BULK_VRS, KNOWN_VRS, ValueFaultError, decode_value, number_of_values
from dicomweb.windows import Window

PIXEL_DATA = 0x7FE00010
_SPECIFIC_CHARACTER_SET = 0x00080005
_PIXEL_REPRESENTATION = 0x00280103
_MAX_FAULTS = 100
ELEMENT_MEMORY = 600
FRAGMENT_MEMORY = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read from one file; the defaults are far above any real header.

    `elements` counts every value of an element with several; `fragments` those of the whole file.
    """

    depth: int = 32
    elements: int = 50_000
    header_bytes: int = 16 * 1024 * 1024
    inline_bytes: int = 1024
    fragments: int = 200_000
    inflated_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BulkValue:
    """A large binary value left in the file: its VR and where it lies (fragments where it is encapsulated)."""

    vr: str
    spans: tuple[Span, ...]


@dataclass(slots=True)
class Walk:
    """What a walk found. `bulk` is keyed by tag path: `7FE00010`, or `00880200/1/7FE00010` inside item 1.

    `memory_bytes` is about what header and places take as Python objects, each kind once.
    """

    dataset: Dataset
    bulk: dict[str, BulkValue] = field(default_factory=dict)
    pixel_data: Encapsulated | None = None
    faults: list[str] = field(default_factory=list)
    memory_bytes: int = 0


@dataclass(slots=True)
class _OpenDataset:
    path: str
    end: int
    delimited: bool
    implicit: bool
    encodings: tuple[str, ...]
    signed: bool
    elements: dict[BaseTag, DataElement] = field(default_factory=dict)


@dataclass(slots=True)
class _OpenSequence:
    tag: int
    path: str
    end: int
    delimited: bool
    implicit: bool
    items: list[Dataset] = field(default_factory=list)


class Walker:
    """One walk over one data set; use `walk` once."""

    def __init__(self, window: Window, limits: Limits) -> None:
        self._window = window
        self._limits = limits
        self._elements = 0
        self._header_bytes = 0
        self._fragments = 0
        self._depth = 0
        self._stack: list[_OpenDataset | _OpenSequence] = []
        self._found = Walk(Dataset())

    def walk(self, offset: int, *, implicit: bool) -> Walk:
        """Read the data set that begins at `offset` and reaches to the end of the stream.

        Raises:
            MalformedError: TruncatedError and TooDeepError among them.
            TooLargeError: more elements or header bytes than allowed.
        """
        self._stack = [
            _OpenDataset(
                "", self._window.size, delimited=False, implicit=implicit, encodings=DEFAULT_ENCODINGS, signed=False
            )
        ]
        while self._stack:
            top = self._stack[-1]
            if offset >= top.end or self._is_padding(offset):
                self._close_at_end(top, offset)
            elif isinstance(top, _OpenSequence):
                offset = self._read_item(top, offset)
            else:
                offset = self._read_element(top, offset)
        self._found.memory_bytes = (
            ELEMENT_MEMORY * self._elements + FRAGMENT_MEMORY * self._fragments + 2 * self._header_bytes
        )
        return self._found

    def _is_padding(self, offset: int) -> bool:
        """Fewer bytes than an element behind the last one, all zero: seen in files of careless writers."""
        left = self._window.size - offset
        return len(self._stack) == 1 and left < HEADER_BYTES and not any(self._window.take(offset, left))

    def _count(self, length: int, tag: int, offset: int, *, elements: int = 1) -> None:
        self._elements += elements
        self._header_bytes += length
        if self._elements > self._limits.elements:
            raise TooLargeError(f"more than {self._limits.elements} elements, at byte {offset}")
        if self._header_bytes > self._limits.header_bytes:
            raise TooLargeError(f"header over {self._limits.header_bytes} bytes at {tag_text(tag)}, byte {offset}")

    # -- containers

    def _close_at_end(self, top: _OpenDataset | _OpenSequence, offset: int) -> None:
        if top.delimited:
            raise TruncatedError(f"no delimiter closes {top.path or 'the data set'} before byte {offset}")
        self._close(top)

    def _close(self, top: _OpenDataset | _OpenSequence) -> None:
        self._stack.pop()
        if isinstance(top, _OpenSequence):
            self._depth -= 1
            parent = self._stack[-1]
            assert isinstance(parent, _OpenDataset)
            self._keep(parent, top.tag, "SQ", Sequence(top.items))
            return
        dataset = Dataset(top.elements)  # type: ignore[arg-type]  # any mapping of tags to elements
        if not self._stack:
            self._found.dataset = dataset
            return
        parent_sequence = self._stack[-1]
        assert isinstance(parent_sequence, _OpenSequence)
        parent_sequence.items.append(dataset)

    def _open_sequence(self, parent: _OpenDataset, tag: int, length: int, offset: int, *, implicit: bool) -> int:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise TooDeepError(f"sequences nested deeper than {self._limits.depth} at {tag_text(tag)}, byte {offset}")
        delimited = length == UNDEFINED_LENGTH
        end = parent.end if delimited else offset + length
        self._stack.append(_OpenSequence(tag, f"{parent.path}{tag:08X}", end, delimited, implicit))
        return offset

    def _read_item(self, sequence: _OpenSequence, offset: int) -> int:
        tag, length = read_item_header(self._window, offset, sequence.end)
        offset += 8
        if tag == SEQUENCE_DELIMITER and sequence.delimited:
            self._close(sequence)
            return offset
        if tag != ITEM:
            raise MalformedError(f"{tag_text(tag)} where an item of {sequence.path} should be, byte {offset - 8}")
        delimited = length == UNDEFINED_LENGTH
        if not delimited:
            self._check_length(tag, length, offset, sequence.end)
        self._count(8, tag, offset)
        parent = self._stack[-2]
        assert isinstance(parent, _OpenDataset)
        self._stack.append(
            _OpenDataset(
                path=f"{sequence.path}/{len(sequence.items) + 1}/",
                end=sequence.end if delimited else offset + length,
                delimited=delimited,
                implicit=sequence.implicit,
                encodings=parent.encodings,
                signed=parent.signed,
            )
        )
        return offset

    # -- elements

    def _read_element(self, dataset: _OpenDataset, offset: int) -> int:
        start = offset
        tag, vr, length, offset = read_header(
            self._window, offset, dataset.end, implicit=dataset.implicit, signed=dataset.signed
        )
        if tag >> 16 == 0xFFFE:
            if tag != ITEM_DELIMITER or not dataset.delimited:
                raise MalformedError(f"{tag_text(tag)} where an element should be, byte {start}")
            self._close(dataset)
            return offset
        if tag >> 16 in (0x0000, 0x0002):
            raise MalformedError(f"{tag_text(tag)} does not belong into a data set, byte {start}")
        if tag in dataset.elements or f"{dataset.path}{tag:08X}" in self._found.bulk:
            raise MalformedError(f"{tag_text(tag)} appears twice, byte {start}")
        self._count(offset - start, tag, start)
        implicit = dataset.implicit or vr == "UN"
        if vr == "UN":  # such values are always encoded implicitly (PS3.5 6.2.2)
            vr = implicit_vr(tag, signed=dataset.signed)
        if length == UNDEFINED_LENGTH:
            return self._read_undefined(dataset, tag, vr, offset, implicit=implicit)
        self._check_length(tag, length, offset, dataset.end)
        if vr == "SQ":
            return self._open_sequence(dataset, tag, length, offset, implicit=implicit)
        self._read_value(dataset, tag, vr, Span(offset, length))
        return offset + length

    def _check_length(self, tag: int, length: int, offset: int, end: int) -> None:
        if length == UNDEFINED_LENGTH or offset + length > end:
            raise TruncatedError(
                f"{tag_text(tag)} says {length} bytes at byte {offset}, what encloses it ends at byte {end}"
            )

    def _read_undefined(self, dataset: _OpenDataset, tag: int, vr: str, offset: int, *, implicit: bool) -> int:
        if vr in ("SQ", "UN"):
            return self._open_sequence(dataset, tag, UNDEFINED_LENGTH, offset, implicit=implicit)
        if vr in ("OB", "OW"):
            return self._read_fragments(dataset, tag, vr, offset)
        raise MalformedError(f"{tag_text(tag)} of VR {vr} has no length, byte {offset}")

    def _read_value(self, dataset: _OpenDataset, tag: int, vr: str, span: Span) -> None:
        if vr not in KNOWN_VRS:
            vr = "UN"
        if vr in BULK_VRS and (span.length > self._limits.inline_bytes or tag == PIXEL_DATA):
            self._found.bulk[f"{dataset.path}{tag:08X}"] = BulkValue(vr, (span,))
            return
        self._count(span.length, tag, span.offset)
        raw = self._window.take(span.offset, span.length)
        self._count(0, tag, span.offset, elements=number_of_values(vr, raw) - 1)
        try:
            value = decode_value(vr, raw, dataset.encodings) if raw else empty_value_for_VR(vr)
        except ValueFaultError as fault:
            self._note(f"{tag_text(tag)} at byte {span.offset}: {fault}")
            return
        if tag == _SPECIFIC_CHARACTER_SET:
            dataset.encodings = python_encodings(raw.decode("latin-1"))
        elif tag == _PIXEL_REPRESENTATION:
            dataset.signed = value == 1
        self._keep(dataset, tag, vr, value)

    def _keep(self, dataset: _OpenDataset, tag: int, vr: str, value: object) -> None:
        base_tag = BaseTag(tag)
        dataset.elements[base_tag] = DataElement(
            base_tag, vr, value, already_converted=True, validation_mode=config.IGNORE
        )

    def _note(self, fault: str) -> None:
        if len(self._found.faults) < _MAX_FAULTS:
            self._found.faults.append(fault)

    def _read_fragments(self, dataset: _OpenDataset, tag: int, vr: str, offset: int) -> int:
        most = self._limits.fragments - self._fragments
        found, offset = read_fragments(self._window, tag, offset, dataset.end, most)
        self._fragments += len(found.fragments)
        self._count(4 * len(found.offset_table), tag, offset)
        path = f"{dataset.path}{tag:08X}"
        self._found.bulk[path] = BulkValue(vr, found.fragments)
        if path == f"{PIXEL_DATA:08X}":
            self._found.pixel_data = found
        return offset
