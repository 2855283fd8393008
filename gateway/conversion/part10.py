"""A data set and its picture as the bytes of a DICOM file (PS3.10 section 7; PS3.5 A.4 and 7.1).

The picture is never copied: a file is a short sequence of parts, to be written one after the other.
"""

import io
from dataclasses import dataclass, field
from typing import Final

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from gateway.conversion.picture import CleanPicture

_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00OB\x00\x00"
_UNDEFINED_LENGTH: Final = b"\xff\xff\xff\xff"
_ITEM: Final = b"\xfe\xff\x00\xe0"
_EMPTY_OFFSET_TABLE: Final = _ITEM + bytes(4)
_END_OF_SEQUENCE: Final = b"\xfe\xff\xdd\xe0" + bytes(4)
_PAD: Final = b"\x00"


@dataclass(frozen=True, slots=True)
class DicomObject:
    """One DICOM file, not yet written.

    `header` is the data set without Pixel Data, with its `file_meta`; `parts` are the whole file's bytes in
    order. The picture's value (the one fragment of an encapsulated picture, or the native samples, padded to an
    even length) is `picture_length` bytes from `picture_offset` on, counted from the file's first byte.
    """

    header: Dataset = field(repr=False)
    parts: tuple[bytes, ...] = field(repr=False)
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


def dicom_object(header: Dataset, picture: CleanPicture) -> DicomObject:
    """The file of this header and picture: encapsulated JPEG baseline, or native Explicit VR Little Endian."""
    transfer_syntax_uid = ExplicitVRLittleEndian if picture.native is not None else JPEGBaseline8Bit
    header.file_meta = _file_meta(header, transfer_syntax_uid)
    value = picture.stream if picture.native is None else picture.native
    padding = _PAD * (len(value) % 2)
    length = (len(value) + len(padding)).to_bytes(4, "little")
    if picture.native is None:
        before = _PIXEL_DATA + _UNDEFINED_LENGTH + _EMPTY_OFFSET_TABLE + _ITEM + length
        after = padding + _END_OF_SEQUENCE
    else:
        before, after = _PIXEL_DATA + length, padding
    start = _written(header) + before
    return DicomObject(
        header=header,
        parts=(start, value, after) if after else (start, value),
        transfer_syntax_uid=str(transfer_syntax_uid),
        sop_class_uid=str(header.SOPClassUID),
        sop_instance_uid=str(header.SOPInstanceUID),
        series_instance_uid=str(header.SeriesInstanceUID),
        study_instance_uid=str(header.StudyInstanceUID),
        picture_offset=len(start),
        picture_length=len(value) + len(padding),
    )


def _file_meta(header: Dataset, transfer_syntax_uid: UID) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax_uid
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def _written(header: Dataset) -> bytes:
    target = io.BytesIO()
    dcmwrite(target, header, enforce_file_format=True)
    return target.getvalue()
