"""Deliveries over HTTP."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from gateway.access.http import Authenticator
from gateway.database import Database
from gateway.delivery.routes import STATUSES, router
from gateway.problems import install
from tests.integration.delivery.hospital import archived_and_queued, destination, rows


class Client:
    """Asks the application itself, as a caller on loopback."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 5000))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, headers))

    def post(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, {}))

    async def _ask(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers)


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


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=0", f"cursor={2**63}", "state=lost"])
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
