"""Small DICOM objects to send: coloured noise as a JPEG-coded or uncompressed photograph."""

import io
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    VLPhotographicImageStorage,
    generate_uid,
)

from dimse.outgoing import OutgoingInstance

ROWS, COLUMNS = 24, 32


@dataclass(frozen=True, slots=True)
class Sample:
    """A DICOM file in memory and what a sender is told about it."""

    file: bytes
    outgoing: OutgoingInstance


def pixels(seed: int, rows: int = ROWS, columns: int = COLUMNS) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Coloured noise, soft enough for JPEG, of shape (rows, columns, 3)."""
    noise = np.random.default_rng(seed).normal(128, 30, (rows, columns, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def photo(
    seed: int = 1,
    transfer_syntax: UID = JPEGBaseline8Bit,
    sop_class: UID = VLPhotographicImageStorage,
    rows: int = ROWS,
    columns: int = COLUMNS,
) -> Sample:
    """A photograph: JPEG-coded for JPEG Baseline, else uncompressed RGB; pixels of an even length."""
    picture = pixels(seed, rows, columns)
    ds = _described(sop_class, transfer_syntax, rows, columns)
    if transfer_syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        ds.PhotometricInterpretation = "RGB"
        ds.PixelData = picture.tobytes()
        ds["PixelData"].VR = "OW" if transfer_syntax == ImplicitVRLittleEndian else "OB"
    else:
        coded = io.BytesIO()
        Image.fromarray(picture).save(coded, "JPEG", quality=90)
        ds.PhotometricInterpretation = "YBR_FULL_422"
        ds.LossyImageCompression = "01"
        ds.LossyImageCompressionRatio = "10"
        ds.LossyImageCompressionMethod = "ISO_10918_1"
        ds.PixelData = encapsulate([coded.getvalue()])
        ds["PixelData"].VR = "OB"
    return _sample(ds)


def _described(sop_class: UID, transfer_syntax: UID, rows: int, columns: int) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = transfer_syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid(None)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(None), generate_uid(None)
    ds.PatientID, ds.PatientName = "P-0001", "Nobody^Never"
    ds.StudyDate = ds.StudyTime = ds.PatientBirthDate = ds.PatientSex = ds.AccessionNumber = ""
    ds.StudyID = ds.ReferringPhysicianName = ""
    ds.SeriesNumber = ds.InstanceNumber = 1
    ds.Modality = "XC"
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PlanarConfiguration = rows, columns, 3, 0
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    return ds


def _sample(ds: Dataset) -> Sample:
    written = io.BytesIO()
    ds.save_as(written, enforce_file_format=True)
    file = written.getvalue()
    outgoing = OutgoingInstance(
        sop_class_uid=str(ds.SOPClassUID),
        sop_instance_uid=str(ds.SOPInstanceUID),
        transfer_syntax_uid=str(ds.file_meta.TransferSyntaxUID),
        open_file=partial(io.BytesIO, file),
    )
    return Sample(file, outgoing)
