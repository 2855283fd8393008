"""What trainers tell of their rounds: kept once, told as an event, listed."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.access.caller import LOCAL_ADMINISTRATOR, Role, Scope
from gateway.database import Database
from gateway.events.log import EventType, read
from gateway.serving import routes
from gateway.serving.outcomes import Came, keep_outcome
from tests.integration.faces import app_over, key_for, served

REFUSED: dict[str, Any] = {
    "id": "0123456789abcdef-3-model", "task": "disease", "came": "refused", "round": 3,
    "at": "2026-05-01T12:00:00+00:00", "new_samples": 120, "held": 7, "words": "it does not pass the gate",
    "version": None, "serves": None, "accuracy": None,
    "collect": [{"label": "melanoma", "test_photos": 20, "train_photos": None, "why": "too few"}],
}  # fmt: skip
TRAINED = REFUSED | {
    "id": "0123456789abcdef-4-model", "came": "trained", "version": 2, "serves": "active", "accuracy": 0.9,
    "collect": [],
}  # fmt: skip


@pytest.fixture
def client(sqlite: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    app = app_over(sqlite, tmp_path)
    app.include_router(routes.router, prefix="/api/v1")
    with served(app) as made:
        yield made


def post(client: httpx.Client, outcome: dict[str, Any], key: dict[str, str]) -> int:
    return client.post("/api/v1/models/outcomes", json=outcome, headers=key).status_code


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.TRAINER)])
def test_only_trainers_tell_of_training(client: httpx.Client, sqlite: Database, role: Role) -> None:
    assert post(client, REFUSED, key_for(sqlite, role)) == 403


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"}, {"id": "a b c d e f"}, {"task": "mood"}, {"came": "won"}, {"round": 0}, {"at": "yesterday"},
        {"at": "2026-05-01T12:00:00"}, {"words": "x" * 8001}, {"accuracy": 1.1}, {"serves": "tea"}, {"version": 0},
        {"collect": [REFUSED["collect"][0]] * 51}, {"new_samples": -1}, {"patient": "P1"},
    ],
)  # fmt: skip
def test_what_is_no_outcome_is_refused(client: httpx.Client, sqlite: Database, change: dict[str, Any]) -> None:
    assert post(client, REFUSED | change, key_for(sqlite, Role.TRAINER)) == 422


def test_an_outcome_is_told_once_however_often_it_is_posted(client: httpx.Client, sqlite: Database) -> None:
    trainer, doctor = key_for(sqlite, Role.TRAINER), key_for(sqlite, Role.CLINICIAN, hospitals=["north"])
    for outcome in (REFUSED, REFUSED, TRAINED, REFUSED):
        assert post(client, outcome, trainer) == 204
    events = client.get("/api/v1/events", headers=doctor).json()["events"]
    assert [event["type"] for event in events] == [EventType.MODEL_REFUSED.value, EventType.MODEL_TRAINED.value]
    assert events[0]["data"]["collect"][0]["label"] == "melanoma"
    listed = client.get("/api/v1/models/outcomes", headers=doctor).json()["outcomes"]
    assert [one["outcome"]["came"] for one in listed] == ["trained", "refused"]
    assert listed[1]["outcome"]["collect"] == REFUSED["collect"]
    limited = client.get("/api/v1/models/outcomes?limit=1", headers=doctor).json()["outcomes"]
    assert len(limited) == 1


def test_who_may_not_read_models_reads_no_outcomes(client: httpx.Client, sqlite: Database) -> None:
    assert client.get("/api/v1/models/outcomes", headers=key_for(sqlite, Role.MODALITY)).status_code == 403


def test_an_outcome_posted_several_times_at_once_is_told_once(database: Database) -> None:
    together, kept = threading.Barrier(4), []

    def tell() -> None:
        with database.write() as unit_of_work:
            if not database.is_sqlite:  # which lets one write at a time
                unit_of_work.session.connection()
                together.wait(10)
            kept.append(keep_outcome(unit_of_work, LOCAL_ADMINISTRATOR, REFUSED["id"], Came.REFUSED, REFUSED))

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False, False, False, True]
    with database.read() as session:
        assert len(read(session, Scope(None), after=0, limit=10)) == 1
