import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.access.caller import Role
from gateway.access.keys import create_key
from gateway.database import Database
from gateway.events.log import EventType, record
from tests.integration.faces import app_over, key_for, served

EVENTS = "/api/v1/events"
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def app(sqlite: Database, tmp_path: Path) -> FastAPI:
    return app_over(sqlite, tmp_path)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with served(app) as made:
        yield made


def happen(database: Database, *hospitals: str) -> None:
    for hospital in hospitals:
        with database.write() as unit_of_work:
            record(unit_of_work, EventType.PHOTO_ACCEPTED, hospital=hospital, subject="photo/1", data={"나이": 3})


def test_a_page_says_where_the_next_one_begins(client: httpx.Client, sqlite: Database) -> None:
    happen(sqlite, "default", "north", "default")
    page = client.get(EVENTS, params={"limit": 2}).json()
    assert [event["number"] for event in page["events"]] == [1, 2]
    assert (page["next"], page["more"]) == (2, True)
    assert page["events"][1] | {"at": ""} == {
        "number": 2, "type": "photo.accepted", "at": "", "hospital": "north", "subject": "photo/1", "data": {"나이": 3},
    }  # fmt: skip
    rest = client.get(EVENTS, params={"after": page["next"]}).json()
    assert [event["number"] for event in rest["events"]] == [3]
    assert (rest["next"], rest["more"]) == (3, False)
    assert client.get(EVENTS, params={"after": 3}).json() == {"events": [], "next": 3, "more": False}


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", f"after={2**63}", "limit=0", "limit=1001", "type=photo.eaten", "after=1&limit="]
)
def test_a_question_that_makes_no_sense_is_refused(client: httpx.Client, query: str) -> None:
    answer = client.get(f"{EVENTS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("role", [Role.MODALITY, Role.TRAINER, Role.MONITOR])
def test_who_has_no_business_with_events_reads_none(client: httpx.Client, sqlite: Database, role: Role) -> None:
    key = key_for(sqlite, role)
    assert client.get(EVENTS, headers=key).status_code == 403
    assert client.get(EVENTS, headers=key | STREAM).status_code == 403


def test_a_patient_reads_no_events_since_they_name_no_patient(client: httpx.Client, sqlite: Database) -> None:
    with sqlite.write() as unit_of_work:
        secret = create_key(unit_of_work, name="app", roles=[Role.APP], hospitals=None, patient="7")
    assert client.get(EVENTS, headers={"Authorization": f"Bearer {secret}"}).status_code == 403


def test_a_hospital_reads_its_own_events(client: httpx.Client, sqlite: Database) -> None:
    happen(sqlite, "north", "south", "north")
    page = client.get(EVENTS, headers=key_for(sqlite, Role.VIEWER, hospitals=["north"])).json()
    assert [event["number"] for event in page["events"]] == [1, 3]


def test_a_stream_gives_what_was_and_what_comes(client: httpx.Client, sqlite: Database) -> None:
    happen(sqlite, "default", "default")
    with client.stream("GET", EVENTS, params={"after": 1}, headers=STREAM) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        frames = _frames(answer)
        assert next(frames)["id"] == "2"
        threading.Timer(0.05, happen, [sqlite, "default"]).start()
        frame = next(frames)
    assert (frame["id"], frame["event"]) == ("3", "photo.accepted")
    assert json.loads(frame["data"])["number"] == 3


def test_a_stream_that_broke_goes_on_where_it_was(client: httpx.Client, sqlite: Database) -> None:
    happen(sqlite, "default", "default", "default")
    with client.stream("GET", EVENTS, params={"after": 0}, headers=STREAM | {"Last-Event-ID": "2"}) as answer:
        assert next(_frames(answer))["id"] == "3"


def test_a_stream_ends_when_the_gateway_stops(client: httpx.Client, app: FastAPI, sqlite: Database) -> None:
    happen(sqlite, "default")
    with client.stream("GET", EVENTS, headers=STREAM) as answer:
        frames = _frames(answer)
        next(frames)
        began_at = time.monotonic()
        app.state.stopping.set()
        assert list(frames) == []
    assert time.monotonic() - began_at < 5


def _frames(answer: httpx.Response) -> Iterator[dict[str, str]]:
    """The events of a stream, as the fields of each."""
    frame: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line and name in ("id", "event", "data"):
            frame[name] = value
        elif not line and frame:
            yield frame
            frame = {}
