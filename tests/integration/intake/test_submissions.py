"""Photos over HTTP on both databases: cases, listings, pictures, deletion, scope, and doing it later."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset

from gateway.access.caller import LOCAL_ADMINISTRATOR, Role
from gateway.access.keys import create_key
from gateway.archive.tables import InstanceRow
from gateway.config import IntakeSettings, ModelSettings, Settings
from gateway.database import now
from gateway.delivery.tables import DeliveryRow
from gateway.intake import background, idempotency
from gateway.intake.request import PhotoFields, request_sha256
from gateway.intake.tables import IdempotencyRow, SubmissionRow
from gateway.serving.seats import Seat
from inference.store import TASKS, ModelStore
from tests.e2e.photos import FAULT, add_model, photo
from tests.integration.intake.served import Served

PATIENT = {
    "patient_id": "P-1",
    "patient_name": "홍길동",
    "patient_birth_date": "1980-01-02",
    "patient_sex": "F",
    "body_site": "forearm",
}

AT_ONCE = 40


def _object(served: Served, submission: dict[str, Any]) -> FileDataset:
    (key,) = _object_keys(served, submission)
    with served.gateway.storage.open(key) as stream:
        return dcmread(io.BytesIO(stream.read()))


def _object_keys(served: Served, submission: dict[str, Any]) -> list[str]:
    with served.gateway.database.read() as session:
        row = session.get_one(SubmissionRow, submission["id"])
        return [] if row.picture_key is None else [row.picture_key]


def test_a_submission_reads_as_it_was_answered(fresh: Served) -> None:
    answered = fresh.accepted(photo(1), PATIENT)
    assert answered["state"] == "accepted"
    assert answered["judgement"]["usable"]
    assert answered["ranking"]["diseases"][0] | {"code": "NEV", "rank": 1} == answered["ranking"]["diseases"][0]
    assert answered["deliveries"] == [{"destination": "pacs", "state": "queued"}]
    assert fresh.get(f"/api/v1/photos/{answered['id']}") == answered
    assert fresh.get("/api/v1/photos") == {"photos": [answered], "next": None}


@pytest.mark.parametrize("later", [False, True])
def test_a_doctor_is_asked_for_beside_a_photo(fresh: Served, later: bool) -> None:
    headers = {"Prefer": "respond-async"} if later else {}
    posted = fresh.post(photo(1), PATIENT | {"ask_doctor": "true"}, headers).json()
    if later:
        fresh.photos.background.work_once()
    shown = fresh.get(f"/api/v1/photos/{posted['id']}")
    assert "asked" in shown["referral"]["reasons"]
    opened = fresh.get("/api/v1/events?type=referral.opened")["events"]
    assert [event["data"]["reasons"] for event in opened] == [shown["referral"]["reasons"]]


@pytest.mark.parametrize("said", ["false", ""])
def test_who_does_not_ask_is_not_said_to(fresh: Served, said: str) -> None:
    assert "asked" not in fresh.accepted(photo(1), PATIENT | {"ask_doctor": said})["referral"]["reasons"]


def test_a_further_photo_of_a_case_lands_in_its_study_with_the_next_number(fresh: Served) -> None:
    first = fresh.accepted(photo(1), PATIENT)
    second = fresh.accepted(photo(2), {"case_id": first["case_id"], "body_site": "forearm"})
    third = fresh.accepted(photo(3), {"case_id": first["case_id"], "body_site": "face"})
    objects = [_object(fresh, one) for one in (first, second, third)]
    assert len({ds.StudyInstanceUID for ds in objects}) == 1
    assert objects[0].SeriesInstanceUID == objects[1].SeriesInstanceUID != objects[2].SeriesInstanceUID
    assert [(int(ds.SeriesNumber), int(ds.InstanceNumber)) for ds in objects] == [(1, 1), (1, 2), (2, 1)]
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"):
        assert len({str(ds.get(keyword)) for ds in objects}) == 1, keyword
    case = fresh.get(f"/api/v1/cases/{first['case_id']}")
    assert [one["id"] for one in case["photos"]] == [one["id"] for one in (third, second, first)]


def test_photos_of_one_case_at_the_same_time_all_get_a_number(fresh: Served) -> None:
    case_id = fresh.accepted(photo(1), PATIENT)["case_id"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        fields = {"case_id": case_id, "body_site": "forearm"}
        list(pool.map(lambda number: fresh.accepted(photo(number), fields), range(2, AT_ONCE + 2)))
    case = fresh.get(f"/api/v1/cases/{case_id}")
    numbers = [int(_object(fresh, one).InstanceNumber) for one in case["photos"]]
    assert sorted(numbers) == list(range(1, AT_ONCE + 2))


def test_photos_that_begin_a_study_at_the_same_time_begin_one(fresh: Served) -> None:
    sites = ("forearm", "face", "back", "hand")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        posted = pool.map(
            lambda number: fresh.accepted(
                photo(number), {**PATIENT, "study_instance_uid": "1.2.3", "body_site": sites[number % len(sites)]}
            ),
            range(AT_ONCE),
        )
        objects = [_object(fresh, each) for each in posted]
    places = {(str(each.SeriesInstanceUID), int(each.SeriesNumber), int(each.InstanceNumber)) for each in objects}
    assert len(places) == AT_ONCE
    assert sorted({number for _, number, _ in places}) == [1, 2, 3, 4]
    for keyword in ("StudyDate", "StudyTime", "StudyID", "PatientName"):
        assert len({str(each.get(keyword)) for each in objects}) == 1, keyword


def test_another_patients_case_is_refused(fresh: Served) -> None:
    first = fresh.accepted(photo(1), PATIENT)
    before = fresh.holdings()
    response = fresh.post(photo(2), {"case_id": first["case_id"], "patient_id": "P-2"})
    assert response.status_code == 409
    assert "P-" not in response.text
    assert fresh.holdings() == before


def test_a_study_that_is_named_is_taken(fresh: Served) -> None:
    first = fresh.accepted(photo(1), {**PATIENT, "study_instance_uid": "1.2.3.4"})
    second = fresh.accepted(photo(2), {**PATIENT, "study_instance_uid": "1.2.3.4"})
    assert first["dicom"]["study_instance_uid"] == "1.2.3.4"
    assert second["case_id"] == first["case_id"]
    assert fresh.post(photo(3), {"patient_id": "P-2", "study_instance_uid": "1.2.3.4"}).status_code == 409


def test_strangers_are_never_merged(fresh: Served) -> None:
    ids = {str(_object(fresh, fresh.accepted(photo(number))).PatientID) for number in range(3)}
    assert len(ids) == 3
    assert all(patient_id.startswith("UNID-") for patient_id in ids)


def test_pages_of_photos_hold_each_once(fresh: Served) -> None:
    posted = [fresh.accepted(photo(number))["id"] for number in range(5)]
    found, cursor = [], ""
    while True:
        page = fresh.get(f"/api/v1/photos?limit=2{cursor}")
        found += [one["id"] for one in page["photos"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == posted[::-1]


@pytest.mark.parametrize("cursor", ["x", "%00", "MjAyNg==", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCBh", "é"])
def test_a_cursor_that_no_listing_gave_is_refused(served: Served, cursor: str) -> None:
    assert served.http.get(f"/api/v1/photos?cursor={cursor}").status_code == 422


def test_the_picture_is_given_without_markers_and_cached(fresh: Served) -> None:
    posted = photo(1, comment=b"secret")
    answered = fresh.accepted(posted)
    url = f"/api/v1/photos/{answered['id']}/picture"
    picture = fresh.http.get(url)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.content.startswith(b"\xff\xd8")
    assert picture.content.endswith(b"\xff\xd9")
    assert b"secret" not in picture.content
    assert fresh.http.get(url, headers={"If-None-Match": picture.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_deleted_photo_is_gone_everywhere(fresh: Served, kind: str) -> None:
    answered = fresh.accepted(photo(1, kind), PATIENT)
    assert fresh.http.delete(f"/api/v1/photos/{answered['id']}").status_code == 204
    for path in ("", "/picture"):
        assert fresh.http.get(f"/api/v1/photos/{answered['id']}{path}").status_code == 404
    assert fresh.http.get(answered["dicom"]["url"] + "/metadata").status_code == 404
    assert _keys(fresh) == []
    assert [fresh.count(table) for table in (SubmissionRow, InstanceRow, DeliveryRow)] == [0] * 3
    types = [event["type"] for event in fresh.get("/api/v1/events")["events"]]
    assert {"photo.deleted", "instance.deleted"} <= set(types)
    assert fresh.http.delete(f"/api/v1/photos/{answered['id']}").status_code == 404


@pytest.fixture
def strict(fresh_settings: Settings, tmp_path: Path) -> Iterator[Served]:
    """A gateway whose models find every photo out of focus."""
    store = tmp_path / "strict"
    add_model(store, tmp_path, "suitability", 1, FAULT)
    add_model(store, tmp_path, "disease", 1, "NEV")
    with Served(fresh_settings.model_copy(update={"models": ModelSettings(store=store)})) as made:
        yield made


def test_a_photo_that_is_not_usable_is_kept_with_reason_and_advice_and_goes_nowhere(
    strict: Served,
) -> None:
    answered = strict.accepted(photo(1), PATIENT, **{"Accept-Language": "ko"})
    assert answered["state"] == "rejected"
    assert [reason["code"] for reason in answered["judgement"]["reasons"]] == [FAULT]
    korean = answered["judgement"]["reasons"][0]["advice"]
    english = strict.get(f"/api/v1/photos/{answered['id']}", **{"Accept-Language": "en"})
    assert english["judgement"]["reasons"][0]["advice"].isascii()
    assert not korean.isascii()
    assert (answered["dicom"], answered["ranking"], answered["deliveries"]) == (None, None, [])
    assert strict.count(InstanceRow) == 0
    assert strict.http.get(f"/api/v1/photos/{answered['id']}/picture").content.startswith(b"\xff\xd8")
    (event,) = strict.get("/api/v1/events")["events"]
    assert (event["type"], event["data"]["reasons"]) == ("photo.rejected", [FAULT])
    assert "P-1" not in str(event)
    assert strict.http.delete(f"/api/v1/photos/{answered['id']}").status_code == 204
    assert _keys(strict) == []


def test_an_unidentified_photo_may_be_held(fresh_settings: Settings) -> None:
    held = fresh_settings.model_copy(update={"intake": IntakeSettings(unidentified="hold")})
    with Served(held) as served:
        assert served.accepted(photo(1))["deliveries"] == []
        assert len(served.accepted(photo(2), PATIENT)["deliveries"]) == 1


def test_photos_are_stored_as_secondary_capture_where_the_settings_say_so(fresh_settings: Settings) -> None:
    capture = fresh_settings.model_copy(update={"intake": IntakeSettings(store_as="secondary_capture")})
    with Served(capture) as served:
        assert served.accepted(photo(1))["dicom"]["sop_class_uid"] == "1.2.840.10008.5.1.4.1.1.7"


def test_a_doctors_word_reaches_the_trainer(fresh: Served) -> None:
    answered = fresh.accepted(photo(1))
    url = f"/api/v1/photos/{answered['id']}/label"
    assert fresh.http.post(url, json={"usable": False, "reason": FAULT}).status_code == 204
    assert fresh.http.post(url, json={"usable": False}).status_code == 422
    assert fresh.http.post(url, json={"usable": True, "reason": FAULT}).status_code == 422
    assert fresh.http.post(url, json={"usable": True, "more": 1}).status_code == 422
    (label,) = fresh.get("/api/v1/labels")["labels"]
    assert (label["usable"], label["reason"]) == (False, FAULT)


# -- hospitals


@pytest.fixture
def keys(fresh: Served) -> dict[str, dict[str, str]]:
    """A clinician of each of two hospitals."""
    made = {}
    for name in ("north", "south"):
        with fresh.gateway.database.write() as unit_of_work:
            secret = create_key(
                unit_of_work, name=name, roles=[Role.CLINICIAN, Role.ADMINISTRATOR], hospitals=[name]
            )  # fmt: skip
        made[name] = {"Authorization": f"Bearer {secret}"}
    return made


def test_two_hospitals_never_see_each_others(fresh: Served, keys: dict[str, dict[str, str]]) -> None:
    answered = fresh.accepted(photo(1), PATIENT, **keys["north"])
    assert answered["deliveries"] == [{"destination": "pacs-north", "state": "queued"}]
    own, other = keys["north"], keys["south"]
    for path in (
        f"/api/v1/photos/{answered['id']}",
        f"/api/v1/photos/{answered['id']}/picture",
        f"/api/v1/cases/{answered['case_id']}",
        f"{answered['dicom']['url']}/metadata",
    ):
        assert fresh.http.get(path, headers=own).status_code == 200, path
        assert fresh.http.get(path, headers=other).status_code == 404, path
        assert fresh.http.get(path).status_code == 401, path
    for path, member in (
        ("/api/v1/photos", "photos"),
        ("/api/v1/events", "events"),
        ("/api/v1/deliveries", "deliveries"),
    ):
        assert fresh.get(path, **own)[member], path
        assert fresh.get(path, **other)[member] == [], path
    assert len(fresh.get("/dicom-web/studies", **own)) == 1
    nothing = fresh.http.get("/dicom-web/studies", headers=other)
    assert nothing.status_code == 204 or nothing.json() == []
    refused = fresh.post(photo(2), {"case_id": answered["case_id"]}, other)
    assert refused.status_code == 422
    assert fresh.http.delete(f"/api/v1/photos/{answered['id']}", headers=other).status_code == 404
    label = fresh.http.post(f"/api/v1/photos/{answered['id']}/label", headers=other, json={"usable": True})
    assert label.status_code == 404


def test_the_same_study_in_two_hospitals_stays_two(fresh: Served, keys: dict[str, dict[str, str]]) -> None:
    fields = {**PATIENT, "study_instance_uid": "1.2.3.4"}
    first = fresh.accepted(photo(1), fields, **keys["north"])
    second = fresh.post(photo(1), fields, keys["south"])
    assert second.status_code in {201, 409}
    if second.status_code == 201:
        assert second.json()["case_id"] != first["case_id"]


def test_a_bad_key_is_refused_before_the_body_is_read(fresh: Served) -> None:
    assert fresh.post(photo(1), headers={"Authorization": "Bearer nope"}).status_code == 401
    assert fresh.post(photo(1), headers={"Origin": "https://elsewhere.example"}).status_code == 401


# -- idempotency


def test_the_same_request_again_gets_the_same_answer(fresh_settings: Settings) -> None:
    with Served(fresh_settings) as served:
        first = served.post(photo(1), PATIENT, {"Idempotency-Key": "k"})
        again = served.post(photo(1), PATIENT, {"Idempotency-Key": "k"})
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["location"] == first.headers["location"]
        for other in (
            served.post(photo(2), PATIENT, {"Idempotency-Key": "k"}),
            served.post(photo(1), {**PATIENT, "note": "x"}, {"Idempotency-Key": "k"}),
        ):
            assert other.status_code == 422
    with Served(fresh_settings) as served:
        after_restart = served.post(photo(1), PATIENT, {"Idempotency-Key": "k"})
        assert (after_restart.status_code, after_restart.content) == (first.status_code, first.content)
        assert served.count(SubmissionRow) == 1


def test_a_key_in_flight_is_refused_and_free_when_its_lease_ends(fresh: Served) -> None:
    caller = _claim(fresh, "k")
    assert fresh.post(photo(1), headers={"Idempotency-Key": "k"}).status_code == 409
    with fresh.gateway.database.write() as unit_of_work:
        unit_of_work.session.get_one(IdempotencyRow, (caller, "k")).expires_at = now()
    assert fresh.post(photo(1), headers={"Idempotency-Key": "k"}).status_code == 201


def test_many_posts_with_one_key_at_the_same_time_make_one_photo(fresh: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        posts = pool.map(lambda _: fresh.post(photo(1), headers={"Idempotency-Key": "k"}), range(8))
        statuses = [response.status_code for response in posts]
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert fresh.count(SubmissionRow) == 1


def test_work_that_outlasted_its_lease_is_undone_when_another_took_over(
    fresh: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One key never makes two photos."""
    monkeypatch.setattr(idempotency, "LEASE", idempotency.LEASE * 0)
    judge = fresh.photos.intake._judge.judge
    second: list[int] = []

    def slow(*arguments: Any) -> Any:
        if not second:
            second.append(0)
            second[0] = fresh.post(photo(1), headers={"Idempotency-Key": "k"}).status_code
        return judge(*arguments)

    monkeypatch.setattr(fresh.photos.intake._judge, "judge", slow)
    first = fresh.post(photo(1), headers={"Idempotency-Key": "k"})
    assert (first.status_code, second) == (409, [201])
    assert (fresh.count(SubmissionRow), fresh.count(InstanceRow)) == (1, 2), "one photo with its report"
    assert len(_keys(fresh)) == 2


