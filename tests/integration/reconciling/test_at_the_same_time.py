"""What else happens to a study while it is corrected, on either database: nobody's object ends with another patient."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from gateway.access.caller import LOCAL_ADMINISTRATOR, SYSTEM
from gateway.archive.indexing import Origin, Sender
from gateway.intake.request import PhotoFields
from gateway.reconciling.right import Right
from gateway.reconciling.service import Reconciled, Reconciling, SettledOtherwise
from gateway.review.tables import CaseRow
from tests.e2e.photos import photo as picture
from tests.integration.intake.served import Served
from tests.integration.reconciling.test_reconciling import HONG, objects, reconciled
from tests.unit.archive.samples import part10
from tests.unit.archive.samples import photo as object_of_others

SECONDS = 15
WRONG = {"patient_id": "P-0", "patient_name": "Wrong^Person"}


def reconcile(gateway: Served, case_id: str, said: dict[str, str], **more: Any) -> Reconciled:
    right = Right(PhotoFields.model_validate(said), "told by phone")
    return gateway.photos.reconciling.reconcile(LOCAL_ADMINISTRATOR, case_id, right, **more)


def in_a_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def one_of(study_instance_uid: str, patient_id: str = "P-0") -> bytes:
    """An object that others send of the study."""
    return part10(object_of_others(StudyInstanceUID=study_instance_uid, PatientID=patient_id))


def patients(gateway: Served) -> set[str]:
    return {str(ds.PatientID) for ds in objects(gateway)}


def test_an_object_that_is_being_stored_is_corrected_too(fresh: Served) -> None:
    posted = fresh.accepted(picture(1), WRONG)
    archive, database = fresh.gateway.archive, fresh.gateway.database
    staged = archive.stage([one_of(posted["dicom"]["study_instance_uid"])])
    done: list[Reconciled] = []
    with database.write() as unit_of_work:
        archive.index(unit_of_work, SYSTEM, staged, sender=Sender(Origin.STOW, "test"))
        correcting = in_a_thread(lambda: done.append(reconcile(fresh, posted["case_id"], HONG)))
        correcting.join(1)
        assert not done
    correcting.join(SECONDS)
    assert [each.corrected for each in done] == [3]
    assert patients(fresh) == {"P-1"}


def test_what_is_stored_of_the_wrong_patient_while_the_study_is_corrected_is_refused(
    fresh: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = fresh.accepted(picture(1), WRONG)
    archive, refused = fresh.gateway.archive, []
    begun = threading.Event()

    def store() -> None:
        begun.set()
        outcome = archive.store(SYSTEM, [one_of(posted["dicom"]["study_instance_uid"])], Sender(Origin.STOW, "test"))
        refused.append(f"{outcome.status:04X}")

    queue = Reconciling._queue

    def and_somebody_stores(self: Reconciling, *arguments: Any) -> Any:
        if not threads:
            threads.append(in_a_thread(store))
            begun.wait(SECONDS)
            threads[0].join(0.5)
        return queue(self, *arguments)

    threads: list[threading.Thread] = []
    monkeypatch.setattr(Reconciling, "_queue", and_somebody_stores)
    assert reconcile(fresh, posted["case_id"], HONG).corrected == 2
    threads[0].join(SECONDS)
    assert (refused, patients(fresh)) == (["A900"], {"P-1"})
    assert archive.verify().sound


def test_what_is_deleted_meanwhile_is_left_out(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fresh.accepted(picture(1), WRONG)
    second = fresh.accepted(picture(2), {"case_id": first["case_id"]})
    opened = Reconciling._opened
    deleted: list[str] = []

    def and_one_goes(self: Reconciling, *arguments: Any) -> Any:
        if not deleted:
            deleted.append(second["id"])
            fresh.http.delete(f"/api/v1/photos/{second['id']}").raise_for_status()
            fresh.gateway.archive.recover()
        return opened(self, *arguments)

    monkeypatch.setattr(Reconciling, "_opened", and_one_goes)
    assert reconcile(fresh, first["case_id"], HONG).corrected == 2
    assert patients(fresh) == {"P-1"}


def test_of_two_corrections_at_once_each_corrects_what_the_other_left(fresh: Served) -> None:
    case = fresh.accepted(picture(1))["case_id"]
    start, failed = threading.Barrier(2), []

    def correct(said: dict[str, str]) -> None:
        start.wait(SECONDS)
        try:
            reconcile(fresh, case, said)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [in_a_thread(partial(correct, said)) for said in (HONG, {**HONG, "patient_id": "P-2"})]
    for thread in threads:
        thread.join(SECONDS)
    assert failed == []
    assert len(patients(fresh)) == 1
    assert {len(ds.OriginalAttributesSequence) for ds in objects(fresh)} == {2}


def test_a_condition_holds_at_the_moment_of_the_correction(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    case = fresh.accepted(picture(1))["case_id"]
    stage = Reconciling._stage
    others: list[dict[str, Any]] = []

    def and_another_corrects(self: Reconciling, *arguments: Any) -> bool:
        if not others:
            others.append({})
            reconciled(fresh, case, {**HONG, "patient_id": "P-9"})
        return stage(self, *arguments)

    monkeypatch.setattr(Reconciling, "_stage", and_another_corrects)
    with pytest.raises(SettledOtherwise):
        reconcile(fresh, case, HONG, only_if=lambda study: study.patient_id.startswith("UNID-"))
    assert patients(fresh) == {"P-9"}


def test_a_case_whose_objects_are_gone_is_of_whom_it_was_corrected_to(fresh: Served) -> None:
    posted = fresh.accepted(picture(1), {**WRONG, "accession_number": "OLD"})
    reconcile(fresh, posted["case_id"], HONG)
    with fresh.gateway.database.read() as session:
        row = session.scalars(select(CaseRow)).one()
    assert (row.patient_id, row.issuer_of_patient_id, row.accession_number) == ("P-1", "HOSPITAL", "")
    fresh.http.delete(f"/api/v1/photos/{posted['id']}").raise_for_status()
    fresh.accepted(picture(2), {"case_id": posted["case_id"]})
    assert [(str(ds.PatientID), str(ds.AccessionNumber)) for ds in objects(fresh)] == [("P-1", "")] * 2
