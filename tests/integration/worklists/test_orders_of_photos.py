"""Photos that are taken for an order of the hospital's worklist: what they take over, what is refused, what if not."""

import io
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from gateway.access.caller import Role
from tests.e2e.photos import photo
from tests.integration.faces import key_for
from tests.integration.intake.served import Served
from tests.integration.worklists.conftest import MakeGateway
from tests.worklist_peer import WorklistServer, order

pytestmark = pytest.mark.peer

PICTURE = photo(1)


def archived(gateway: Served, submission: dict[str, Any]) -> Dataset:
    """The photo's object, as DICOMweb gives it."""
    answer = gateway.http.get(
        submission["dicom"]["url"], headers={"Accept": 'multipart/related; type="application/dicom"'}
    ).raise_for_status()
    start = answer.content.index(b"\r\n\r\n") + 4
    return dcmread(io.BytesIO(answer.content[start:]), stop_before_pixels=True)


def item(gateway: Served) -> str:
    (found,) = gateway.get("/api/v1/worklist?accession_number=ACC1")["items"]
    return str(found["item"])


def faults(response: Any) -> dict[str, str]:
    assert response.status_code == 422, response.text
    return {fault["field"]: fault["fault"] for fault in response.json()["errors"]}


@pytest.mark.parametrize(
    "typed",
    [
        {"patient_id": "P-2"},
        {"issuer_of_patient_id": "ELSEWHERE"},
        {"patient_birth_date": "1990-01-01"},
        {"patient_sex": "F"},
        {"study_instance_uid": "1.2.3"},
        {"admission_id": "OTHER"},
    ],
)
def test_what_is_typed_of_another_patient_or_order_is_refused(gateway: Served, typed: dict[str, str]) -> None:
    before = gateway.holdings()
    response = gateway.post(PICTURE, {"worklist_item": item(gateway), **typed})
    (field,) = typed
    assert "worklist" in faults(response)[field]
    assert next(iter(typed.values())) not in response.text
    assert gateway.holdings() == before


def test_an_item_that_is_none_or_that_is_gone_is_refused(gateway: Served, ris: WorklistServer) -> None:
    named = item(gateway)
    ris.schedule()
    gateway.gateway.worklist.forget()
    assert "not on the worklist" in faults(gateway.post(PICTURE, {"worklist_item": named}))["worklist_item"]
    for nonsense in ("nonsense", "W10", "bm9uZQ", "x" * 385):
        assert "worklist_item" in faults(gateway.post(PICTURE, {"worklist_item": nonsense}))


def test_an_accession_number_of_two_patients_is_refused(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(1), order(2, AccessionNumber="ACC1"))
    assert "worklist item" in faults(gateway.post(PICTURE, {"accession_number": "ACC1"}))["accession_number"]


def test_a_worklist_that_is_down_loses_no_photo(gateway: Served, ris: WorklistServer) -> None:
    named = item(gateway)
    ris.stop()
    gateway.gateway.worklist.forget()
    posted = gateway.accepted(PICTURE, {"worklist_item": named})
    assert (posted["worklist"], posted["patient_id"]) == ({"state": "unavailable", "overruled": []}, None)
    assert str(archived(gateway, posted).PatientID).startswith("UNID-")
    assert gateway.get(f"/api/v1/photos/{posted['id']}")["worklist"]["state"] == "unavailable"
    assert gateway.http.get("/api/v1/worklist").status_code == 503


def test_an_order_that_was_read_a_moment_ago_outlasts_the_worklist(gateway: Served, ris: WorklistServer) -> None:
    named = item(gateway)
    ris.stop()
    assert gateway.accepted(PICTURE, {"worklist_item": named})["worklist"]["state"] == "found"


def test_a_number_that_the_worklist_does_not_know_stays_what_was_typed(gateway: Served) -> None:
    posted = gateway.accepted(PICTURE, {"accession_number": "OLD7", "patient_id": "P-7"})
    assert (posted["worklist"]["state"], posted["patient_id"]) == ("unknown", "P-7")
    assert archived(gateway, posted).AccessionNumber == "OLD7"


def test_a_photo_without_an_order_says_nothing_of_the_worklist(gateway: Served) -> None:
    assert gateway.accepted(PICTURE, {"patient_id": "P-9"})["worklist"] is None