def test_a_key_is_free_again_after_a_failure(fresh: Served) -> None:
    assert fresh.post(photo(1)[:3000], headers={"Idempotency-Key": "k"}).status_code == 422
    assert fresh.post(photo(1), headers={"Idempotency-Key": "k"}).status_code == 201


# -- later


def test_a_photo_is_processed_later_when_that_is_preferred(fresh: Served) -> None:
    headers = {"Prefer": "return=minimal, Respond-Async; wait=5", "Idempotency-Key": "k"}
    response = fresh.post(photo(1), PATIENT, headers)
    assert response.status_code == 202
    assert response.headers["preference-applied"] == "respond-async"
    assert response.json()["state"] == "processing"
    url = f"/api/v1/photos/{response.json()['id']}"
    assert fresh.http.get(f"{url}/picture").status_code == 404
    assert fresh.photos.background.work_once()
    processed = fresh.get(url)
    assert processed["state"] == "accepted"
    assert processed["deliveries"] == [{"destination": "pacs", "state": "queued"}]
    assert fresh.http.get(f"{url}/picture").status_code == 200
    assert not fresh.photos.background.work_once()
    assert fresh.post(photo(1), PATIENT, headers).content == response.content
    kept = [key[-4:] for key in _keys(fresh)]
    assert kept == [".dcm", ".dcm"], "the object and its report are kept, the posted bytes are not"


