"""What is answered, kept and tidied up when something fails inside, or its time has come."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from gateway.access.caller import Role
from gateway.access.keys import create_key
from gateway.archive.errors import StorageFull
from gateway.archive.tables import InstanceRow
from gateway.config import IntakeSettings
from gateway.database import now
from gateway.intake.idempotency import KEPT
from gateway.intake.tables import IdempotencyRow, SubmissionRow
from gateway.operations.schedule import Schedule
from gateway.review.cases import PlaceTaken
from tests.e2e.photos import photo
from tests.integration.intake.served import Served


def _raising(error: Exception) -> Any:
    def fail(*_arguments: object, **_named: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("Zaphod"), 500),
        (OperationalError("SELECT :x", {"x": "Zaphod"}, Exception("Zaphod")), 503),
    ],
)
def test_a_failure_of_the_gateway_gives_nothing_away(
    fresh: Served, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    monkeypatch.setattr(fresh.photos.looking, "one", _raising(error))
    response = fresh.http.get(f"/api/v1/photos/{'0' * 32}")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    assert (response.headers.get("connection") == "close") is (status == 500), "uvicorn closes after what it logs"
    assert "Zaphod" not in response.text


@pytest.mark.parametrize("error", [RuntimeError("x"), PlaceTaken("x"), OperationalError("x", {}, Exception("x"))])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_failure_in_the_last_step_leaves_nothing_and_the_key_is_free(
    fresh: Served, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    with monkeypatch.context() as failing:
        failing.setattr("gateway.intake.accepting.tell", _raising(error))
        assert fresh.post(photo(1, kind), headers={"Idempotency-Key": "k"}).status_code >= 500
    assert fresh.holdings()[:4] == (0, 0, 0, 0)
    assert fresh.holdings()[4:] == (0, 0), "no object, not even a pending one"
    assert fresh.post(photo(1, kind), headers={"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_full_disk_is_told_and_leaves_nothing(fresh: Served, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    with monkeypatch.context() as full:
        full.setattr("gateway.archive.folder_storage.FolderObject.write", _raising(StorageFull("no room")))
        for headers in ({}, {"Prefer": "respond-async"}):
            response = fresh.post(photo(1, kind), headers=headers)
            assert response.status_code == 507
            assert response.headers["content-type"] == "application/problem+json"
    assert fresh.holdings() == (0, 0, 0, 0, 0, 0)
    assert fresh.accepted(photo(1, kind))


def test_a_key_without_the_permission_is_refused_before_the_body(fresh: Served) -> None:
    with fresh.gateway.database.write() as unit_of_work:
        secret = create_key(unit_of_work, name="eye", roles=[Role.VIEWER], hospitals=None)
    response = fresh.post(b"whatever", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 403
    assert response.json()["detail"] == "this needs the permission photos.submit"


def test_the_schedule_removes_what_is_past_its_time_and_nothing_else(fresh: Served) -> None:
    """Old rejected photos and old answers go; accepted photos and young ones stay."""
    old = fresh.post(photo(1)[:-2], headers={"Prefer": "respond-async"}).json()["id"]
    young = fresh.post(photo(2)[:-2], headers={"Prefer": "respond-async"}).json()["id"]
    while fresh.photos.background.work_once():
        pass
    accepted = fresh.post(photo(3), headers={"Idempotency-Key": "k"}).json()["id"]
    database = fresh.gateway.database
    with database.write() as unit_of_work:
        long_ago = now() - timedelta(days=91)
        for one in (old, accepted):
            unit_of_work.session.get_one(SubmissionRow, one).received_at = long_ago
        unit_of_work.session.execute(update(IdempotencyRow).values(expires_at=now() - KEPT))
    schedule = Schedule(database, fresh.gateway.storage, IntakeSettings())
    assert schedule.tidy() == 1
    assert schedule.tidy() == 0
    assert fresh.http.get(f"/api/v1/photos/{old}").status_code == 404
    for one in (young, accepted):
        assert fresh.http.get(f"/api/v1/photos/{one}").status_code == 200
    assert (fresh.count(IdempotencyRow), fresh.count(InstanceRow)) == (0, 2), "the photo and its report"