@pytest.mark.parametrize("character_set", ["ISO_IR 192", ["", "ISO 2022 IR 149"]])
@pytest.mark.parametrize("named_by", ["item", "accession number"])
def test_a_photo_takes_patient_order_and_study_from_the_worklist(
    gateway: Served, ris: WorklistServer, character_set: str | list[str], named_by: str
) -> None:
    number = 10 + 2 * (named_by == "item") + (character_set == "ISO_IR 192")
    ris.schedule(order(1), order(number, character_set=character_set))
    (found,) = gateway.get(f"/api/v1/worklist?patient_id=P-{number}")["items"]
    assert found["patient_name"] == "Hong^Gildong=洪^吉洞=홍^길동"
    fields = {"worklist_item": found["item"]} if named_by == "item" else {"accession_number": f"ACC{number}"}
    posted = gateway.accepted(PICTURE, {**fields, "patient_name": "홍길동"})
    assert posted["worklist"] == {"state": "found", "overruled": ["patient_name"]}
    ds = archived(gateway, posted)
    told = {
        "PatientName": "Hong^Gildong=洪^吉洞=홍^길동",
        "PatientID": f"P-{number}",
        "IssuerOfPatientID": "HOSPITAL",
        "PatientBirthDate": "19800102",
        "PatientSex": "M",
        "AccessionNumber": f"ACC{number}",
        "StudyInstanceUID": f"1.2.826.0.1.3680043.10.999.{number}",
        "StudyID": f"RP{number}",
        "StudyDescription": "Skin photography",
        "ReferringPhysicianName": "Kim^Doctor",
        "AdmissionID": f"ADM{number}",
    }
    assert {keyword: str(ds[keyword].value) for keyword in told} == told
    (request,) = ds.RequestAttributesSequence
    assert (request.RequestedProcedureID, request.ScheduledProcedureStepID) == (f"RP{number}", f"SPS{number}")
    assert request.AccessionNumber == f"ACC{number}"


@pytest.mark.parametrize(("number", "born"), [(31, "18000101"), (32, "20991231")])
def test_a_day_of_birth_that_no_form_would_take_is_the_worklists_all_the_same(
    gateway: Served, ris: WorklistServer, number: int, born: str
) -> None:
    ris.schedule(order(number, PatientBirthDate=born))
    posted = gateway.accepted(PICTURE, {"accession_number": f"ACC{number}"})
    assert (posted["worklist"]["state"], archived(gateway, posted).PatientBirthDate) == ("found", born)
    again = gateway.accepted(PICTURE, {"accession_number": f"ACC{number}"})
    assert again["case_id"] == posted["case_id"]


def test_photos_of_an_order_without_a_study_share_one(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(21, StudyInstanceUID=""))
    first, second = (gateway.accepted(PICTURE, {"accession_number": "ACC21"}) for _ in range(2))
    assert first["case_id"] == second["case_id"]


def test_steps_of_one_order_make_a_photo_of_none_of_them(gateway: Served, ris: WorklistServer) -> None:
    ris.schedule(order(22), order(22, StepScheduledProcedureStepID="SPS22B"))
    (request,) = archived(gateway, gateway.accepted(PICTURE, {"accession_number": "ACC22"})).RequestAttributesSequence
    assert (request.RequestedProcedureID, "ScheduledProcedureStepID" in request) == ("RP22", False)


def test_a_further_photo_of_a_case_stays_in_its_study(gateway: Served, ris: WorklistServer) -> None:
    first = gateway.accepted(PICTURE, {"patient_id": "P-23", "issuer_of_patient_id": "HOSPITAL"})
    ris.schedule(order(23))
    second = gateway.accepted(PICTURE, {"case_id": first["case_id"], "accession_number": "ACC23"})
    assert second["dicom"]["study_instance_uid"] == first["dicom"]["study_instance_uid"]
    ris.schedule(order(24))
    refused = gateway.post(PICTURE, {"case_id": first["case_id"], "accession_number": "ACC24"})
    assert refused.status_code == 409


def test_an_app_that_may_not_read_the_worklist_posts_for_an_order_and_is_told_no_name(
    make_gateway: MakeGateway, tmp_path: Path
) -> None:
    with make_gateway(tmp_path) as gateway:
        headers = key_for(gateway.gateway.database, Role.APP)
        response = gateway.post(PICTURE, {"accession_number": "ACC1"}, headers)
        listed = gateway.http.get("/api/v1/worklist", headers=headers)
    assert (response.status_code, listed.status_code) == (201, 403)
    assert response.json()["worklist"]["state"] == "found"
    assert response.json()["patient_id"] is None
    assert not any(word in response.text for word in ("Hong", "홍", "P-1", "19800102"))
