"""A stored file with another header: the pixels, and whatever stands behind them, are taken over as they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO, Final

from pydicom import dcmread, dcmwrite
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from dicomweb.archive import StoreStatus
from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from gateway.archive.errors import StorageError, StoreRefused

Change = Callable[[FileDataset], bool]
"""Changes a header and its file meta group, and tells whether it had to."""

_DEFLATED: Final = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
_BLOCK_BYTES: Final = 1024 * 1024
_PIXELS: Final = b"\xe0\x7f"


@contextmanager
def rewritten(stream: BinaryIO, change: Change) -> Iterator[Iterator[bytes] | None]:
    """The parts of the file as `change` makes it, to be taken within the block; None where nothing had to change.

    Memory: the header, and all of a deflated object, which the archive took for no bomb.

    Raises:
        StoreRefused: the file's header cannot be written anew.
        StorageError: the file cannot be read now.
    """
    try:
        header, tail = _read(stream)
        changed = change(header)
        start = _written(header) if changed else b""
    except OSError as error:
        raise StorageError(f"an object of the study cannot be read ({type(error).__name__})") from error
    except Exception as error:  # what others stored may hold anything
        words = f"an object of the study cannot be corrected ({type(error).__name__})"
        raise StoreRefused(StoreStatus.CANNOT_UNDERSTAND, words) from error
    yield _parts(start, stream, tail) if changed else None


def _read(stream: BinaryIO) -> tuple[FileDataset, int | None]:
    """The header, and where what follows it begins; None where there is nothing to be taken over."""
    header = dcmread(stream, stop_before_pixels=True)
    if str(header.file_meta.TransferSyntaxUID) in _DEFLATED:
        stream.seek(0)
        return dcmread(stream), None
    tail = stream.tell()
    if stream.read(2) not in (b"", _PIXELS):
        raise ValueError("the pixels are not where the header ends")
    return header, tail


def _written(header: FileDataset) -> bytes:
    header.preamble = bytes(128)
    meta = header.file_meta
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    target = BytesIO()
    dcmwrite(target, header, enforce_file_format=True)
    return target.getvalue()


def _parts(start: bytes, stream: BinaryIO, tail: int | None) -> Iterator[bytes]:
    yield start
    if tail is None:
        return
    stream.seek(tail)
    while block := stream.read(_BLOCK_BYTES):
        yield block
