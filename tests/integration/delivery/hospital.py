"""What the delivery tests are made of: archived instances, destinations, and a PACS that does as it is told."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, VLPhotographicImageStorage, generate_uid
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.transport import ThreadedAssociationServer
from sqlalchemy import func, select

from dimse.outgoing import OutgoingInstance
from gateway.archive.tables import InstanceRow, PatientRow, SeriesRow, StudyRow
from gateway.config import DeliverySettings, Destination, DimseDestination
from gateway.database import Database, now
from gateway.delivery.copies import secondary_captures
from gateway.delivery.enqueue import enqueue
from gateway.delivery.proving.means import proof_means
from gateway.delivery.tables import DeliveryAttemptRow, DeliveryRow
from gateway.delivery.worker import DeliveryWorker, storage_senders
from tests.peers import LOOPBACK, free_port

PROMPT = DeliverySettings(retry_seconds=0.05, retry_max_seconds=0.2, batch=20, proof_seconds=0.1, proof_looks=3)
"""Tests do not wait for seconds where milliseconds show the same."""

FIRST_PATIENT = "TEST"


def destination(name: str = "pacs", *, port: int = 104, **values: Any) -> DimseDestination:
    """A destination on loopback; what it says it stored is believed unless `proof` asks for more."""
    values.setdefault("proof", "none")
    return DimseDestination(name=name, port=port, ae_title=values.pop("ae_title", "PACS"), **values)


def archive_instances(database: Database, count: int, hospital: str = "default") -> list[int]:
    """Index rows of `count` instances in one series; return their ids."""
    with database.write() as unit_of_work:
        session = unit_of_work.session
        patient = PatientRow(
            hospital_id=hospital, issuer_of_patient_id="I", patient_id=generate_uid()[-20:],
            birth_date="", sex="", attributes={},
        )  # fmt: skip
        session.add(patient)
        session.flush()
        study = StudyRow(
            hospital_id=hospital, patient_row_id=patient.id, study_instance_uid=generate_uid(), study_date="",
            study_time="", accession_number="", study_identifier="", description="", attributes={},
        )  # fmt: skip
        session.add(study)
        session.flush()
        series = SeriesRow(
            hospital_id=hospital, study_row_id=study.id, series_instance_uid=generate_uid(), modality="XC",
            series_number=1, procedure_step_start_date="", procedure_step_start_time="", attributes={},
        )  # fmt: skip
        session.add(series)
        session.flush()
        instances = [
            InstanceRow(
                hospital_id=hospital, study_row_id=study.id, series_row_id=series.id, instance_number=number,
                sop_instance_uid=generate_uid(), sop_class_uid=VLPhotographicImageStorage, revision=1,
                origin="photo", received_from="", stored_at=now(), attributes={},
            )
            for number in range(1, count + 1)
        ]  # fmt: skip
        session.add_all(instances)
        session.flush()
        return [instance.id for instance in instances]


def queue(database: Database, instance_ids: Sequence[int], *destinations: Destination) -> None:
    """Queue the instances for the destinations."""
    with database.write() as unit_of_work:
        for instance_id in instance_ids:
            enqueue(unit_of_work, destinations[0].hospital, instance_id, 1, destinations)


def archived_and_queued(database: Database, count: int, *destinations: Destination) -> list[int]:
    """New instances on their way to the destinations; return their ids."""
    instance_ids = archive_instances(database, count, destinations[0].hospital)
    queue(database, instance_ids, *destinations)
    return instance_ids


def source_of(database: Database, padding_bytes: int = 0) -> Callable[[int, int], OutgoingInstance | None]:
    """Gives what the index holds as small DICOM files made on the spot; their first revision is of FIRST_PATIENT."""

    def source(instance_id: int, revision: int) -> OutgoingInstance | None:
        with database.read() as session:
            row = session.get(InstanceRow, instance_id)
            if row is None:
                return None
            uid = row.sop_instance_uid
            study_row = session.get_one(StudyRow, row.study_row_id)
            study = study_row.study_instance_uid
            patient = (
                session.get_one(PatientRow, study_row.patient_row_id).patient_id if revision > 1 else FIRST_PATIENT
            )
            series = session.get_one(SeriesRow, row.series_row_id).series_instance_uid
        return OutgoingInstance(
            VLPhotographicImageStorage,
            uid,
            ExplicitVRLittleEndian,
            lambda: part10(uid, padding_bytes, study=study, series=series, patient=patient),
        )

    return source


def part10(
    sop_instance_uid: str,
    padding_bytes: int,
    *,
    study: str = "1.2.3",
    series: str = "1.2.3.4",
    patient: str = FIRST_PATIENT,
) -> BytesIO:
    """A DICOM file that is small but for `padding_bytes`."""
    ds = Dataset()
    ds.SOPClassUID = VLPhotographicImageStorage
    ds.SOPInstanceUID = sop_instance_uid
    ds.PatientID = patient
    ds.StudyInstanceUID = study
    ds.SeriesInstanceUID = series
    ds.DataSetTrailingPadding = bytes(padding_bytes)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    dcmwrite(stream, ds, enforce_file_format=True)
    stream.seek(0)
    return stream


def worker_for(database: Database, *destinations: Destination, **values: Any) -> DeliveryWorker:
    """A worker that sends by C-STORE what the index holds."""
    return DeliveryWorker(
        database,
        destinations,
        values.pop("settings", PROMPT),
        values.pop("source", source_of(database)),
        values.pop("senders", storage_senders("DERMGATE", secondary_captures("0.1.0", ""))),
        means=values.pop("means", proof_means("DERMGATE")),
        poll_seconds=values.pop("poll_seconds", 0.1),
        **values,
    )


def states(database: Database) -> Counter[str]:
    """How many deliveries are in each state."""
    with database.read() as session:
        rows = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state))
        return Counter({row[0]: row[1] for row in rows})


def rows(database: Database) -> list[DeliveryRow]:
    """Every delivery, in the order of queueing."""
    with database.read() as session:
        found = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))
        session.expunge_all()
        return found


def attempts(database: Database) -> list[DeliveryAttemptRow]:
    """Every attempt, in order."""
    with database.read() as session:
        found = list(session.scalars(select(DeliveryAttemptRow).order_by(DeliveryAttemptRow.id)))
        session.expunge_all()
        return found


def uids(database: Database, instance_ids: Sequence[int]) -> set[str]:
    """The SOP Instance UIDs of the instances."""
    with database.read() as session:
        return set(session.scalars(select(InstanceRow.sop_instance_uid).where(InstanceRow.id.in_(instance_ids))))


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait for a condition; fail saying what did not come about."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


@dataclass
class Pacs:
    """A storage SCP in this process: keeps what it is sent and answers with `status`.

    `refused_uids` get `refusal` instead; `delay_seconds` is how long each store takes, and none ends while `answers`
    is not set; `crossings` are instances that came while the same one was still being stored; `data_sets` holds the
    encoded data sets by UID.
    """

    port: int = field(default_factory=free_port)
    most_associations: int = 50
    status: int = 0x0000
    delay_seconds: float = 0.0
    answers: threading.Event = field(default_factory=threading.Event)
    refusal: int = 0xA900
    refused_uids: set[str] = field(default_factory=set)
    received: Counter[str] = field(default_factory=Counter)
    crossings: set[str] = field(default_factory=set)
    data_sets: dict[str, bytes] = field(default_factory=dict)
    associations: int = 0
    _storing: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadedAssociationServer | None = None

    def start(self) -> "Pacs":
        """Listen."""
        self.answers.set()
        ae = AE("PACS")
        ae.maximum_associations = self.most_associations
        ae.add_supported_context(VLPhotographicImageStorage, ExplicitVRLittleEndian)
        handlers: list[Any] = [(evt.EVT_C_STORE, self._store), (evt.EVT_ESTABLISHED, self._established)]
        server = ae.start_server((LOOPBACK, self.port), block=False, evt_handlers=handlers)
        assert server is not None
        self._server = server
        return self

    def stop(self) -> None:
        """Listen no more, and break off what is open."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def forget(self) -> None:
        """As if nothing had ever been sent, and no answer been set."""
        self.status, self.delay_seconds, self.associations = 0x0000, 0.0, 0
        for kept in (self.refused_uids, self.received, self.crossings, self.data_sets):
            kept.clear()

    def _established(self, event: evt.Event) -> None:
        self.associations += 1

    def _store(self, event: evt.Event) -> int:
        assert isinstance(event.request, C_STORE)
        uid = str(event.request.AffectedSOPInstanceUID)
        with self._lock:
            if uid in self._storing:
                self.crossings.add(uid)
            self._storing.add(uid)
        time.sleep(self.delay_seconds)
        self.answers.wait(20)
        with self._lock:
            self._storing.discard(uid)
            if uid in self.refused_uids:
                return self.refusal
            self.received[uid] += 1
            self.data_sets[uid] = event.request.DataSet.getvalue() if event.request.DataSet else b""
        return self.status
