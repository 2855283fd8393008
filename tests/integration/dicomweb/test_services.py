"""UPS-RS, storage commitment and the worklist over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pydicom.dataset import Dataset

from dicomweb.archive import JsonObject
from tests.integration.dicomweb.conftest import MOST_WORKITEMS, Server
from tests.unit.dicomweb.samples import photo
from tests.unit.dicomweb.services.samples import HOLDER, STRANGER, change_to, element, performed, wanted

JSON = "application/dicom+json"
UID = "1.2.3.4"
PHOTO_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.4"


def send(
    server: Server, method: str, path: str, members: JsonObject | bytes, content_type: str = JSON
) -> httpx.Response:
    headers = {"Content-Type": content_type}
    if isinstance(members, bytes):
        return server.http.request(method, path, content=members, headers=headers)
    return server.http.request(method, path, json=members, headers=headers)


def create(server: Server, uid: str = UID, **elements: JsonObject) -> httpx.Response:
    return send(server, "POST", f"/workitems?{uid}", wanted(**elements))


def move(server: Server, state: str, transaction_uid: str | None = HOLDER) -> httpx.Response:
    return send(server, "PUT", f"/workitems/{UID}/state", change_to(state, transaction_uid))


def state(server: Server, uid: str = UID) -> str:
    (workitem,) = server.http.get(f"/workitems/{uid}").raise_for_status().json()
    text: str = workitem["00741000"]["Value"][0]
    return text


def found(server: Server, query: str) -> list[str]:
    response = server.http.get(f"/workitems?{query}").raise_for_status()
    return [item["00080018"]["Value"][0] for item in response.json()] if response.content else []


# -- what is refused


@pytest.mark.parametrize("tag", ["00741002", "00741216"])
def test_text_in_the_place_of_a_sequence_is_refused_and_the_workitem_can_be_ended(server: Server, tag: str) -> None:
    create(server)
    move(server, "IN PROGRESS")
    assert send(server, "POST", f"/workitems/{UID}?{HOLDER}", {tag: element("LO", "later")}).status_code == 400
    assert move(server, "CANCELED").status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", JSON, 400),
        (b"[{}]", JSON, 400),
        (b"[{},{}]", JSON, 400),
        (b"{", JSON, 400),
        (b"[{}]", "text/plain", 415),
        (b"[{}]", "", 415),
        (b"[{}]" + b" " * (3 * 1024 * 1024), JSON, 413),
    ],
)
def test_what_is_no_workitem_is_refused(server: Server, body: bytes, content_type: str, status: int) -> None:
    assert send(server, "POST", "/workitems", body, content_type).status_code == status
    assert server.http.get("/workitems").status_code == 204


@pytest.mark.parametrize("query", ["no-uid", "workitem=no-uid", "1.2.3&1.2.4", "1" * 65])
def test_a_query_that_is_not_one_uid_is_refused(server: Server, query: str) -> None:
    assert send(server, "POST", f"/workitems?{query}", wanted()).status_code == 400


def test_two_uids_for_one_workitem_are_refused(server: Server) -> None:
    assert create(server, t00080018=element("UI", "1.2.3.5")).status_code == 400


def test_what_is_not_there_is_404(server: Server) -> None:
    assert server.http.get("/workitems/1.2.999").status_code == 404
    assert send(server, "POST", "/workitems/1.2.999", performed()).status_code == 404
    assert move(server, "IN PROGRESS").status_code == 404
    assert server.http.post(f"/workitems/{UID}/cancelrequest").status_code == 404
    assert server.http.get("/workitems/../x").status_code in (400, 404)


def test_a_second_workitem_under_the_same_uid_is_a_conflict(server: Server) -> None:
    assert create(server).status_code == 201
    assert create(server).status_code == 409


def test_without_room_nothing_is_kept(server: Server) -> None:
    for number in range(MOST_WORKITEMS):
        create(server, f"1.2.3.{number}").raise_for_status()
    assert create(server, "1.2.3.99").status_code == 507
    assert len(found(server, "")) == MOST_WORKITEMS


def test_refusals_name_the_dicom_status(server: Server) -> None:
    create(server)
    refused = move(server, "COMPLETED")
    assert (refused.status_code, refused.json()["dicom_status"]) == (409, "C310")
    assert refused.headers["warning"].startswith(f"299 {server.base_url}")


@pytest.mark.parametrize("transaction_uid", [None, STRANGER])
def test_who_does_not_hold_a_workitem_changes_nothing_of_it(server: Server, transaction_uid: str | None) -> None:
    create(server)
    move(server, "IN PROGRESS").raise_for_status()
    assert move(server, "CANCELED", transaction_uid).status_code == 409
    query = "" if transaction_uid is None else f"?{transaction_uid}"
    assert send(server, "POST", f"/workitems/{UID}{query}", performed()).status_code == 400
    assert server.http.post(f"/workitems/{UID}/cancelrequest").status_code == 409
    assert state(server) == "IN PROGRESS"


@pytest.mark.parametrize("path", ["", "/suspend"])
def test_subscriptions_are_left_out_and_it_is_said(server: Server, path: str) -> None:
    response = server.http.post(f"/workitems/1.2.840.10008.5.1.4.34.5/subscribers/ME{path}")
    assert (response.status_code, "events" in response.json()["detail"]) == (501, True)


# -- the life of a workitem


def test_a_workitem_is_created_claimed_done_and_completed(server: Server) -> None:
    created = create(server)
    assert (created.status_code, created.headers["location"]) == (201, f"{server.base_url}/workitems/{UID}")
    assert move(server, "IN PROGRESS").status_code == 200
    assert send(server, "POST", f"/workitems/{UID}?{HOLDER}", performed()).status_code == 200
    assert move(server, "COMPLETED").status_code == 200
    again = move(server, "COMPLETED")
    assert (again.status_code, "already" in again.headers["warning"]) == (200, True)
    assert state(server) == "COMPLETED"


def test_the_transaction_uid_is_shown_to_nobody(server: Server) -> None:
    create(server)
    move(server, "IN PROGRESS")
    answers = (server.http.get(path) for path in (f"/workitems/{UID}", "/workitems?includefield=all"))
    assert not [answer.text for answer in answers if HOLDER in answer.text]


def test_one_of_many_claims_a_workitem(server: Server) -> None:
    create(server)
    claims = [f"1.2.3.{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda claim: move(server, "IN PROGRESS", claim).status_code, claims))
    assert sorted(answers) == [200] + [409] * 7


def test_a_server_makes_the_uid_where_nobody_did(server: Server) -> None:
    location = send(server, "POST", "/workitems", wanted()).headers["location"]
    assert state(server, location.rpartition("/")[2]) == "SCHEDULED"


@pytest.mark.parametrize("body", [b"", b'{"00741238":{"vr":"LT","Value":["left"]}}'])
def test_a_cancellation_is_granted_while_nobody_has_begun(server: Server, body: bytes) -> None:
    create(server)
    assert send(server, "POST", f"/workitems/{UID}/cancelrequest", body).status_code == 202
    assert state(server) == "CANCELED"


def test_workitems_are_found_by_what_they_say(server: Server) -> None:
    create(server, "1.2.3.2", t00404005=element("DT", "20260310"), t00741200=element("CS", "HIGH"))
    create(server, "1.2.3.1", t00404005=element("DT", "20260309"))
    assert found(server, "") == ["1.2.3.1", "1.2.3.2"]
    assert found(server, "ScheduledProcedureStepPriority=HIGH") == ["1.2.3.2"]
    assert found(server, "ScheduledProcedureStepStartDateTime=20260301-20260309") == ["1.2.3.1"]
    assert found(server, "ProcedureStepState=COMPLETED") == []
    assert found(server, "PatientName=홍*&limit=1&offset=1") == ["1.2.3.2"]
    assert found(server, "SOPInstanceUID=1.2.3.1,1.2.3.2") == ["1.2.3.1", "1.2.3.2"]


def test_a_page_says_how_much_is_behind_it(server: Server) -> None:
    for number in range(3):
        create(server, f"1.2.3.{number}")
    assert "2 additional" in server.http.get("/workitems?limit=1").headers["warning"]


def test_workitems_come_in_xml_and_go_in_xml(server: Server) -> None:
    text = (
        b'<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">'
        b'<DicomAttribute tag="00741000" vr="CS"><Value number="1">IN PROGRESS</Value></DicomAttribute>'
        b'<DicomAttribute tag="00081195" vr="UI"><Value number="1">1.2.3</Value></DicomAttribute></NativeDicomModel>'
    )
    create(server)
    assert send(server, "PUT", f"/workitems/{UID}/state", text, "application/dicom+xml").status_code == 200
    accept = {"Accept": 'multipart/related; type="application/dicom+xml"'}
    assert b">IN PROGRESS</Value>" in server.http.get(f"/workitems/{UID}", headers=accept).content


# -- storage commitment


def ask(server: Server, *instances: tuple[str, str], transaction: str = "1.2.3.900") -> httpx.Response:
    items = [{"00081150": element("UI", each[0]), "00081155": element("UI", each[1])} for each in instances]
    return send(server, "POST", f"/commitment-requests/{transaction}", {"00081199": element("SQ", *items)})


def test_stored_instances_are_committed_and_others_are_not(server: Server) -> None:
    server.http.post("/studies", content=photo(), headers={"Content-Type": "application/dicom"}).raise_for_status()
    response = ask(server, (PHOTO_CLASS, "1.2.3.3"), (PHOTO_CLASS, "1.2.3.99"))
    assert response.status_code == 200
    told = Dataset.from_json(response.json())
    assert [one.ReferencedSOPInstanceUID for one in told.ReferencedSOPSequence] == ["1.2.3.3"]
    assert [one.FailureReason for one in told.FailedSOPSequence] == [0x0112]
    assert server.http.get("/commitment-requests/1.2.3.900").json() == response.json()


def test_an_instance_is_not_committed_under_another_class(server: Server) -> None:
    server.http.post("/studies", content=photo(), headers={"Content-Type": "application/dicom"}).raise_for_status()
    told = Dataset.from_json(ask(server, ("1.2.3", "1.2.3.3")).json())
    assert "ReferencedSOPSequence" not in told
    assert [one.FailureReason for one in told.FailedSOPSequence] == [0x0119]


def test_a_transaction_uid_is_good_for_one_request(server: Server) -> None:
    assert ask(server, (PHOTO_CLASS, "1.2.3.3")).status_code == 200
    assert ask(server, (PHOTO_CLASS, "1.2.3.3")).status_code == 409


def test_a_request_that_names_no_instance_is_refused(server: Server) -> None:
    assert ask(server).status_code == 400
    assert server.http.get("/commitment-requests/1.2.3.900").status_code == 404
    assert server.http.get("/commitment-requests/none").status_code == 400


# -- the worklist


def test_nothing_is_scheduled_where_nobody_gives_orders(server: Server) -> None:
    query = "ScheduledProcedureStepSequence.Modality=XC&PatientName=Hong*"
    assert server.http.get(f"/modality-scheduled-procedure-steps?{query}").status_code == 204
    assert server.http.get("/modality-scheduled-procedure-steps?Nonsense=1").status_code == 400
    assert server.http.post("/modality-scheduled-procedure-steps").status_code == 405
