"""Headers written as pydicom writes them."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from gateway.conversion.dataset import dataset_of
from gateway.conversion.header_writing import UnwritableError, our_file_start
from gateway.conversion.part10 import written_by_pydicom
from tests.unit.conversion.object_kinds import KINDS

UTF_8 = {"SpecificCharacterSet": "ISO_IR 192"}


def header_of(values: dict[str, Any]) -> Dataset:
    header = dataset_of(values)
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.77.1.4")
    header.file_meta.MediaStorageSOPInstanceUID = UID("2.25.123")
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.ImplementationClassUID = UID("2.25.1")
    header.file_meta.ImplementationVersionName = "TEST"
    return header


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_object_begins_with_the_same_bytes(name: str) -> None:
    header = KINDS[name]().header
    assert our_file_start(header) == written_by_pydicom(header)


@pytest.mark.parametrize(
    "values",
    [
        {"PatientName": "Hong^Gildong=洪^吉洞=홍^길동", "PatientComments": "가" * 501},
        {"PatientName": "", "StudyID": None, "AcquisitionContextSequence": []},
        {"PixelSpacing": ["0.10", "0.25"], "SeriesNumber": 3, "FrameTimeVector": [0, 33.5]},
        {"ImageType": ["ORIGINAL", "PRIMARY"], "SoftwareVersions": ["1", "odd"]},
        {"FrameIncrementPointer": 0x00181063, "ReferencedFrameNumber": [1, 2, 3], "Rows": 65535},
        {"ICCProfile": b"odd", "RecommendedDisplayFrameRate": 30, "MappingResource": "DCMR"},
        {"SourceImageSequence": [dataset_of({"PurposeOfReferenceCodeSequence": [dataset_of({"CodeValue": "1"})]})]},
        {"AcquisitionDateTime": "20261121101112.000000+0900", "PatientAge": "006M", "Laterality": "L"},
    ],
)
def test_values_of_all_sorts_are_written_alike(values: dict[str, Any]) -> None:
    header = header_of({**UTF_8, **values})
    assert our_file_start(header) == written_by_pydicom(header)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\\=^"), max_size=20))
def test_any_text_is_written_alike(text: str) -> None:
    texts = {"PatientName": f"{text}^{text}=={text}", "ImageComments": text, "StationName": text[:5]}
    header = header_of({**UTF_8, **texts})
    assert our_file_start(header) == written_by_pydicom(header)


def test_values_of_an_object_that_was_read_are_written_alike() -> None:
    values = {
        **UTF_8,
        "PatientName": "Hong^Gildong=洪^吉洞=홍^길동",
        "SeriesNumber": "007",
        "PixelSpacing": ["0.10", "1"],
    }
    read = dcmread(io.BytesIO(written_by_pydicom(header_of(values))))
    read.file_meta = header_of(values).file_meta
    assert our_file_start(read) == written_by_pydicom(read)


def test_what_is_not_written_here_is_said() -> None:
    for values in ({"SpecificCharacterSet": "ISO_IR 100"}, {**UTF_8, "PixelData": b""}):
        header = header_of(values)
        if "PixelData" in values:
            header["PixelData"].VR = "OW"
            header.PixelData = b"12"
        with pytest.raises(UnwritableError):
            our_file_start(header)
