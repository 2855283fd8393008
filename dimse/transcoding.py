"""The uncompressed form of a stored instance, for peers that take no other (the same picture, the same UID)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from pydicom import Dataset, dcmread
from pydicom.uid import UID
from pynetdicom.dsutils import encode

from dimse.contexts import NATIVE_SYNTAXES, VIDEO_SYNTAXES
from dimse.encoded import EncodedDataSet
from dimse.errors import DimseError, UnavailableInstance

MAX_DECODED_BYTES = 1024 * 1024 * 1024
"""Of pixel data, and of what it is made from; a little more than the largest photo taken in (220 million pixels of
3 bytes)."""

MAX_HELD_BYTES = 64 * 1024 * 1024
"""Of one encoded data set while it is sent; a longer one lies in a temporary file."""

_ONE_AT_A_TIME = threading.Lock()


class CannotTranscode(DimseError):
    """This instance has no uncompressed form that we can make."""


@contextmanager
def in_syntax(stored: EncodedDataSet, target: UID) -> Iterator[EncodedDataSet]:
    """The data set in the syntax `target`: as it is stored, or uncompressed for the time of the block.

    Pictures are decoded one at a time, however many are sent at once, for the sake of memory. Raises
    CannotTranscode, and UnavailableInstance where it cannot be had now: its file, or room to decode it.
    """
    if target == stored.transfer_syntax_uid:
        yield stored
        return
    _refuse_video(stored.transfer_syntax_uid)
    _refuse_large(stored.length)  # before it is read
    with SpooledTemporaryFile(MAX_HELD_BYTES) as spool:
        length = _decode_into(cast(BinaryIO, spool), stored, target)
        yield EncodedDataSet(cast(BinaryIO, spool), 0, length, target)


def _decode_into(spool: BinaryIO, stored: EncodedDataSet, target: UID) -> int:
    try:
        with _ONE_AT_A_TIME:
            return spool.write(native_data_set(BytesIO(stored.whole_file()), target))
    except (OSError, MemoryError) as error:
        why = error.strerror if isinstance(error, OSError) else "too little memory"
        raise UnavailableInstance(f"no room to decode it: {why or type(error).__name__}") from error


def native_data_set(stream: BinaryIO, target: UID) -> bytes:
    """Return the data set of the DICOM file in `stream`, encoded in the uncompressed syntax `target`.

    Pixels are decoded, to RGB where they are in colour; LossyImageCompression and what belongs to it stay,
    as does the SOP Instance UID (PS3.5 8.2, PS3.3 C.7.6.1.1.5). Raises CannotTranscode, and MemoryError.
    """
    if target not in NATIVE_SYNTAXES:
        raise CannotTranscode("the target is no uncompressed transfer syntax")
    try:
        ds = dcmread(stream)
        _decompress(ds)
        encoded = encode(ds, target.is_implicit_VR, target.is_little_endian)
    except (CannotTranscode, MemoryError):
        raise
    except Exception as error:  # decoders raise what they like; none of it may stop a delivery worker
        raise CannotTranscode(f"decoding failed ({type(error).__name__})") from error
    if encoded is None:
        raise CannotTranscode("encoding failed")
    return encoded


def _decompress(ds: Dataset) -> None:
    syntax = ds.file_meta.TransferSyntaxUID
    _refuse_video(syntax)
    if not syntax.is_encapsulated:
        return
    _refuse_large(_decoded_bytes(ds))
    ds.decompress(as_rgb=True, generate_instance_uid=False)


def _refuse_video(syntax: str) -> None:
    if syntax in VIDEO_SYNTAXES:
        raise CannotTranscode("a video has no uncompressed form")


def _refuse_large(size_bytes: int) -> None:
    if size_bytes > MAX_DECODED_BYTES:
        raise CannotTranscode("its pixels would take too much memory")


def _decoded_bytes(ds: Dataset) -> int:
    samples = int(ds.Rows) * int(ds.Columns) * int(ds.get("SamplesPerPixel", 1))
    return samples * int(ds.get("NumberOfFrames") or 1) * (int(ds.BitsAllocated) // 8 or 1)
