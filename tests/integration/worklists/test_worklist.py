"""The hospital's worklist over HTTP: who may see it, what is found of it, and a worklist that misbehaves."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from sqlalchemy import select

from dimse.worklist import MODALITY_WORKLIST_FIND
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.access.tables import AuditRow
from gateway.archive.read_audit import SyncedReads
from gateway.config import WorklistSettings
from gateway.database import Database, now
from gateway.worklists.asking import (
    AmbiguousOrder,
    HospitalWorklist,
    NoWorklist,
    UnknownOrder,
    WorklistSearch,
    WorklistUnavailable,
)
from gateway.worklists.orders import Item, read_order
from tests.integration.faces import key_for
from tests.integration.intake.served import Served
from tests.integration.worklists.conftest import MakeGateway
from tests.peers import LOOPBACK, free_port
from tests.unit.archive.samples import set_unchecked
from tests.worklist_peer import WorklistServer, order

CLINICIAN = Caller("key:c", frozenset({Role.CLINICIAN}), None)
Answer = Callable[[evt.Event], Iterator[tuple[int, Dataset | None]]]


def listed(gateway: Served, query: str = "") -> list[str]:
    return [item["patient_id"] for item in gateway.get(f"/api/v1/worklist?{query}")["items"]]


@contextmanager
def misbehaving(answer: Answer) -> Iterator[int]:
    """A worklist made of pynetdicom; its port."""
    ae = AE("RIS")
    ae.add_supported_context(MODALITY_WORKLIST_FIND)
    port = free_port()
    server: Any = ae.start_server((LOOPBACK, port), block=False, evt_handlers=[(evt.EVT_C_FIND, answer)])
    try:
        yield port
    finally:
        server.shutdown()


def worklist(database: Database, port: int, **settings: Any) -> HospitalWorklist:
    whole = WorklistSettings(host=LOOPBACK, port=port, ae_title="RIS", **{"seconds": 2, **settings})
    return HospitalWorklist(whole, "DERMGATE", SyncedReads(database), now().tzinfo or _no_zone(), now)


def _no_zone() -> Any:
    raise AssertionError


def find(database: Database, answer: Answer, **settings: Any) -> Any:
    with misbehaving(answer) as port:
        return worklist(database, port, **settings).search(CLINICIAN, WorklistSearch(patient_name="*"))


# -- who may not, and what cannot be asked


def test_without_a_worklist_there_is_none(sqlite: Database) -> None:
    none = HospitalWorklist(WorklistSettings(), "DERMGATE", SyncedReads(sqlite), now().tzinfo or _no_zone(), now)
    assert not none.serves("default")
    with pytest.raises(NoWorklist):
        none.search(CLINICIAN, WorklistSearch())
    with pytest.raises(NoWorklist):
        none.order(CLINICIAN, Item("ACC1", "", ""))


@pytest.mark.parametrize(
    ("caller", "error"),
    [
        (Caller("key:a", frozenset({Role.APP}), None), NotPermitted),
        (Caller("key:p", frozenset({Role.CLINICIAN}), None, patient="1"), NotPermitted),
        (Caller("key:n", frozenset({Role.CLINICIAN}), frozenset({"north"})), NoWorklist),
    ],
)
def test_who_may_not_is_refused_before_anybody_is_asked(
    sqlite: Database, caller: Caller, error: type[Exception]
) -> None:
    with pytest.raises(error):
        worklist(sqlite, free_port()).search(caller, WorklistSearch())


@pytest.mark.peer
@pytest.mark.parametrize(
    "query",
    [
        "date=today",
        "date=2026-02-30",
        "date=2026-07-02/2026-07-01",
        "date=2024-01-01/2026-01-01",
        "patient_id=a%5Cb",
        "patient_name=%00",
        "accession_number=12345678901234567",
        f"patient_name={'x' * 65}",
        "patientid=P-1",
    ],
)
def test_what_is_no_key_is_refused(gateway: Served, query: str) -> None:
    answer = gateway.http.get(f"/api/v1/worklist?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


# -- worklists that misbehave


@pytest.mark.parametrize("status", [0xA700, 0xA900, 0xC001, 0x0122, 0x0124, 0xFE00, 0x1234])
def test_a_worklist_that_refuses_is_unavailable_and_says_why(sqlite: Database, status: int) -> None:
    def answer(_event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        yield status, None

    with pytest.raises(WorklistUnavailable, match=f"^the worklist cannot be asked: .*0x{status:04X}"):
        find(sqlite, answer)


def test_a_worklist_that_takes_too_long_is_given_up(sqlite: Database) -> None:
    def answer(_event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        time.sleep(1.5)
        yield 0x0000, None

    begun = time.monotonic()
    with pytest.raises(WorklistUnavailable, match="in time"):
        find(sqlite, answer, seconds=0.5, modalities=())
    assert time.monotonic() - begun < 1.4


def test_a_worklist_that_never_ends_is_cancelled(sqlite: Database) -> None:
    cancelled: list[bool] = []

    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        for number in range(100_000):
            if event.is_cancelled:
                cancelled.append(True)
                yield 0xFE00, None
                return
            yield 0xFF00, order(number)

    found = find(sqlite, answer, limit=7, modalities=())
    assert (len(found.orders), found.more, cancelled) == (7, True, [True])


def test_items_that_nobody_can_be_photographed_for_are_left_out(sqlite: Database) -> None:
    cut = order(2)
    set_unchecked(cut, "AccessionNumber", "A" * 17)

    def answer(_event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        for one in (
            order(1, PatientID=""),
            cut,
            order(3, PatientBirthDate="", PatientSex="", StudyInstanceUID="", StepModality="OT"),
        ):
            yield 0xFF00, one
        yield 0x0000, None

    (left,) = find(sqlite, answer, modalities=()).orders
    assert (left.patient_id, left.patient_birth_date, left.patient_sex, left.study_instance_uid) == (
        "P-3",
        None,
        None,
        "",
    )


def test_text_without_a_character_set_is_read_as_what_it_most_likely_is(sqlite: Database) -> None:
    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        one = order(1)
        one.PatientName = "홍^길동".encode("euc_kr")
        del one.SpecificCharacterSet
        yield 0xFF00, one
        yield 0x0000, None

    (found,) = find(sqlite, answer, modalities=()).orders
    assert found.patient_name == "홍^길동"


@pytest.mark.parametrize("character_set", ["ISO_IR 192", "ISO 2022 IR 149"])
def test_a_korean_name_is_asked_for_in_the_set_of_the_settings(sqlite: Database, character_set: str) -> None:
    asked: list[tuple[Any, str]] = []

    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        identifier = event.identifier
        asked.append((identifier.get("SpecificCharacterSet"), str(identifier.PatientName)))
        yield 0x0000, None

    with misbehaving(answer) as port:
        wanted = WorklistSearch(patient_name="홍^길*")
        worklist(sqlite, port, character_set=character_set, modalities=("XC",)).search(CLINICIAN, wanted)
    declared = character_set if character_set == "ISO_IR 192" else ["", character_set]
    assert asked == [(declared, "홍^길*")]


def test_a_name_that_the_worklist_cannot_read_is_matched_here(sqlite: Database) -> None:
    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        if str(event.identifier.PatientName):
            yield 0xA900, None
            return
        yield 0xFF00, order(1)
        yield 0xFF00, order(2, PatientName="Kim^Someone=金^某")
        yield 0x0000, None

    with misbehaving(answer) as port:
        found = worklist(sqlite, port, modalities=()).search(CLINICIAN, WorklistSearch(patient_name="홍*"))
    assert [each.patient_id for each in found.orders] == ["P-1"]


NO_NUMBER = {"AccessionNumber": "", "RequestedProcedureID": "1", "StepScheduledProcedureStepID": "1"}


def scheduled(*orders: Dataset) -> Answer:
    """A worklist that answers everything whatever it is asked, as those do that match by few keys."""

    def answer(_event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        yield from ((0xFF00, one) for one in orders)
        yield 0x0000, None

    return answer


def test_an_item_that_is_gone_is_nobody_elses_who_has_no_number_either(sqlite: Database) -> None:
    gone = read_order(order(5, AccessionNumber="")).item
    with misbehaving(scheduled(order(9, AccessionNumber=""))) as port, pytest.raises(UnknownOrder):
        worklist(sqlite, port).order(CLINICIAN, gone)


def test_an_item_stays_its_patients_where_others_have_the_same_numbers(sqlite: Database) -> None:
    orders = [order(1, **NO_NUMBER), order(2, **NO_NUMBER)]
    with misbehaving(scheduled(*orders)) as port:
        here = worklist(sqlite, port, modalities=())
        for item in [each.item for each in here.search(CLINICIAN, WorklistSearch()).orders]:
            kept = here.order(CLINICIAN, item).patient_id
            here.forget()
            assert kept == here.order(CLINICIAN, item).patient_id
            assert here.order(CLINICIAN, item).item == item


def test_a_number_of_two_patients_is_ambiguous_also_when_one_of_them_was_looked_at(sqlite: Database) -> None:
    plain = {"RequestedProcedureID": "", "StepScheduledProcedureStepID": ""}
    orders = [order(1, **plain), order(2, AccessionNumber="ACC1", **plain)]

    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        yield from ((0xFF00, one) for one in orders if event.identifier.PatientID in ("", one.PatientID))
        yield 0x0000, None

    with misbehaving(answer) as port:
        here = worklist(sqlite, port, modalities=())
        here.search(CLINICIAN, WorklistSearch(patient_id="P-1"))
        with pytest.raises(AmbiguousOrder):
            here.order(CLINICIAN, Item("ACC1", "", ""))


def test_as_many_as_the_limit_are_not_said_to_be_more(sqlite: Database) -> None:
    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        if event.identifier.ScheduledProcedureStepSequence[0].Modality == "XC":
            yield from ((0xFF00, order(number)) for number in range(3))
        yield 0x0000, None

    found = find(sqlite, answer, limit=3, modalities=("XC", "DMS"))
    assert (len(found.orders), found.more) == (3, False)


# -- wlmscpfs


@pytest.mark.peer
def test_each_key_finds_its_orders(gateway: Served, ris: WorklistServer) -> None:
    today = f"{now():%Y%m%d}"
    ris.schedule(
        order(1),
        order(2, PatientName="Kim^Younghee=金^英姬=김^영희", StepModality="DMS"),
        order(3, StepModality="MR"),
        order(4, StepScheduledProcedureStepStartDate=today),
    )
    assert listed(gateway, "patient_id=P-1") == ["P-1"]
    assert listed(gateway, "accession_number=ACC2") == ["P-2"]
    assert listed(gateway, "patient_name=*김^영희&date=2026-07-01") == ["P-2"]
    assert listed(gateway, "date=2026-06-30/2026-07-02") == ["P-1", "P-2"]
    assert listed(gateway, "date=2026-07-02") == []
    assert listed(gateway) == ["P-4"]
    assert listed(gateway, "patient_id=P-3") == [], "of a modality that no photograph has"


@pytest.mark.peer
def test_an_order_is_told_whole(gateway: Served) -> None:
    (item,) = gateway.get("/api/v1/worklist?patient_id=P-1")["items"]
    name = item.pop("item")
    assert item == {
        "patient_id": "P-1",
        "issuer_of_patient_id": "HOSPITAL",
        "patient_name": "Hong^Gildong=洪^吉洞=홍^길동",
        "patient_birth_date": "1980-01-02",
        "patient_sex": "M",
        "accession_number": "ACC1",
        "requested_procedure_id": "RP1",
        "scheduled_procedure_step_id": "SPS1",
        "study_instance_uid": "1.2.826.0.1.3680043.10.999.1",
        "procedure": "Skin photography",
        "step": "Photo of the forearm",
        "modality": "XC",
        "station_ae_title": "DERMGATE",
        "referring_physician": "Kim^Doctor",
        "starts_on": "20260701",
        "starts_at": "0930",
    }
    assert name.isascii()
    assert not any(part in name for part in ("P-1", "ACC1"))


@pytest.mark.peer
def test_more_than_the_limit_are_cancelled_and_said_to_be_there(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(*(order(number) for number in range(1, 40)))
    answer = gateway.get("/api/v1/worklist?date=2026-07-01")
    assert (len(answer["items"]), answer["more"]) == (5, True)


@pytest.mark.peer
def test_a_search_leaves_the_names_of_its_keys_in_the_audit_trail(gateway: Served) -> None:
    gateway.get("/api/v1/worklist?patient_name=Hong*&date=2026-07-01")
    with gateway.gateway.database.read() as session:
        query = select(AuditRow).where(AuditRow.subject == "worklist").order_by(AuditRow.number.desc()).limit(1)
        last = session.scalars(query).first()
    pending = Path(gateway.gateway.settings.archive.storage, "audit")
    told = str(last.detail if last else "") + "".join(each.read_text() for each in pending.iterdir() if each.is_file())
    assert "patient_name" in told
    assert not any(word in told for word in ("Hong", "홍", "P-1"))


@pytest.mark.peer
def test_another_hospital_has_none_of_it(make_gateway: MakeGateway, tmp_path: Path) -> None:
    with make_gateway(tmp_path) as gateway:
        north = key_for(gateway.gateway.database, Role.CLINICIAN, hospitals=["north"])
        assert gateway.http.get("/api/v1/worklist", headers=north).status_code == 404


@pytest.mark.peer
def test_an_order_is_the_one_that_was_named_or_none(sqlite: Database, ris: WorklistServer) -> None:
    if not ris.running:
        ris.start()
    ris.schedule(order(1), order(1, StepScheduledProcedureStepID="SPS1B"), order(2, AccessionNumber="ACC1"))
    here = worklist(sqlite, ris.port)
    assert here.order(CLINICIAN, Item("ACC1", "RP1", "SPS1B")).item.scheduled_procedure_step_id == "SPS1B"
    with pytest.raises(AmbiguousOrder):
        here.order(CLINICIAN, Item("ACC1", "", ""))
    with pytest.raises(UnknownOrder):
        here.order(CLINICIAN, Item("ACC9", "", ""))
    with pytest.raises(UnknownOrder):
        here.order(CLINICIAN, Item("ACC*", "", "SPS9"))
