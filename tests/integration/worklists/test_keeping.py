"""Workitems in the database: whose they are, what is found of them, what leaves with time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select, update

from dicomweb.archive import JsonObject, Level, Search
from dicomweb.services.workitems.keeping import TooManyWorkitems
from dicomweb.services.workitems.states import Status, WorkitemRefused
from dicomweb.services.workitems.steps import Workitem, created, moved, updated
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.access.tables import AuditRow
from gateway.database import Database, now
from gateway.worklists.keeping import FINISHED_KEPT, KeptWorkitems, forget_finished
from gateway.worklists.scheduled import UnfilledWorklist
from gateway.worklists.tables import WorkitemRow
from tests.unit.dicomweb.services.samples import HOLDER, change_to, element, performed, wanted

UID = "1.2.3.4"


def caller(*roles: Role, hospital: str | None = "here", patient: str | None = None) -> Caller:
    return Caller("key:test", frozenset(roles), None if hospital is None else frozenset({hospital}), patient)


def kept(database: Database, *, hospital: str | None = "here", most: int = 50) -> KeptWorkitems:
    return KeptWorkitems(database, caller(Role.CLINICIAN, hospital=hospital), most)


def workitem(uid: str = UID, **elements: JsonObject) -> Workitem:
    return created(uid, wanted(**elements), now())


def claim(one: Workitem) -> Workitem:
    return moved(one, change_to("IN PROGRESS"), now())


def complete(one: Workitem) -> Workitem:
    return moved(updated(one, performed(), HOLDER, now()), change_to("COMPLETED"), now())


def found(workitems: KeptWorkitems, *, limit: int = 100, offset: int = 0, **keys: Any) -> list[str]:
    wanted_keys = Dataset()
    for keyword, value in keys.items():
        setattr(wanted_keys, keyword, value)
    matches = workitems.search(Search(Level.STUDY, wanted_keys, limit=limit, offset=offset))
    return [item["00080018"]["Value"][0] for item in matches.items]


@pytest.mark.parametrize("role", [Role.APP, Role.VIEWER, Role.TRAINER, Role.MONITOR])
def test_who_has_nothing_to_do_with_work_is_refused(sqlite: Database, role: Role) -> None:
    workitems = KeptWorkitems(sqlite, caller(role))
    for act in (
        lambda: workitems.add(workitem()),
        lambda: workitems.find(UID),
        lambda: workitems.change(UID, claim),
        lambda: workitems.search(Search(Level.STUDY, Dataset())),
        lambda: UnfilledWorklist(caller(role)).search(Search(Level.STUDY, Dataset())),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_patient_sees_no_workitems(sqlite: Database) -> None:
    with pytest.raises(NotPermitted):
        KeptWorkitems(sqlite, caller(Role.CLINICIAN, patient="1")).search(Search(Level.STUDY, Dataset()))


def test_another_hospital_neither_sees_nor_changes_it(database: Database) -> None:
    kept(database).add(workitem())
    elsewhere = kept(database, hospital="there")
    assert elsewhere.find(UID) is None
    assert elsewhere.change(UID, claim) is None
    assert found(elsewhere) == []
    assert found(kept(database, hospital=None)) == [UID]


def test_a_uid_is_taken_once_in_all_hospitals(database: Database) -> None:
    kept(database).add(workitem())
    with pytest.raises(WorkitemRefused) as refused:
        kept(database, hospital="there").add(workitem())
    assert refused.value.status is Status.DUPLICATE


def test_what_a_step_refuses_changes_nothing(database: Database) -> None:
    workitems = kept(database)
    workitems.add(workitem())
    before = workitems.find(UID)
    with pytest.raises(WorkitemRefused):
        workitems.change(UID, complete)
    assert workitems.find(UID) == before


def test_one_of_many_claims_it(database: Database) -> None:
    workitems = kept(database)
    workitems.add(workitem())

    def attempt(number: int) -> bool:
        try:
            workitems.change(UID, lambda one: moved(one, change_to("IN PROGRESS", f"1.2.{number}"), now()))
        except WorkitemRefused:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1


def test_the_holder_is_remembered_and_not_told(database: Database) -> None:
    workitems = kept(database)
    workitems.add(workitem())
    workitems.change(UID, claim)
    again = kept(database).find(UID)
    assert again is not None
    assert again.transaction_uid == HOLDER
    assert HOLDER not in str(again.attributes)


def test_searches_narrow_match_and_page(database: Database) -> None:
    workitems = kept(database)
    workitems.add(workitem("1.2.3", t00404005=element("DT", "20260401"), t00100020=element("LO", "P-2")))
    workitems.add(workitem("1.2.2", t00404005=element("DT", "20260402")))
    workitems.add(workitem("1.2.1", t00404005=element("DT", "20260403")))
    workitems.change("1.2.1", claim)
    assert found(workitems) == ["1.2.3", "1.2.2", "1.2.1"]
    assert found(workitems, limit=1, offset=1) == ["1.2.2"]
    assert found(workitems, PatientID="P-2") == ["1.2.3"]
    assert found(workitems, PatientID="P-?", ProcedureStepState="SCHEDULED") == ["1.2.3", "1.2.2"]
    assert found(workitems, ProcedureStepState="IN PROGRESS") == ["1.2.1"]
    assert found(workitems, SOPInstanceUID=["1.2.1", "1.2.2", "1.2.9"]) == ["1.2.2", "1.2.1"]
    assert found(workitems, ScheduledProcedureStepStartDateTime="20260402-") == ["1.2.2", "1.2.1"]
    assert found(workitems, PatientName="홍*", PatientID="") == ["1.2.3", "1.2.2", "1.2.1"]


def test_there_is_room_for_so_many_and_no_more(database: Database) -> None:
    workitems = kept(database, most=2)
    for number in range(2):
        workitems.add(workitem(f"1.2.{number}"))
    with pytest.raises(TooManyWorkitems):
        workitems.add(workitem("1.2.9"))
    kept(database, hospital="there", most=2).add(workitem("1.2.9"))
    with pytest.raises(TooManyWorkitems):
        found(kept(database, hospital=None, most=2))
    assert found(kept(database, hospital=None, most=2), SOPInstanceUID="1.2.9") == ["1.2.9"]


def test_finished_workitems_leave_with_time_and_others_stay(database: Database) -> None:
    workitems = kept(database)
    for uid in ("1.2.1", "1.2.2", "1.2.3"):
        workitems.add(workitem(uid))
    for uid in ("1.2.1", "1.2.2"):
        workitems.change(uid, claim)
        workitems.change(uid, complete)
    with database.write() as unit_of_work:
        long_ago = now() - FINISHED_KEPT - timedelta(days=1)
        old = update(WorkitemRow).where(WorkitemRow.workitem_uid.in_(["1.2.1", "1.2.3"])).values(changed_at=long_ago)
        unit_of_work.session.execute(old)
        forget_finished(unit_of_work)
    assert found(workitems) == ["1.2.2", "1.2.3"]


def test_each_act_leaves_an_entry_without_identity(sqlite: Database) -> None:
    workitems = kept(sqlite)
    workitems.add(workitem())
    workitems.change(UID, claim)
    workitems.find(UID)
    found(workitems, PatientID="P-1")
    with sqlite.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    assert [row.detail.get("act") for row in rows] == ["created", "in progress", "read", None]
    assert {row.hospital_id for row in rows} == {"here"}
    assert not [row for row in rows if "P-1" in f"{row.subject} {row.detail}"]
