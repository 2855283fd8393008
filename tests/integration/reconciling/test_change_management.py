"""Destinations that are told of corrections: a note rejects what was stored by mistake, and the right object follows.

Orthanc is one that keeps both: it does not hide what a note names, so that everything which arrived can be looked at.
"""

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset
from sqlalchemy import select, update

from gateway.conversion.rejection_note import KEY_OBJECT_SELECTION
from gateway.database import now
from gateway.delivery.tables import DeliveryRow
from tests.e2e.photos import photo as picture
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served
from tests.integration.reconciling.test_reconciling import HONG, reconciled
from tests.peers import LOOPBACK, Orthanc, dciodvfy_errors
from tests.worklist_peer import WorklistServer, order

pytestmark = pytest.mark.peer

SECONDS = 15


@pytest.fixture
def gateway(settings_for: MakeSettings, tmp_path: Path, ris: WorklistServer, orthanc: Orthanc) -> Iterator[Served]:
    """A gateway that delivers to Orthanc, which is told of corrections; its whole worker runs."""
    if not ris.running:
        ris.start()
    worklist = {"host": LOOPBACK, "port": ris.port, "ae_title": ris.ae_title}
    pacs = {"name": "pacs", "port": orthanc.dicom_port, "ae_title": orthanc.ae_title, "iocm": True}
    delivery = {"retry_seconds": 0.2, "proof_seconds": 0.2}
    with Served(settings_for(tmp_path, worklist=worklist, destinations=[pacs], delivery=delivery)) as made:
        made.gateway.start()
        yield made


def arrived(gateway: Served) -> list[DeliveryRow]:
    """Every delivery, once all of them are found at the destination."""
    deadline = time.monotonic() + SECONDS
    while True:
        with gateway.gateway.database.read() as session:
            rows = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.instance_id, DeliveryRow.revision)))
        if all(row.state in {"confirmed", "committed"} or row.revision == 1 for row in rows if row.sent_at) and all(
            row.sent_at for row in rows
        ):
            return rows
        assert time.monotonic() < deadline, [(row.revision, row.state, row.last_message) for row in rows]
        time.sleep(0.1)


def kept(orthanc: Orthanc) -> list[FileDataset]:
    return [dcmread(io.BytesIO(orthanc.fetch_file(each))) for each in orthanc.instances()]


def by_kind(objects: list[FileDataset]) -> tuple[list[FileDataset], list[FileDataset]]:
    """Notes, and all others."""
    notes = [ds for ds in objects if ds.SOPClassUID == KEY_OBJECT_SELECTION]
    return notes, [ds for ds in objects if ds.SOPClassUID != KEY_OBJECT_SELECTION]


def test_the_mistaken_object_is_rejected_and_the_right_one_has_other_uids(
    gateway: Served, orthanc: Orthanc, ris: WorklistServer, tmp_path: Path
) -> None:
    wrong = {"patient_id": "P-0", "patient_name": "Wrong^Person", "accession_number": "OLD"}
    posted = gateway.accepted(picture(1), wrong)
    arrived(gateway)
    ris.schedule(order(3))
    (item,) = [each["item"] for each in gateway.get("/api/v1/worklist?patient_id=P-3")["items"]]
    reconciled(gateway, posted["case_id"], {"worklist_item": item})
    rows = arrived(gateway)
    notes, others = by_kind(kept(orthanc))
    mistaken = [ds for ds in others if ds.PatientID == "P-0"]
    right = [ds for ds in others if ds.PatientID == "P-3"]
    assert (len(notes), len(mistaken), len(right)) == (2, 2, 2)

    rejected = {note.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID for note in notes}
    assert rejected == {ds.SOPInstanceUID for ds in mistaken}
    assert {(note.PatientID, note.StudyInstanceUID) for note in notes} == {("P-0", mistaken[0].StudyInstanceUID)}
    assert {note.ConceptNameCodeSequence[0].CodeValue for note in notes} == {"113038"}

    assert {ds.StudyInstanceUID for ds in right} == {"1.2.826.0.1.3680043.10.999.3"}
    for uid in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert not {ds[uid].value for ds in right} & {ds[uid].value for ds in mistaken}
    assert {row.sent_sop_instance_uid for row in rows if row.revision == 2} == {ds.SOPInstanceUID for ds in right}
    assert {row.state for row in rows if row.revision == 2} == {"confirmed"}

    photo, report = sorted(right, key=lambda ds: str(ds.Modality), reverse=True)
    assert photo.PixelData == next(ds for ds in mistaken if ds.Modality == "XC").PixelData
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    assert evidence.StudyInstanceUID == photo.StudyInstanceUID
    referenced = evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert referenced == photo.SOPInstanceUID
    for number, ds in enumerate([*notes, *right]):
        path = tmp_path / f"{number}.dcm"
        ds.save_as(path)
        assert dciodvfy_errors(path) == []


def test_the_archive_itself_serves_the_corrected_objects_under_the_uids_they_always_had(
    gateway: Served, orthanc: Orthanc
) -> None:
    posted = gateway.accepted(picture(1))
    arrived(gateway)
    reconciled(gateway, posted["case_id"], HONG)
    arrived(gateway)
    (study,) = gateway.get("/dicom-web/studies?PatientID=P-1")
    assert study["0020000D"]["Value"] == [posted["dicom"]["study_instance_uid"]]
    assert study["00201208"]["Value"] == [2]
    assert len(orthanc.instances()) == 6


