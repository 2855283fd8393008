"""DICOM objects for the tests of the archive, made in memory."""

from io import BytesIO
from typing import Any

from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.tag import Tag
from pydicom.uid import UID, generate_uid

VL_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
PICTURE = b"\xff\xd8" + bytes(range(256)) * 4 + b"\xff\xd9"


def photo(*, picture: bytes = PICTURE, **attributes: Any) -> Dataset:
    """A photo of one frame; `attributes` by keyword replace its own, None leaves one out."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = VL_PHOTOGRAPHIC
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(ds, keyword, generate_uid())
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = (
        "Hong^Gildong=洪^吉洞=홍^길동",
        "P1",
        "19800101",
        "F",
    )
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = "20260102", "101500", "A1", "S1"
    ds.ReferringPhysicianName, ds.StudyDescription = "Kim^Doctor", "Mole on the back"
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "XC", 1, 1
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 10, 10, 3, "YBR_FULL_422"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.PlanarConfiguration = 8, 8, 7, 0, 0
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            set_unchecked(ds, keyword, value)
    ds.PixelData = encapsulate([picture])
    ds["PixelData"].is_undefined_length = True
    return ds


def set_unchecked(ds: Dataset, keyword: str, value: Any) -> None:
    """Set a value as a careless sender would, however long it is."""
    tag = Tag(keyword)
    ds[tag] = DataElement(tag, dictionary_VR(tag), value, validation_mode=config.IGNORE)


def part10(ds: Dataset, *, software: str = "A 1") -> bytes:
    """The object as a Part 10 file."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(JPEG_BASELINE)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.ImplementationVersionName = software
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
