"""The hospital beside the gateway: a PACS that really keeps what it is sent, and can be asked what it holds."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at import time
    StudyRootQueryRetrieveInformationModelFind,
)

from deploy.demo import orthanc, processes
from deploy.demo.simple_pacs import SimplePacs

GATEWAY_AE_TITLE = "DERMGATE"
_ASKING_AE_TITLE = "DEMO"
_PENDING = frozenset({0xFF00, 0xFF01})  # PS3.4 C.4.1.1.4


@dataclass(frozen=True, slots=True)
class InstanceUids:
    """Names one instance at every level, as a query at IMAGE level needs it (PS3.4 C.6.2.1)."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Hospital:
    """A running PACS: what it is, its port, and in words what listens where and answers to whom."""

    kind: str
    ae_title: str
    dicom_port: int
    listening: str

    def holds(self, instances: Iterable[InstanceUids]) -> set[str]:
        """Ask it by C-FIND for each instance; return the SOP Instance UIDs that it answered with."""
        ae = AE(ae_title=_ASKING_AE_TITLE)
        ae.add_requested_context(StudyRootQueryRetrieveInformationModelFind)
        assoc = ae.associate(processes.LOOPBACK, self.dicom_port, ae_title=self.ae_title)
        if not assoc.is_established:
            return set()
        found = set()
        for instance in instances:
            for status, answer in assoc.send_c_find(_query(instance), StudyRootQueryRetrieveInformationModelFind):
                if status and status.Status in _PENDING and answer is not None:
                    found.add(str(answer.SOPInstanceUID))
        assoc.release()
        return found


@contextmanager
def running_hospital(folder: Path, *, simple: bool = False) -> Iterator[Hospital]:
    """Run Orthanc where it is installed and wanted, else a small PACS of our own, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    program = None if simple else orthanc.installed()
    run = _running_simple_pacs(folder) if program is None else _running_orthanc(program, folder)
    with run as hospital:
        yield hospital


@contextmanager
def _running_orthanc(program: Path, folder: Path) -> Iterator[Hospital]:
    site = orthanc.Site(folder, http_port=None, dicom_port=processes.free_port())
    # It calls neither of them: their ports only have to be there.
    callers = (GATEWAY_AE_TITLE, _ASKING_AE_TITLE)
    orthanc.configure(site, {name: orthanc.Remote(name, processes.free_port()) for name in callers})
    process = orthanc.start(program, site)
    listening = f"port {site.dicom_port} of every interface, answers only {' and '.join(callers)} of this machine"
    try:
        yield Hospital("Orthanc", site.ae_title, site.dicom_port, listening)
    finally:
        processes.end(process)


@contextmanager
def _running_simple_pacs(folder: Path) -> Iterator[Hospital]:
    port = processes.free_port()
    listening = f"{processes.LOOPBACK}:{port}, this machine only"
    hospital = Hospital("a small PACS, not Orthanc", "PACS", port, listening)
    pacs = SimplePacs(folder, hospital.ae_title, hospital.dicom_port)
    try:
        yield hospital
    finally:
        pacs.close()


def _query(instance: InstanceUids) -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel = "IMAGE"
    query.StudyInstanceUID = instance.study_instance_uid
    query.SeriesInstanceUID = instance.series_instance_uid
    query.SOPInstanceUID = instance.sop_instance_uid
    return query
