"""Deliveries over HTTP."""

import asyncio
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from gateway.access.http import Authenticator
from gateway.database import Database, now
from gateway.delivery import bulk, routes
from gateway.delivery.routes import STATUSES, router
from gateway.delivery.tables import DeliveryRow
from gateway.problems import install
from tests.integration.delivery.hospital import archived_and_queued, destination, rows, states


class Client:
    """Asks the application itself, as a caller on loopback."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 5000))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, headers))

    def post(self, path: str, document: object = None) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, {}, document))

    async def _ask(self, method: str, path: str, headers: dict[str, str], document: object = None) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers, json=document)


@pytest.fixture
def client(sqlite: Database) -> Client:
    app = FastAPI()
    app.state.database = sqlite
    app.state.authenticator = Authenticator(sqlite, trust_local=True)
    app.include_router(router)
    install(app, STATUSES)
    return Client(app)


def test_a_caller_without_permission_gets_nothing(client: Client) -> None:
    assert client.get("/deliveries", authorization="Bearer nonsense").status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "cursor=0",
        f"cursor={2**63}",
        "state=lost",
        "destination=%00",
        "queued_before=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_parameters_out_of_bounds_are_refused(client: Client, query: str) -> None:
    assert client.get(f"/deliveries?{query}").status_code == 422


def test_a_page_tells_how_to_get_the_next(client: Client, sqlite: Database) -> None:
    archived_and_queued(sqlite, 3, destination())
    first = client.get("/deliveries?limit=2").json()
    assert [entry["state"] for entry in first["deliveries"]] == ["queued", "queued"]
    rest = client.get(f"/deliveries?limit=2&cursor={first['next']}").json()
    assert len(rest["deliveries"]) == 1
    assert rest["next"] is None


def test_retrying_what_waits_is_a_conflict_and_what_does_not_exist_is_not_found(
    client: Client, sqlite: Database
) -> None:
    archived_and_queued(sqlite, 1, destination())
    assert client.post(f"/deliveries/{rows(sqlite)[0].id}/retry").status_code == 409
    assert client.post("/deliveries/999/retry").status_code == 404
    assert client.post(f"/deliveries/{2**70}/retry").status_code == 422


def test_retrying_what_died_queues_it(client: Client, sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    with sqlite.write() as unit_of_work:
        unit_of_work.session.merge(rows(sqlite)[0]).state = "dead"
    answer = client.post(f"/deliveries/{rows(sqlite)[0].id}/retry")
    assert answer.status_code == 200
    assert answer.json()["state"] == "queued"


def test_what_died_is_queued_again_all_at_once(client: Client, sqlite: Database) -> None:
    here, there = destination(), destination("there")
    archived_and_queued(sqlite, 3, here, there)
    _put_all(sqlite, "dead")
    answer = client.post("/deliveries/retry", {"state": "dead", "destination": "there"})
    assert answer.json() == {"retried": 3, "left": 0}
    assert states(sqlite) == {"dead": 3, "queued": 3}


def test_so_many_as_a_request_can_bear_are_queued_again_and_the_rest_is_told(
    client: Client, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(bulk, "BATCH", 2)
    archived_and_queued(sqlite, 7, destination())
    _put_all(sqlite, "dead")
    assert client.post("/deliveries/retry", {"state": "dead"}).json() == {"retried": 4, "left": 3}
    assert client.post("/deliveries/retry", {"state": "dead"}).json() == {"retried": 3, "left": 0}


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"state": "sent"},
        {"state": "dead", "ids": [1]},
        {"state": "dead", "queued_before": "2026-01-01T00:00"},
    ],
)
def test_many_are_not_queued_again_by_a_vague_request(client: Client, document: object) -> None:
    assert client.post("/deliveries/retry", document).status_code == 422


def test_a_delivery_is_cancelled_once(client: Client, sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    path = f"/deliveries/{rows(sqlite)[0].id}/cancel"
    assert client.post(path).json()["state"] == "cancelled"
    assert client.post(path).status_code == 409
    assert client.post("/deliveries/999/cancel").status_code == 404


def test_a_listing_can_be_of_what_was_queued_before_a_moment(client: Client, sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    assert client.get("/deliveries?queued_before=2020-01-01T00:00:00Z").json()["deliveries"] == []
    assert len(client.get("/deliveries?queued_before=2120-01-01T00:00:00Z").json()["deliveries"]) == 1
    assert client.get("/deliveries?queued_before=2020-01-01T00:00:00").status_code == 422


def _put_all(database: Database, state: str) -> None:
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(DeliveryRow).values(state=state))


def test_the_proof_is_shown(client: Client, sqlite: Database) -> None:
    archived_and_queued(sqlite, 2, destination())
    moment = now()
    with sqlite.write() as unit_of_work:
        row = unit_of_work.session.merge(rows(sqlite)[0])
        row.state, row.committed_at = "committed", moment
        row.proof_kind, row.proof_transaction_uid = "commitment", "1.2.3"
    unproven, proven = client.get("/deliveries").json()["deliveries"]
    assert unproven["proof"] is None
    assert proven["proof"]["kind"] == "commitment"
    assert proven["proof"]["transaction_uid"] == "1.2.3"
    assert datetime.fromisoformat(proven["proof"]["at"]) == moment


def test_what_is_retried_by_hand_gets_every_chance_anew(client: Client, sqlite: Database) -> None:
    archived_and_queued(sqlite, 1, destination())
    with sqlite.write() as unit_of_work:
        row = unit_of_work.session.merge(rows(sqlite)[0])
        row.state, row.looks, row.resends = "dead", 8, 3
    assert client.post(f"/deliveries/{rows(sqlite)[0].id}/retry").status_code == 200
    assert (rows(sqlite)[0].looks, rows(sqlite)[0].resends) == (0, 0)