def test_what_cannot_be_processed_later_ends_rejected_with_the_problem(fresh: Served) -> None:
    answered = fresh.post(photo(1)[:-2], headers={"Prefer": "respond-async"}).json()
    assert fresh.photos.background.work_once()
    processed = fresh.get(f"/api/v1/photos/{answered['id']}")
    assert processed["state"] == "rejected"
    assert processed["problem"]["code"] == "truncated_picture"
    assert _keys(fresh) == []
    assert fresh.post(b"no picture", headers={"Prefer": "respond-async"}).status_code == 415


def test_a_photo_deleted_before_it_was_processed_stays_deleted(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = fresh.post(photo(1), headers={"Prefer": "respond-async"}).json()
    judge = fresh.photos.intake._judge.judge

    def deleting(*arguments: Any) -> Any:
        assert fresh.http.delete(f"/api/v1/photos/{answered['id']}").status_code == 204
        return judge(*arguments)

    monkeypatch.setattr(fresh.photos.intake._judge, "judge", deleting)
    assert fresh.photos.background.work_once()
    assert fresh.count(SubmissionRow) == fresh.count(InstanceRow) == 0
    assert _keys(fresh) == []


def test_a_kept_photo_waits_as_long_as_no_model_serves(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = fresh.post(photo(1), headers={"Prefer": "respond-async"}).json()
    monkeypatch.setattr(background, "RETRY", background.RETRY * 0)
    with monkeypatch.context() as without:
        empty = {task: Seat(ModelStore(Path("nowhere")), task, "serving", 1) for task in TASKS}
        without.setattr(fresh.photos.models, "_serving", empty)
        for _ in range(background.MAX_ATTEMPTS + 2):
            assert not fresh.photos.background.work_once()
        assert fresh.http.get("/readyz").status_code == 503
        assert fresh.post(photo(2)).status_code == 503
    assert fresh.photos.background.work_once()
    assert fresh.get(f"/api/v1/photos/{answered['id']}")["state"] == "accepted"


def test_a_photo_that_ends_its_process_again_and_again_is_given_up(
    fresh: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = fresh.post(photo(1), headers={"Prefer": "respond-async"}).json()
    monkeypatch.setattr(background, "LEASE", background.LEASE * 0)
    for _ in range(background.MAX_ATTEMPTS):
        fresh.photos.background._claim()
    assert fresh.photos.background.work_once()
    assert fresh.get(f"/api/v1/photos/{answered['id']}")["problem"]["code"] == "processing_failed"


def _keys(served: Served) -> list[str]:
    return list(served.gateway.storage.keys())


def _claim(served: Served, key: str) -> str:
    sha256 = request_sha256(PhotoFields(), photo(1))
    idempotency.claim(served.gateway.database, LOCAL_ADMINISTRATOR, key, sha256)
    return LOCAL_ADMINISTRATOR.id