def test_what_comes_later_joins_the_right_study_without_a_note(gateway: Served, orthanc: Orthanc) -> None:
    posted = gateway.accepted(picture(1), {"patient_id": "P-0"})
    arrived(gateway)
    reconciled(gateway, posted["case_id"], HONG)
    arrived(gateway)
    gateway.accepted(picture(2), {"case_id": posted["case_id"]})
    arrived(gateway)
    notes, others = by_kind(kept(orthanc))
    right = [ds for ds in others if ds.PatientID == "P-1"]
    assert (len(notes), len(right), len({ds.StudyInstanceUID for ds in right})) == (2, 4, 1)
    assert {ds.StudyInstanceUID for ds in others if ds.PatientID == "P-0"} == {posted["dicom"]["study_instance_uid"]}


def test_a_second_correction_rejects_the_first_one(gateway: Served, orthanc: Orthanc) -> None:
    posted = gateway.accepted(picture(1), {"patient_id": "P-0"})
    arrived(gateway)
    reconciled(gateway, posted["case_id"], {"patient_id": "P-9"})
    arrived(gateway)
    reconciled(gateway, posted["case_id"], HONG)
    arrived(gateway)
    notes, others = by_kind(kept(orthanc))
    rejected = {note.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID for note in notes}
    assert rejected == {ds.SOPInstanceUID for ds in others if ds.PatientID in {"P-0", "P-9"}}
    assert {note.PatientID for note in notes} == {"P-0", "P-9"}
    assert len([ds for ds in others if ds.PatientID == "P-1"]) == 2
    assert len({ds.SOPInstanceUID for ds in (*notes, *others)}) == len(notes) + len(others)


def test_what_never_went_there_goes_as_it_is(gateway: Served, orthanc: Orthanc) -> None:
    orthanc.stop()
    posted = gateway.accepted(picture(1))
    reconciled(gateway, posted["case_id"], HONG)
    orthanc.start()
    with gateway.gateway.database.write() as unit_of_work:  # a row that was in hand waits for its lease to end
        unit_of_work.session.execute(update(DeliveryRow).values(next_attempt_at=now()))
    deadline = time.monotonic() + SECONDS
    while len(orthanc.instances()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    notes, others = by_kind(kept(orthanc))
    assert (notes, {ds.PatientID for ds in others}) == ([], {"P-1"})
    assert {ds.StudyInstanceUID for ds in others} == {posted["dicom"]["study_instance_uid"]}


def test_a_retry_sends_the_very_same_objects(gateway: Served, orthanc: Orthanc) -> None:
    posted = gateway.accepted(picture(1))
    arrived(gateway)
    reconciled(gateway, posted["case_id"], HONG)
    rows = [row for row in arrived(gateway) if row.revision == 2]
    made: list[Any] = []
    for _ in range(2):
        replacement = source(gateway)(rows[0].instance_id, 2)
        with replacement.open_file() as copy, replacement.note.open_file() as note:
            made.append((copy.read(), note.read()))
    assert made[0] == made[1]


def test_a_note_is_the_same_whichever_correction_comes_to_send_it(gateway: Served, orthanc: Orthanc) -> None:
    posted = gateway.accepted(picture(1), {"patient_id": "P-0"})
    rows = arrived(gateway)
    orthanc.stop()
    notes: list[bytes] = []
    for patient in ("P-8", "P-9"):
        reconciled(gateway, posted["case_id"], {"patient_id": patient})
        replacement = source(gateway)(rows[0].instance_id, 2 + len(notes))
        with replacement.note.open_file() as note:
            notes.append(note.read())
    orthanc.start()
    assert notes[0] == notes[1]


def test_what_is_corrected_as_it_is_taken_up_is_not_sent_into_the_new_patients_study(
    gateway: Served, orthanc: Orthanc
) -> None:
    posted = gateway.accepted(picture(1), {"patient_id": "P-0"})
    rows = arrived(gateway)
    orthanc.stop()
    reconciled(gateway, posted["case_id"], {"patient_id": "P-9"})

    def and_somebody_corrects_it(instance_id: int, revision: int) -> Any:
        taken = source(gateway).archived(instance_id, revision)
        reconciled(gateway, posted["case_id"], HONG)
        return taken

    assert replace(source(gateway), archived=and_somebody_corrects_it)(rows[0].instance_id, 2) is None
    orthanc.start()


def test_a_study_that_has_grown_too_large_to_be_corrected_goes_on_where_it_is(
    gateway: Served, orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = gateway.accepted(picture(1), {"patient_id": "P-0"})
    arrived(gateway)
    reconciled(gateway, posted["case_id"], HONG)
    arrived(gateway)
    monkeypatch.setattr("gateway.delivery.replacing.standing.MOST_OBJECTS", 2)
    gateway.accepted(picture(2), {"case_id": posted["case_id"]})
    arrived(gateway)
    _notes, others = by_kind(kept(orthanc))
    right = [ds for ds in others if ds.PatientID == "P-1"]
    assert (len(right), len({ds.StudyInstanceUID for ds in right})) == (4, 1)


def source(gateway: Served) -> Any:
    """What the worker takes objects from, for its destination."""
    return gateway.gateway._worker._couriers[0]._source
