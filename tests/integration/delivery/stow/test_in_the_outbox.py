"""Deliveries to STOW-RS destinations from the table to the server: who waits, who dies, who arrives."""

import json
import time
from collections.abc import Callable

import pytest

from gateway.config import StowDestination
from gateway.database import Database
from gateway.delivery.metering import Meters
from tests.integration.delivery.hospital import (
    archived_and_queued,
    attempts,
    rows,
    states,
    uids,
    wait_until,
    worker_for,
)
from tests.integration.delivery.hospital import destination as pacs_destination
from tests.integration.delivery.stow.web_server import Received, WebServer, answer
from tests.peers import Orthanc, free_port
from tests.unit.delivery.stow.test_answers import response


def destination(url: str, **values: object) -> StowDestination:
    return StowDestination.model_validate(
        {"name": "web", "kind": "stow", "url": url, "response_seconds": 5, "proof": "none"} | values
    )


def stores(request: Received) -> bytes:
    """Say of the instance that came that it is stored."""
    uid = request.body.partition(b"\x08\x00\x18\x00UI")[2]
    length = int.from_bytes(uid[:2], "little")
    named = uid[2 : 2 + length].rstrip(b"\0").decode()
    return answer(200, json.dumps(response(uid=named)).encode())


SETTLED = [
    (lambda _request: answer(413), "dead", "refused for good: HTTP 413"),
    (lambda _request: answer(415), "not_accepted", "HTTP 415"),
    (lambda _request: answer(400), "dead", "given up after 2 attempts with this answer: HTTP 400"),
    (lambda _request: answer(500), "dead", "given up after 5 attempts with this answer: HTTP 500"),
]


@pytest.mark.parametrize(("says", "state", "words"), SETTLED)
def test_an_answer_for_good_settles_a_delivery(
    sqlite: Database, says: Callable[[Received], bytes], state: str, words: str
) -> None:
    with WebServer(says) as server:
        there = destination(server.url)
        archived_and_queued(sqlite, 1, there)
        worker = worker_for(sqlite, there)
        worker.start()
        wait_until(lambda: states(sqlite) == {state: 1}, f"it is {state}")
        assert worker.stop(10)
    assert (rows(sqlite)[0].last_message or "").startswith(words)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 502, 503, 507])
def test_where_the_server_is_at_fault_everything_waits_and_nothing_is_counted(sqlite: Database, status: int) -> None:
    with WebServer(lambda _request: answer(status)) as server:
        there = destination(server.url)
        archived_and_queued(sqlite, 10, there)
        worker = worker_for(sqlite, there)
        worker.start()
        wait_until(lambda: len(server.received) >= 3, "it was tried again")
        assert states(sqlite).keys() <= {"queued", "sending"}
        server.says = stores
        wait_until(lambda: states(sqlite) == {"sent": 10}, "all are sent")
        assert worker.stop(10)
    assert {row.attempts for row in rows(sqlite)} == {1}
    assert {attempt.outcome for attempt in attempts(sqlite)} == {"stored"}


def test_a_dead_server_holds_up_nobody_else(sqlite: Database) -> None:
    with WebServer(stores) as server:
        dead, alive = destination(f"http://127.0.0.1:{free_port()}", name="dead"), destination(server.url)
        archived_and_queued(sqlite, 10, dead, alive, pacs_destination(port=free_port()))
        worker = worker_for(sqlite, dead, alive)
        worker.start()
        wait_until(lambda: states(sqlite)["sent"] == 10, "the living one has everything")
        assert worker.stop(10)


def test_several_requests_are_under_way_at_one_time(sqlite: Database) -> None:
    def stores_slowly(request: Received) -> bytes:
        time.sleep(0.02)
        return stores(request)

    with WebServer(stores_slowly) as server:
        there = destination(server.url, max_requests=3)
        archived_and_queued(sqlite, 100, there)
        worker = worker_for(sqlite, there)
        worker.start()
        wait_until(lambda: states(sqlite) == {"sent": 100}, "all are sent")
        assert worker.stop(10)
        assert server.connections == 3
        assert len(server.received) == 100


@pytest.mark.peer
def test_orthanc_gets_by_http_what_waited_while_it_was_stopped(sqlite: Database, orthanc: Orthanc) -> None:
    there = destination(orthanc.dicom_web)
    orthanc.stop()
    instance_ids = archived_and_queued(sqlite, 5, there)
    worker = worker_for(sqlite, there)
    worker.start()
    orthanc.start()
    wait_until(lambda: states(sqlite) == {"sent": 5}, "all are sent")
    assert worker.stop(10)
    for uid in uids(sqlite, instance_ids):
        assert len(orthanc.instances(uid)) == 1


def test_a_server_that_is_up_again_and_refuses_what_it_gets_is_not_taken_to_be_down(sqlite: Database) -> None:
    with WebServer(lambda _request: answer(503)) as server:
        there = destination(server.url)
        archived_and_queued(sqlite, 30, there)
        meters = Meters()
        worker = worker_for(sqlite, there, meters=meters)
        worker.start()
        wait_until(lambda: meters.read()[0].is_down, "it is down")
        server.says = lambda _request: answer(413)
        wait_until(lambda: states(sqlite) == {"dead": 30}, "each is refused")
        assert not meters.read()[0].is_down
        assert worker.stop(10)
