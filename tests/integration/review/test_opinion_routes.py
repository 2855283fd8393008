"""An opinion over HTTP: what is refused and how, and what a whole gateway makes of one."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from highdicom.sr import MeasurementReport, srread
from pydicom import dcmread

from gateway.access.caller import Role
from gateway.config import Settings
from gateway.conversion.body_sites import body_sites
from gateway.database import Database
from gateway.intake.documents import Submission
from gateway.review.documents import ReferralPage, ShownOpinion
from tests.e2e.photos import fill_store, photo
from tests.integration.faces import app_over, key_for, served
from tests.integration.intake.served import Served
from tests.integration.review.studies import HOSPITAL, Clinic, referred_to, settings
from tests.peers import dciodvfy_errors, free_port, require
from tests.unit.conversion.findings.test_model_report import told

OPINION: dict[str, Any] = {
    "doctor": "Kim^Doctor=金^醫師=김^의사",
    "diagnoses": ["melanoma", "nevus"],
    "comment": "절제를 권합니다.\n2주 안에.",
}


@pytest.fixture
def clinic(sqlite: Database, tmp_path: Path) -> Clinic:
    made = Clinic(sqlite, settings(tmp_path))
    made.add_photo()
    return made


@pytest.fixture
def client(clinic: Clinic, tmp_path: Path) -> Iterator[httpx.Client]:
    """A clinician's client."""
    with served(app_over(clinic.database, tmp_path, settings=settings(tmp_path))) as made:
        made.headers.update(key_for(clinic.database, Role.CLINICIAN, hospitals=[HOSPITAL]))
        yield made


