"""Photos that were taken while the worklist was down get their orders once it is up, unless somebody was quicker."""

from typing import Any

import pytest
from sqlalchemy import update

from dicomweb.archive import StoreStatus
from gateway.archive.errors import StorageError, StoreRefused
from gateway.intake.tables import SubmissionRow
from gateway.reconciling.late_orders import LateOrders
from gateway.reconciling.service import Reconciling
from gateway.worklists.asking import HospitalWorklist, WorklistUnavailable
from gateway.worklists.orders import Item
from tests.e2e.photos import photo as picture
from tests.integration.intake.served import Served
from tests.integration.reconciling.test_reconciling import HONG, objects, reconciled
from tests.worklist_peer import WorklistServer, order

pytestmark = pytest.mark.peer


def late(gateway: Served) -> LateOrders:
    return LateOrders(gateway.photos.reconciling, gateway.gateway.worklist)


def state(gateway: Served, photo_id: str) -> tuple[str, str | None]:
    shown = gateway.get(f"/api/v1/photos/{photo_id}")
    return shown["worklist"]["state"], shown["patient_id"]


def test_a_late_order_corrects_its_photo_once(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(7))
    ris.stop()
    photo = gateway.accepted(picture(1), {"accession_number": "ACC7"})["id"]
    assert state(gateway, photo) == ("unavailable", None)
    assert late(gateway).look() == 0
    ris.start()
    assert late(gateway).look() == 1
    assert state(gateway, photo) == ("found", "P-7")
    assert {(str(ds.PatientID), str(ds.AccessionNumber)) for ds in objects(gateway)} == {("P-7", "ACC7")}
    assert late(gateway).look() == 0


def test_what_somebody_has_settled_meanwhile_stays(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(7))
    ris.stop()
    posted = gateway.accepted(picture(1), {"accession_number": "ACC7"})
    reconciled(gateway, posted["case_id"], HONG)
    ris.start()
    assert late(gateway).look() == 1
    assert state(gateway, posted["id"]) == ("unknown", "P-1")


def test_an_order_that_is_gone_or_of_somebody_else_is_given_up(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(7))
    ris.stop()
    gone = gateway.accepted(picture(1), {"accession_number": "ACC8"})["id"]
    contradicted = gateway.accepted(picture(2), {"accession_number": "ACC7", "patient_id": "P-0"})["id"]
    ris.start()
    assert late(gateway).look() == 2
    assert state(gateway, gone) == ("unknown", None)
    assert state(gateway, contradicted) == ("unknown", "P-0")


def test_somebody_who_settles_it_at_the_same_moment_is_believed(
    gateway: Served, ris: WorklistServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ris.schedule(order(7))
    ris.stop()
    posted = gateway.accepted(picture(1), {"accession_number": "ACC7"})
    ris.start()
    stage = Reconciling._stage
    came: list[object] = []

    def and_somebody_is_quicker(self: Reconciling, *arguments: Any) -> bool:
        if not came:
            came.append(None)
            reconciled(gateway, posted["case_id"], HONG)
        return stage(self, *arguments)

    monkeypatch.setattr(Reconciling, "_stage", and_somebody_is_quicker)
    assert late(gateway).look() == 1
    assert state(gateway, posted["id"]) == ("unknown", "P-1")


def test_another_order_of_the_same_patient_that_somebody_has_given_it_stays(
    gateway: Served, ris: WorklistServer
) -> None:
    ris.schedule(order(7))
    ris.stop()
    posted = gateway.accepted(picture(1), {"accession_number": "ACC7"})
    reconciled(gateway, posted["case_id"], {**HONG, "patient_id": "P-7", "accession_number": "ACC9"})
    ris.start()
    assert late(gateway).look() == 1
    assert state(gateway, posted["id"]) == ("unknown", "P-7")
    assert {str(ds.AccessionNumber) for ds in objects(gateway)} == {"ACC9"}


@pytest.mark.parametrize("error", [StoreRefused(StoreStatus.OUT_OF_RESOURCES, "full"), StorageError("gone")])
def test_a_full_disk_gives_no_order_up(
    gateway: Served, ris: WorklistServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    ris.schedule(order(7))
    ris.stop()
    photo = gateway.accepted(picture(1), {"accession_number": "ACC7"})["id"]
    ris.start()

    def refuse(*_arguments: Any) -> Any:
        raise error

    with monkeypatch.context() as full:
        full.setattr(type(gateway.gateway.archive), "stage", refuse)
        late(gateway).look()
    assert state(gateway, photo) == ("unavailable", None)
    assert late(gateway).look() == 1
    assert state(gateway, photo) == ("found", "P-7")


def test_a_number_that_the_worklist_never_answers_keeps_no_others_waiting(
    gateway: Served, ris: WorklistServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ris.schedule(order(7), order(8))
    ris.stop()
    photos = [gateway.accepted(picture(n), {"accession_number": f"ACC{n}"})["id"] for n in (7, 8)]
    ris.start()
    answered = HospitalWorklist.order
    bad = min(photos)

    def all_but_one(self: HospitalWorklist, caller: Any, item: Item, hospital: str | None = None) -> Any:
        if item.accession_number == f"ACC{7 + photos.index(bad)}":
            raise WorklistUnavailable("it cannot process the query")
        return answered(self, caller, item, hospital)

    monkeypatch.setattr(HospitalWorklist, "order", all_but_one)
    orders = late(gateway)
    assert [orders.look() for _ in range(3)] == [0, 1, 0]
    assert state(gateway, max(photos))[0] == "found"
    monkeypatch.undo()
    assert orders.look() == 1
    assert state(gateway, bad)[0] == "found"


def test_late_orders_are_found_in_either_database(fresh: Served) -> None:
    first, _second = (fresh.accepted(picture(seed))["id"] for seed in (1, 2))
    with fresh.gateway.database.write() as unit_of_work:
        change = update(SubmissionRow).where(SubmissionRow.id == first)
        unit_of_work.session.execute(change.values(worklist={"state": "unavailable", "overruled": []}))
    assert [each.submission_id for each in late(fresh)._page("")] == [first]
    assert late(fresh).look() == 0, "there is no worklist"


def test_it_looks_by_itself(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(7))
    ris.stop()
    photo = gateway.accepted(picture(1), {"accession_number": "ACC7"})["id"]
    ris.start()
    orders = LateOrders(gateway.photos.reconciling, gateway.gateway.worklist, every_seconds=0.1)
    orders.start()
    for _ in range(100):
        if state(gateway, photo)[0] == "found":
            break
    orders.stop()
    assert state(gateway, photo) == ("found", "P-7")
