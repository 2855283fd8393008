"""A hospital's modality worklist: DCMTK's wlmscpfs over files that a test writes, on loopback."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from deploy.demo import processes
from dimse.addresses import RemoteAE
from tests.peers import LOOPBACK, free_port, require

WORKLIST_FILE_CLASS = UID("1.2.276.0.7230010.3.1.0.1")
"""DCMTK's own class of worklist files."""


def order(number: int = 1, *, character_set: str | list[str] = "ISO_IR 192", **changes: Any) -> Dataset:
    """A scheduled photograph of a Korean patient; attributes of the step are given as `Step...` without that word."""
    step = Dataset()
    step.Modality = "XC"
    step.ScheduledStationAETitle = "DERMGATE"
    step.ScheduledProcedureStepStartDate = "20260701"
    step.ScheduledProcedureStepStartTime = "0930"
    step.ScheduledProcedureStepDescription = "Photo of the forearm"
    step.ScheduledProcedureStepID = f"SPS{number}"
    ds = Dataset()
    ds.SpecificCharacterSet = character_set
    ds.PatientName = "Hong^Gildong=洪^吉洞=홍^길동"
    ds.PatientID = f"P-{number}"
    ds.IssuerOfPatientID = "HOSPITAL"
    ds.PatientBirthDate = "19800102"
    ds.PatientSex = "M"
    ds.AccessionNumber = f"ACC{number}"
    ds.ReferringPhysicianName = "Kim^Doctor"
    ds.StudyInstanceUID = f"1.2.826.0.1.3680043.10.999.{number}"
    ds.RequestedProcedureID = f"RP{number}"
    ds.RequestedProcedureDescription = "Skin photography"
    ds.AdmissionID = f"ADM{number}"
    ds.RequestingPhysician = "Kim^Doctor"
    for keyword, value in changes.items():
        target, name = (step, keyword.removeprefix("Step")) if keyword.startswith("Step") else (ds, keyword)
        setattr(target, name, value)
    ds.ScheduledProcedureStepSequence = [step]
    return ds


class WorklistServer:
    """wlmscpfs, its port the same over `stop` and `start`; what is scheduled may change at any time."""

    def __init__(self, *options: str, ae_title: str = "RIS") -> None:
        self._program = require("wlmscpfs")
        self._options = options
        self.ae_title = ae_title
        self.folder = Path(tempfile.mkdtemp(prefix="dermgate-worklist-"))
        self.port = free_port()
        self._entries = self.folder / ae_title
        self._entries.mkdir()
        (self._entries / "lockfile").touch()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def remote(self) -> RemoteAE:
        """Where it is."""
        return RemoteAE(LOOPBACK, self.port, self.ae_title)

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def schedule(self, *orders: Dataset) -> None:
        """Let exactly these orders be on the worklist."""
        for path in self._entries.glob("*.wl"):
            path.unlink()
        for number, ds in enumerate(orders):
            ds.file_meta = FileMetaDataset()
            ds.file_meta.MediaStorageSOPClassUID = WORKLIST_FILE_CLASS
            ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            dcmwrite(self._entries / f"{number:04}.wl", ds, enforce_file_format=True)

    def start(self) -> None:
        """Start it and wait until it listens."""
        log = self.folder / "wlmscpfs.log"
        command: list[str | Path] = [self._program, "-csk", "-dhl", "-dfp", self.folder, *self._options, str(self.port)]
        self._process = processes.start(
            command, log, folder=self.folder,
            environment={"TCP_NODELAY": "1", "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        processes.wait_for_ports(self._process, [self.port], log)

    def stop(self) -> None:
        """End it."""
        processes.end(self._process)

    def close(self) -> None:
        """End it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
