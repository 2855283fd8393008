"""What DCMTK's own programs store over DIMSE: archived byte for byte, found over DICOMweb, delivered nowhere."""

import io
import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import UID

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo
from tests.peers import LOOPBACK, require

pytestmark = pytest.mark.peer
PREAMBLE_BYTES = 128


@pytest.fixture
def received(gateway: GatewayProcess, tmp_path: Path) -> Path:
    """A file of somebody else's: another object than any the gateway made."""
    ds = dcmread(io.BytesIO(gateway.dicom(gateway.accepted(photo(100)))))
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(f"{ds.SOPInstanceUID[:-4]}.1")
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ds.StudyInstanceUID[:-4]}.2", f"{ds.SeriesInstanceUID[:-4]}.3"
    ds.PatientID, ds.preamble = "DCMTK-1", b"#!/bin/sh".ljust(PREAMBLE_BYTES, b"\n")
    path = tmp_path / "received.dcm"
    ds.save_as(path, enforce_file_format=True)
    return path


def test_echoscu_is_answered(gateway: GatewayProcess) -> None:
    assert _run(gateway, "echoscu").returncode == 0


def test_what_storescu_sends_is_found_and_given_back_byte_for_byte(gateway: GatewayProcess, received: Path) -> None:
    done = _run(gateway, "storescu", "--propose-jpeg8", str(received))
    assert done.returncode == 0, done.stderr
    ds = dcmread(received)
    query = {"PatientID": "DCMTK-1", "SOPInstanceUID": str(ds.SOPInstanceUID)}
    (found,) = gateway.http.get("/dicom-web/instances", params=query).raise_for_status().json()
    assert found["00080018"]["Value"] == [ds.SOPInstanceUID]
    url = f"/dicom-web/studies/{ds.StudyInstanceUID}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}"
    given_back = gateway.dicom({"dicom": {"url": url}})
    assert given_back[:PREAMBLE_BYTES] == bytes(PREAMBLE_BYTES), "a preamble may hold a program"
    assert dcmread(io.BytesIO(given_back)).PixelData == ds.PixelData
    assert _data_set(given_back) == _data_set(received.read_bytes())
    again = _run(gateway, "storescu", "--propose-jpeg8", str(received))
    assert again.returncode == 0, "the same instance again is a success"


def test_other_content_under_a_known_uid_is_refused(gateway: GatewayProcess, received: Path) -> None:
    assert _run(gateway, "storescu", "--propose-jpeg8", str(received)).returncode == 0
    ds = dcmread(received)
    ds.PatientComments = "changed"
    ds.save_as(received)
    done = _run(gateway, "storescu", "--propose-jpeg8", "-v", str(received))
    assert "0x0111" in done.stdout + done.stderr or done.returncode != 0


def _run(gateway: GatewayProcess, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(require(program)), "-aec", "DERMGATE", LOOPBACK, str(gateway.dimse_port), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _data_set(file: bytes) -> bytes:
    """What stands behind the file meta information."""
    length = int.from_bytes(file[PREAMBLE_BYTES + 12 : PREAMBLE_BYTES + 16], "little")
    return file[PREAMBLE_BYTES + 16 + length :]
