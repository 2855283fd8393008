"""Preamble, prefix and file meta information of a Part 10 file (PS3.10 section 7)."""

from pydicom import config
from pydicom.dataelem import DataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from dicomweb.charsets import DEFAULT_ENCODINGS
from dicomweb.element_headers import read_explicit_header, tag_text
from dicomweb.part10_errors import MalformedError, NotDicomError, TooLargeError, UnsupportedTransferSyntaxError
from dicomweb.uids import is_uid
from dicomweb.values import ValueFaultError, decode_value, number_of_values
from dicomweb.windows import Window

PREFIX_OFFSET = 128
FIRST_ELEMENT = PREFIX_OFFSET + 4
_MAX_ELEMENTS = 64
_MAX_VALUE_BYTES = 64 * 1024
_MAX_VALUES = 100


def read_file_meta(window: Window) -> tuple[Dataset, str, int]:
    """Group 0002, the transfer syntax UID, and the offset at which the data set begins.

    The group length is not believed: the group ends where another begins.

    Raises:
        NotDicomError: no `DICM` at byte 128.
        MalformedError, TooLargeError: the group cannot be read.
        UnsupportedTransferSyntaxError: it names no transfer syntax.
    """
    if window.size < FIRST_ELEMENT or window.take(PREFIX_OFFSET, 4) != b"DICM":
        raise NotDicomError("no DICM at byte 128: not a DICOM Part 10 file")
    file_meta = Dataset()
    offset = FIRST_ELEMENT
    while window.size - offset >= 8 and window.take(offset, 2) == b"\x02\x00":
        offset = _read_element(window, file_meta, offset)
    uid = file_meta.get("TransferSyntaxUID")
    if not isinstance(uid, str) or not is_uid(uid):
        raise UnsupportedTransferSyntaxError("the file meta names no transfer syntax (0002,0010)")
    return file_meta, uid, offset


def _read_element(window: Window, file_meta: Dataset, offset: int) -> int:
    tag, vr, length, offset = read_explicit_header(window, offset, window.size)
    if len(file_meta) >= _MAX_ELEMENTS or length > _MAX_VALUE_BYTES:
        raise TooLargeError(f"file meta is too large at {tag_text(tag)}, byte {offset}")
    raw = window.take(offset, length)
    if number_of_values(vr, raw) > _MAX_VALUES:
        raise TooLargeError(f"{tag_text(tag)} has more than {_MAX_VALUES} values, byte {offset}")
    try:
        value = decode_value(vr, raw, DEFAULT_ENCODINGS) if raw else empty_value_for_VR(vr)
    except ValueFaultError as fault:
        raise MalformedError(f"{tag_text(tag)} at byte {offset}: {fault}") from None
    file_meta[BaseTag(tag)] = DataElement(
        BaseTag(tag), vr, value, already_converted=True, validation_mode=config.IGNORE
    )
    return offset + length
