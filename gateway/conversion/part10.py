"""A data set and its pixels as the bytes of a DICOM file (PS3.10 section 7; PS3.5 A.4 and 7.1).

The pixels are never copied: a file is a sequence of parts, to be written one after the other. A part may as well
be a view of a mapped file, which is then read while it is written.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from gateway.conversion.header_writing import UnwritableError, our_file_start

Part = bytes | bytearray | memoryview
"""Bytes of a file, `memoryview` one byte an item."""

_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00OB\x00\x00"
_UNDEFINED_LENGTH: Final = b"\xff\xff\xff\xff"
_ITEM: Final = b"\xfe\xff\x00\xe0"
_END_OF_SEQUENCE: Final = b"\xfe\xff\xdd\xe0" + bytes(4)
_ITEM_HEADER_LENGTH: Final = 8
_PAD: Final = b"\x00"
_MAX_LENGTH: Final = 0xFFFFFFFE


@dataclass(frozen=True, slots=True)
class PixelData:
    """The value of Pixel Data in one transfer syntax.

    `values` are the fragments, one for each frame (or one for a whole video), where the syntax is encapsulated,
    else all frames' samples as one value. None is longer than 4 GiB - 2.
    """

    transfer_syntax_uid: str
    values: tuple[Part, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DicomObject:
    """One DICOM file, not yet written.

    `header` is the data set without Pixel Data, with its `file_meta`; `parts` are the whole file's bytes in
    order. The picture's value (the first fragment of an encapsulated picture, or the native samples, padded to an
    even length) is `picture_length` bytes from `picture_offset` on, counted from the file's first byte.
    """

    header: Dataset = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)
    transfer_syntax_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    picture_offset: int
    picture_length: int

    @property
    def size_bytes(self) -> int:
        """The size of the whole file."""
        return sum(map(len, self.parts))


def dicom_object(header: Dataset, pixels: PixelData) -> DicomObject:
    """The file of this header and these pixels; sets the header's `file_meta`.

    Raises ValueError where a value is too long for its length field, or a native picture is not one value.
    """
    syntax = UID(pixels.transfer_syntax_uid)
    header.file_meta = file_meta(header, syntax)
    before, after = _encapsulated(pixels.values) if syntax.is_encapsulated else _native(pixels.values)
    start = file_start(header) + before
    first, *others = pixels.values
    return DicomObject(
        header=header,
        parts=tuple(part for part in (start, first, *_framed(others, _padding(first)), after) if part),
        transfer_syntax_uid=str(syntax),
        sop_class_uid=str(header.SOPClassUID),
        sop_instance_uid=str(header.SOPInstanceUID),
        series_instance_uid=str(header.SeriesInstanceUID),
        study_instance_uid=str(header.StudyInstanceUID),
        picture_offset=len(start),
        picture_length=len(first) + len(_padding(first)),
    )


def _native(values: Sequence[Part]) -> tuple[bytes, bytes]:
    """What stands before the one value."""
    (value,) = values
    return _PIXEL_DATA + _length(value), b""


def _encapsulated(values: Sequence[Part]) -> tuple[bytes, bytes]:
    """What stands before the first fragment, and after the last one and its padding."""
    before = _PIXEL_DATA + _UNDEFINED_LENGTH + _offset_table(values) + _ITEM + _length(values[0])
    return before, _END_OF_SEQUENCE


def _offset_table(values: Sequence[Part]) -> bytes:
    """The Basic Offset Table: empty for one fragment, which needs none, or where 32 bits are too few (PS3.5 A.4)."""
    if len(values) == 1:
        return _ITEM + bytes(4)
    lengths = (_ITEM_HEADER_LENGTH + len(value) + len(value) % 2 for value in values[:-1])
    offsets = list(accumulate(lengths, initial=0))
    if offsets[-1] > _MAX_LENGTH:
        return _ITEM + bytes(4)
    table = b"".join(offset.to_bytes(4, "little") for offset in offsets)
    return _ITEM + len(table).to_bytes(4, "little") + table


def _framed(others: Sequence[Part], padding: bytes) -> list[Part]:
    """The further fragments, each behind the padding of the one before it and its own item header."""
    parts: list[Part] = []
    for value in others:
        parts += [padding + _ITEM + _length(value), value]
        padding = _padding(value)
    return [*parts, padding]


def _padding(value: Part) -> bytes:
    return _PAD * (len(value) % 2)


def _length(value: Part) -> bytes:
    length = len(value) + len(value) % 2
    if length > _MAX_LENGTH:
        raise ValueError("a value of Pixel Data holds less than 4 GiB")
    return length.to_bytes(4, "little")


def file_meta(header: Dataset, transfer_syntax_uid: UID) -> FileMetaDataset:
    """The File Meta Information of an object of ours (PS3.10 7.1)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax_uid
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def file_start(header: Dataset) -> bytes:
    """Preamble, file meta information and all of the header, which has its `file_meta`."""
    try:
        return our_file_start(header)
    except UnwritableError:  # made of somebody else's object
        return written_by_pydicom(header)


def written_by_pydicom(header: Dataset) -> bytes:
    """The same for any data set."""
    target = io.BytesIO()
    dcmwrite(target, header, enforce_file_format=True)
    return target.getvalue()
