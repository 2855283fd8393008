"""Objects for measuring an archive: the same numbers give the same objects, and one costs microseconds to make.

Every object is a copy of a template in which values of a fixed length are replaced: two series of five instances in
each study, a patient in every second study.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEGBaseline8Bit, VLPhotographicImageStorage

from trainer.synthetic.album import USABLE, synthetic_photo

IN_SERIES = 5
IN_STUDY = 10
_ROOT = "1.2.826.0.1.3680043.10.9999"
_FIRST_DAY, _DAYS = date(2015, 1, 1), 3650
_SIZES = {"tiny": (48, 32), "67 kB": (640, 480), "12 MP": (4032, 3024)}
_QUALITY = {"tiny": 60, "67 kB": 80, "12 MP": 90}
BOUNDARY = "bench-0c8a44c1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance belongs and what it is found by."""

    study: str
    series: str
    instance: str
    patient_id: str
    stem: str
    day: str


def place(number: int, shelf: int) -> Place:
    """Of the instance with this number; `shelf` keeps what different rounds store apart (0 to 99)."""
    study, series = number // IN_STUDY, number // IN_SERIES
    day = _FIRST_DAY + timedelta(days=study * 1237 % _DAYS)
    return Place(
        _uid(1, shelf, study), _uid(2, shelf, series), _uid(3, shelf, number),
        f"B{shelf:02d}{study // 2:07d}", f"Stem{_letters(study // 2 % 400)}", f"{day:%Y%m%d}",
    )  # fmt: skip


def picture(size: str) -> bytes:
    """A photo of this size as JPEG."""
    target = io.BytesIO()
    image = synthetic_photo(USABLE, 4711, _SIZES[size]) if size != "tiny" else Image.new("RGB", _SIZES[size], "salmon")
    image.save(target, "JPEG", quality=_QUALITY[size])
    return target.getvalue()


def part10(at: Place, size: str) -> bytes:
    """The Part 10 file of the instance at this place."""
    fields = _fields(at)
    return b"".join(piece if isinstance(piece, bytes) else fields[piece] for piece in _pieces(size))


def store_body(*files: bytes) -> bytes:
    """The body of a store request of these files."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + file + b"\r\n" for file in files) + f"--{BOUNDARY}--\r\n".encode()


def _template_place() -> Place:
    return place(9_999_999, 99)


def _fields(at: Place) -> list[bytes]:
    return [text.encode() for text in (at.study, at.series, at.instance, at.patient_id, at.stem, at.day)]


def _uid(kind: int, shelf: int, number: int) -> str:
    return f"{_ROOT}.{kind}.1{shelf:02d}{number:011d}"


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in (2, 1, 0))


@cache
def _pieces(size: str) -> Sequence[bytes | int]:
    """The template cut at its fields, which stand as their numbers."""
    template, fields = _template(size), _fields(_template_place())
    cut = re.split(b"(" + b"|".join(map(re.escape, fields)) + b")", template)
    return [fields.index(piece) if piece in fields else piece for piece in cut]


def _template(size: str) -> bytes:
    at, coded = _template_place(), picture(size)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = VLPhotographicImageStorage, UID(at.instance)
    meta.TransferSyntaxUID = JPEGBaseline8Bit
    ds = Dataset()
    ds.SpecificCharacterSet, ds.SOPClassUID, ds.SOPInstanceUID = "ISO_IR 192", VLPhotographicImageStorage, at.instance
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = at.day
    ds.StudyTime = ds.ContentTime = "101500"
    ds.AccessionNumber, ds.Modality, ds.ReferringPhysicianName = "A1", "XC", "Referring^Doctor"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = (
        f"{at.stem}^Given",
        at.patient_id,
        "19700101",
        "F",
    )
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.StudyID = at.study, at.series, "1"
    ds.SeriesNumber, ds.InstanceNumber, ds.ImageType = 1, 1, ["ORIGINAL", "PRIMARY"]
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "YBR_FULL_422", 0
    ds.Columns, ds.Rows = _SIZES[size]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.LossyImageCompression, ds.LossyImageCompressionMethod, ds.LossyImageCompressionRatio = "01", "ISO_10918_1", "10"
    ds.PixelData = encapsulate([coded])
    ds["PixelData"].is_undefined_length = True
    ds.file_meta = meta
    target = io.BytesIO()
    ds.save_as(target, enforce_file_format=True)
    return target.getvalue()
