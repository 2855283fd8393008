"""Reading a DICOM file (PS3.10) from outside, without trusting it and without loading its pixels.

`read_part10` gives the header as a `Dataset` that never raises on access, and the places of what is large.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from pydicom.dataset import Dataset

from dicomweb.file_meta import read_file_meta
from dicomweb.fragments import Encapsulated
from dicomweb.frames import Frames, Header, declared_frames, encapsulated_frames, native_frames
from dicomweb.part10_errors import (
    MalformedError,
    MissingIdentityError,
    TooLargeError,
    TruncatedError,
    UnsupportedTransferSyntaxError,
)
from dicomweb.uids import is_uid
from dicomweb.walker import PIXEL_DATA, BulkValue, Limits, Walk, Walker
from dicomweb.windows import Window

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
"""Syntaxes whose whole data set is deflated, JPIP ones among them."""
_REFUSED = {
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
    "1.2.840.113619.5.2": "a private big endian syntax",
    "1.2.840.10008.1.20": "Papyrus 3 Implicit VR Little Endian",
}
_INFLATE_STEP_BYTES = 256 * 1024
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Part10:
    """A Part 10 file as far as it was read; every offset counts from the first byte of the file.

    Attributes:
        file_meta: group 0002.
        transfer_syntax_uid: as the file meta has it.
        header: every element but `bulk`; values are converted and valid for their VR.
        bulk: tag path -> place of a binary value over `Limits.inline_bytes`; pixel data always. Paths are
            `7FE00010`, or `00880200/1/7FE00010` for item 1 of a sequence.
        frames: the spans of each frame; empty without pixel data or where frames cannot be told apart.
        number_of_frames: what the header declares, 0 without pixel data.
        encapsulated: whether the pixel data is (PS3.5 A.4).
        size_bytes: length of the file.
        faults: elements left out of the header because their value is none of their VR, in words.
        memory_bytes: about what the header takes as Python objects, and once more as DICOM JSON.
    """

    file_meta: Dataset
    transfer_syntax_uid: str
    header: Dataset
    bulk: Mapping[str, BulkValue]
    frames: Frames
    number_of_frames: int
    encapsulated: bool
    size_bytes: int
    faults: tuple[str, ...] = ()
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """The UIDs by which an instance is kept."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str


def read_part10(stream: BinaryIO | bytes, *, limits: Limits = DEFAULT_LIMITS) -> Part10:
    """Read a Part 10 file.

    A deflated data set is inflated in memory up to `limits.inflated_bytes`; nothing in such a file has a place,
    so its `bulk` and `frames` are empty.

    Args:
        stream: a seekable binary stream whose first byte is the file's, or the whole file.
        limits: bounds on what is read.

    Raises:
        Part10Error: one of the errors of `dicomweb.part10_errors`; nothing else, whatever the bytes.
    """
    window = Window(BytesIO(stream) if isinstance(stream, bytes) else stream)
    file_meta, transfer_syntax_uid, offset = read_file_meta(window)
    if transfer_syntax_uid in _REFUSED:
        raise UnsupportedTransferSyntaxError(f"{_REFUSED[transfer_syntax_uid]} ({transfer_syntax_uid}) is not taken")
    if transfer_syntax_uid in _DEFLATED:
        return _read_deflated(window, file_meta, offset, limits)
    walk = Walker(window, limits).walk(offset, implicit=transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN)
    return Part10(
        file_meta=file_meta,
        transfer_syntax_uid=transfer_syntax_uid,
        header=walk.dataset,
        bulk=walk.bulk,
        frames=frames_of(walk.dataset, walk.bulk, walk.pixel_data, window, transfer_syntax_uid),
        number_of_frames=_number_of_frames(walk),
        encapsulated=walk.pixel_data is not None,
        size_bytes=window.size,
        faults=tuple(walk.faults),
        memory_bytes=walk.memory_bytes,
    )


def _number_of_frames(walk: Walk) -> int:
    return declared_frames(walk.dataset) if f"{PIXEL_DATA:08X}" in walk.bulk else 0


def is_read_plainly(transfer_syntax_uid: str) -> bool:
    """Whether a data set of this syntax is read from its bytes as they are: it is taken, and not deflated."""
    return transfer_syntax_uid not in _REFUSED and transfer_syntax_uid not in _DEFLATED


def frames_of(
    header: Header,
    bulk: Mapping[str, BulkValue],
    encapsulated: Encapsulated | None,
    window: Window,
    transfer_syntax_uid: str,
) -> Frames:
    """The frames; none where the pixel data is not encoded the way the syntax has it (PS3.5 A.4)."""
    pixel_data = bulk.get(f"{PIXEL_DATA:08X}")
    is_native = transfer_syntax_uid in (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN)
    if pixel_data is None or is_native is (encapsulated is not None):
        return ()
    if encapsulated is not None:
        return encapsulated_frames(header, encapsulated, lambda span: window.take(span.offset, span.length))
    return native_frames(header, pixel_data.spans[0])


def _read_deflated(window: Window, file_meta: Dataset, offset: int, limits: Limits) -> Part10:
    inflated = Window(BytesIO(_inflate(window, offset, limits.inflated_bytes)))
    walk = Walker(inflated, limits).walk(0, implicit=False)
    return Part10(
        file_meta=file_meta,
        transfer_syntax_uid=str(file_meta.TransferSyntaxUID),
        header=walk.dataset,
        bulk={},
        frames=(),
        number_of_frames=_number_of_frames(walk),
        encapsulated=False,
        size_bytes=window.size,
        faults=tuple(walk.faults),
        memory_bytes=walk.memory_bytes,
    )


def _inflate(window: Window, offset: int, limit: int) -> bytes:
    """The raw deflate stream (RFC 1951, PS3.5 A.5) from `offset`, inflated step by step up to `limit` bytes."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = bytearray()
    pending = b""
    while not inflater.eof:
        if not pending:
            size = min(_INFLATE_STEP_BYTES, window.size - offset)
            if size == 0:
                raise TruncatedError(f"the deflated data set does not end before byte {window.size}")
            pending = window.take(offset, size)
            offset += size
        try:
            inflated += inflater.decompress(pending, _INFLATE_STEP_BYTES)
        except zlib.error:
            raise MalformedError(f"the deflated data set is damaged before byte {offset}") from None
        pending = inflater.unconsumed_tail
        if len(inflated) > limit:
            raise TooLargeError(f"the deflated data set inflates to more than {limit} bytes")
    return bytes(inflated)


def read_identity(part10: Part10) -> Identity:
    """The UIDs of the instance, checked to be UIDs (PS3.5 9.1), so that they may become paths.

    Raises:
        MissingIdentityError: one of them is absent, no UID, or contradicted by the file meta.
    """
    study, series, instance, sop_class = (
        _required_uid(part10.header, keyword)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    )
    for keyword, uid in (("MediaStorageSOPInstanceUID", instance), ("MediaStorageSOPClassUID", sop_class)):
        if part10.file_meta.get(keyword) not in (None, "", uid):
            raise MissingIdentityError(f"{keyword} of the file meta is not that of the data set")
    return Identity(study, series, instance, sop_class)


def _required_uid(header: Dataset, keyword: str) -> str:
    value = header.get(keyword)
    if not isinstance(value, str) or not value:
        raise MissingIdentityError(f"{keyword} is missing")
    if not is_uid(value):
        raise MissingIdentityError(f"{keyword} is no UID")
    return value
