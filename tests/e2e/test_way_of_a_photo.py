"""A posted photo at the hospital, over DICOMweb, and before the validator: the shipped gateway and real peers."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicomweb_client import DICOMwebClient
from PIL import Image, ImageOps
from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.encaps import generate_frames
from pydicom.uid import UID

from gateway.conversion.jpeg_layout import read_layout
from gateway.conversion.jpeg_markers import stripped
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo, with_orientation
from tests.peers import Orthanc, dciodvfy_errors

pytestmark = pytest.mark.peer

Wait = Callable[[Callable[[], bool], str], None]
PATIENT = {
    "patient_id": "E2E-1",
    "patient_name": "홍길동",
    "patient_birth_date": "1980-01-02",
    "patient_sex": "F",
    "body_site": "forearm",
    "laterality": "L",
    "captured_at": "2026-05-06T07:08:09+09:00",
}


def test_the_hospital_gives_back_the_posted_picture_byte_for_byte(
    gateway: GatewayProcess, orthanc: Orthanc, wait_for: Wait
) -> None:
    posted = photo(1, exif=with_orientation(1), comment=b"holiday")
    submission = gateway.accepted(posted, PATIENT)
    wait_for(lambda: gateway.deliveries(submission["id"]) == ["confirmed"], "the photo is proven")
    (held,) = orthanc.instances(submission["dicom"]["sop_instance_uid"])
    at_hospital = _fragment(_read(orthanc.fetch_file(held)))
    assert at_hospital == _fragment(_read(gateway.dicom(submission))), "what is archived is what arrived"
    expected = stripped(read_layout(posted), posted)
    assert at_hospital.rstrip(b"\0") == expected.rstrip(b"\0"), "the sender's own coding, without markers"
    assert _tables_and_scans(at_hospital) == _tables_and_scans(posted)
    assert b"holiday" not in at_hospital


def test_a_png_arrives_with_the_same_samples(gateway: GatewayProcess, orthanc: Orthanc, wait_for: Wait) -> None:
    posted = photo(2, "PNG")
    submission = gateway.accepted(posted)
    wait_for(lambda: gateway.deliveries(submission["id"]) == ["confirmed"], "the photo is proven")
    (held,) = orthanc.instances(submission["dicom"]["sop_instance_uid"])
    ds = _read(orthanc.fetch_file(held))
    assert np.array_equal(ds.pixel_array, np.asarray(Image.open(io.BytesIO(posted))))
    picture = gateway.http.get(f"/api/v1/photos/{submission['id']}/picture")
    assert picture.headers["content-type"] == "image/png"


def test_a_photo_held_sideways_arrives_upright(gateway: GatewayProcess) -> None:
    posted = photo(3, exif=with_orientation(6), quality=95)
    ds = _read(gateway.dicom(gateway.accepted(posted)))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(posted))))
    assert (ds.Rows, ds.Columns) == upright.shape[:2]
    assert np.abs(ds.pixel_array.astype(int) - upright.astype(int)).mean() < 2


@pytest.mark.parametrize("fields", [PATIENT, {}], ids=["known patient", "unknown patient"])
@pytest.mark.parametrize(
    "posted",
    [photo(4), photo(5, exif=with_orientation(6)), photo(6, "PNG"), photo(7, progressive=True)],
    ids=["upright", "sideways", "png", "progressive"],
)
def test_the_validator_finds_no_error(
    gateway: GatewayProcess, tmp_path: Path, posted: bytes, fields: dict[str, str]
) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(gateway.dicom(gateway.accepted(posted, fields)))
    assert dciodvfy_errors(path) == []


def test_dicomweb_client_finds_and_gets_a_posted_photo(gateway: GatewayProcess) -> None:
    fields = {**PATIENT, "patient_id": "E2E-2", "patient_name": "김^순희"}
    submission = gateway.accepted(photo(8), fields)
    client = DICOMwebClient(f"{gateway.url}/dicom-web")
    for name in ("김^순희", "김*"):
        found = client.search_for_studies(search_filters={"PatientName": name, "PatientID": "E2E-2"})
        assert [study["0020000D"]["Value"][0] for study in found] == [submission["dicom"]["study_instance_uid"]]
    ds = client.retrieve_instance(*_uids(submission))
    assert str(ds.PatientName) == "김^순희"
    (frame,) = client.retrieve_instance_frames(*_uids(submission), [1])
    assert frame.rstrip(b"\0") == _fragment(_read(gateway.dicom(submission))).rstrip(b"\0")
    picture, report = client.retrieve_study_metadata(submission["dicom"]["study_instance_uid"])
    assert picture["00080018"]["Value"] == [submission["dicom"]["sop_instance_uid"]]
    assert report["00080060"]["Value"] == ["SR"]


def test_dicomweb_client_stores_what_it_then_finds(gateway: GatewayProcess) -> None:
    ds = _read(gateway.dicom(gateway.accepted(photo(9))))
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(f"{ds.SOPInstanceUID[:-4]}.1")
    ds.PatientName, ds.PatientID = "박^보검", "E2E-3"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ds.StudyInstanceUID[:-4]}.2", f"{ds.SeriesInstanceUID[:-4]}.3"
    client = DICOMwebClient(f"{gateway.url}/dicom-web")
    assert not client.store_instances([ds]).get("FailedSOPSequence")
    (found,) = client.search_for_instances(search_filters={"PatientName": "박^보검"})
    assert found["00080018"]["Value"] == [ds.SOPInstanceUID]
    stored = client.retrieve_instance(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)
    assert stored.PixelData == ds.PixelData


def _read(data: bytes) -> FileDataset:
    return dcmread(io.BytesIO(data))


def _fragment(ds: FileDataset) -> bytes:
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    return frame


def _tables_and_scans(jpeg: bytes) -> list[bytes]:
    return [jpeg[segment.start : segment.end] for segment in read_layout(jpeg).coded()]


def _uids(submission: dict[str, Any]) -> tuple[str, str, str]:
    dicom = submission["dicom"]
    return dicom["study_instance_uid"], dicom["series_instance_uid"], dicom["sop_instance_uid"]
