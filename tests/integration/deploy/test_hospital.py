"""The demonstration's hospital keeps what it is sent and answers truly when it is asked, whichever PACS it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from pynetdicom import AE

from deploy.demo.hospital import GATEWAY_AE_TITLE, Hospital, InstanceUids, running_hospital
from deploy.demo.processes import LOOPBACK
from tests.peers import require


@pytest.fixture(scope="module", params=["orthanc", "simple"])
def hospital(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    if request.param == "orthanc":
        require("Orthanc")
    with running_hospital(tmp_path_factory.mktemp("hospital"), simple=request.param == "simple") as running:
        yield running


def test_it_holds_what_it_was_sent_and_nothing_else(hospital: Hospital) -> None:
    sent, never_sent = _instance(), _instance()
    _send(hospital, sent)
    assert hospital.holds([_uids(sent), _uids(never_sent)]) == {sent.SOPInstanceUID}


def test_an_instance_is_not_found_under_another_study(hospital: Hospital) -> None:
    sent, other = _instance(), _instance()
    _send(hospital, sent)
    misplaced = InstanceUids(other.StudyInstanceUID, other.SeriesInstanceUID, sent.SOPInstanceUID)
    assert hospital.holds([misplaced]) == set()


# pynetdicom forgets to close the socket of a refused connection.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_hospital_that_is_down_holds_nothing(tmp_path: Path) -> None:
    with running_hospital(tmp_path, simple=True) as running:
        gone = running
    assert gone.holds([_uids(_instance())]) == set()


def _uids(ds: Dataset) -> InstanceUids:
    return InstanceUids(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)


def _instance() -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = (generate_uid() for _ in range(3))
    ds.PatientID = "1"
    ds.Modality = "OT"
    return ds


def _send(hospital: Hospital, ds: Dataset) -> None:
    ae = AE(ae_title=GATEWAY_AE_TITLE)
    ae.add_requested_context(SecondaryCaptureImageStorage, ExplicitVRLittleEndian)
    assoc = ae.associate(LOOPBACK, hospital.dicom_port, ae_title=hospital.ae_title)
    assert assoc.send_c_store(ds).Status == 0x0000
    assoc.release()