def post(client: httpx.Client, referral_id: str, body: Any = OPINION, **headers: str) -> httpx.Response:
    return client.post(f"/api/v1/referrals/{referral_id}/opinion", json=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (OPINION | {"doctor": ""}, "doctor"),
        ({"diagnoses": ["melanoma"]}, "doctor"),
        (OPINION | {"diagnoses": ["홍길동"]}, "diagnoses"),
        (OPINION | {"comment": "홍길동" * 2000}, "comment"),
        (OPINION | {"patient": "홍길동"}, "patient"),
        ({"doctor": "Kim"}, "diagnoses"),
    ],
)
def test_an_opinion_that_cannot_be_used_is_refused_by_its_field(
    client: httpx.Client, clinic: Clinic, body: Any, field: str
) -> None:
    response = post(client, clinic.referral_id, body)
    assert response.status_code == 422
    assert [fault["field"] for fault in response.json()["errors"]] == [field]
    assert "홍길동" not in response.text


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b"{", 422), (b'{"doctor": "\\ud800"}', 422), (b"[]", 422), (b"null", 422), (b"\xff", 400)],
)
def test_what_is_no_opinion_at_all_is_refused(client: httpx.Client, clinic: Clinic, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.post(f"/api/v1/referrals/{clinic.referral_id}/opinion", content=body, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("referral_id", "status"), [("f" * 32, 404), ("x", 422), ("F" * 32, 422)])
def test_a_referral_that_is_not_there_is_told_so(client: httpx.Client, referral_id: str, status: int) -> None:
    assert post(client, referral_id).status_code == status


def test_who_may_not_review_is_told_so(client: httpx.Client, clinic: Clinic) -> None:
    referral_id = clinic.referral_id
    assert post(client, referral_id, **key_for(clinic.database, Role.APP)).status_code == 403
    elsewhere = key_for(clinic.database, Role.CLINICIAN, hospitals=["south"])
    assert post(client, referral_id, **elsewhere).status_code == 404
    assert post(client, referral_id, Authorization="Bearer wrong").status_code == 401


def test_a_key_that_was_used_with_another_opinion_is_refused(client: httpx.Client, clinic: Clinic) -> None:
    key = {"Idempotency-Key": "k1"}
    first = post(client, clinic.referral_id, **key)
    assert (first.status_code, first.json()["organization"]) == (201, "서울병원")
    assert post(client, clinic.referral_id, **key).json() == first.json()
    other = post(client, clinic.referral_id, OPINION | {"comment": "other words"}, **key)
    assert other.status_code == 422
    assert post(client, clinic.referral_id, **{"Idempotency-Key": "k" * 256}).status_code == 422


def test_an_answered_referral_waits_no_more_and_is_listed_with_its_opinion(
    client: httpx.Client, clinic: Clinic
) -> None:
    given = post(client, clinic.referral_id, **{"Accept-Language": "en"}).json()
    assert client.get("/api/v1/referrals").json() == {"referrals": []}
    answered = client.get("/api/v1/referrals?state=answered", headers={"Accept-Language": "en"}).json()
    (referral,) = ReferralPage.model_validate(answered).referrals
    assert referral.opinion == ShownOpinion.model_validate(given)
    both = client.get("/api/v1/referrals?state=answered&state=open").json()["referrals"]
    assert [each["id"] for each in both] == [clinic.referral_id]
    assert client.get("/api/v1/referrals?state=unheard").status_code == 422


@pytest.fixture(scope="module")
def gateway_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A gateway whose models find a melanoma on every photo."""
    folder = tmp_path_factory.mktemp("gateway")
    fill_store(folder / "models", folder / "made", disease="MEL")
    return Settings.model_validate(
        {
            "archive": {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"},
            "models": {"store": folder / "models"},
            "site": {"institution": "서울병원", "timezone": "Asia/Seoul"},
            "destinations": [{"name": "pacs", "port": free_port(), "ae_title": "PACS"}],
            "http": {"port": free_port()},
            "dimse": {"port": free_port()},
        }
    )


@pytest.fixture(scope="module")
def gateway(gateway_settings: Settings) -> Iterator[Served]:
    with Served(gateway_settings) as made:
        yield made


FIELDS = {
    "patient_id": "12345678",
    "patient_name": "Hong^Gildong=洪^吉童=홍^길동",
    "body_site": "forearm",
    "laterality": "L",
}


def answered(gateway: Served, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A photo that was referred and its opinion, as they were answered."""
    submission = gateway.accepted(photo(number), FIELDS)
    assert submission["referral"] == {"state": "open", "reasons": ["malignant"], "opinion": None}
    waiting = gateway.get("/api/v1/referrals")["referrals"]
    (referral_id,) = [each["id"] for each in waiting if each["case_id"] == submission["case_id"]]
    response = post(gateway.http, referral_id)
    assert response.status_code == 201, response.text
    return submission, response.json()


def fetched(gateway: Served, url: str) -> bytes:
    return gateway.http.get(url, headers={"Accept": "application/dicom"}).raise_for_status().content


def test_a_photo_shows_the_opinion_it_was_referred_for(gateway: Served) -> None:
    submission, opinion = answered(gateway, 1)
    ShownOpinion.model_validate(opinion)
    shown = gateway.get(f"/api/v1/photos/{submission['id']}", **{"Accept-Language": "ko"})
    Submission.model_validate(shown)
    assert shown["referral"]["state"] == "answered"
    assert shown["referral"]["opinion"]["id"] == opinion["id"]
    assert [each["name"] for each in shown["referral"]["opinion"]["diagnoses"]] == ["악성 흑색종", "색소성 모반(점)"]
    case = gateway.get(f"/api/v1/cases/{submission['case_id']}")
    assert case["referral"]["opinion"]["id"] == opinion["id"]
    events = gateway.get("/api/v1/events?type=opinion.ready")["events"]
    assert events[-1]["data"] == {"opinion_id": opinion["id"], "case_id": submission["case_id"]}
    assert "길동" not in str(events)


def test_its_report_is_verified_refers_to_the_models_and_waits_for_delivery(gateway: Served) -> None:
    submission, opinion = answered(gateway, 2)
    report = dcmread(io.BytesIO(fetched(gateway, opinion["report"]["url"])))
    assert (report.VerificationFlag, report.PreliminaryFlag, report.CompletionFlag) == ("VERIFIED", "FINAL", "COMPLETE")
    assert report.PatientName == FIELDS["patient_name"]
    assert referred_to(report) == [submission["dicom"]["report"]["sop_instance_uid"]]
    assert told(report, "Source of Measurement") == [submission["dicom"]["sop_instance_uid"]] * 2
    assert told(report, "Person Observer's Organization Name") == ["서울병원"]
    uid = opinion["report"]["sop_instance_uid"]
    deliveries = gateway.get("/api/v1/deliveries?limit=1000")["deliveries"]
    assert ("pacs", "queued") in [
        (each["destination"], each["state"]) for each in deliveries if each["sop_instance_uid"] == uid
    ]


def test_highdicom_reads_the_report(gateway: Served, tmp_path: Path) -> None:
    _, opinion = answered(gateway, 3)
    path = tmp_path / "opinion.dcm"
    path.write_bytes(fetched(gateway, opinion["report"]["url"]))
    content = srread(path).content
    assert isinstance(content, MeasurementReport)
    groups: list[Any] = content.get_image_measurement_groups()  # the stubs call a group's measurements plain numbers
    assert [group.get_measurements()[0].value for group in groups] == [1, 2]
    assert {group.finding_sites[0].value.value for group in groups} == {body_sites()["forearm"].code}


@pytest.mark.peer
def test_the_dumper_and_the_validator_read_the_report(gateway: Served, tmp_path: Path) -> None:
    _, opinion = answered(gateway, 4)
    path = tmp_path / "opinion.dcm"
    path.write_bytes(fetched(gateway, opinion["report"]["url"]))
    assert dciodvfy_errors(path) == []
    command = [str(require("dsrdump")), "+U8", "+Pl", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    for words in ("김^의사", "절제를 권합니다.", "Malignant melanoma of skin", "Melanocytic nevus"):
        assert words in done.stdout
    assert not [line for line in done.stderr.splitlines() if line.startswith("E:")]
