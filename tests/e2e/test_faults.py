"""Power cuts and a hospital that is away: nothing that was answered is lost, nothing arrives twice or torn."""

import io
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from tests.e2e.gateway_process import GatewayProcess, destination
from tests.e2e.load import Load
from tests.e2e.photos import photo
from tests.peers import Orthanc

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]

Wait = Callable[..., None]
LEASES_SECONDS = 400
"""Longer than the longest lease: that of a photo kept for later."""


@pytest.fixture(params=["sqlite", "postgresql"])
def lone_gateway(request: pytest.FixtureRequest, tmp_path: Path, orthanc: Orthanc) -> Iterator[GatewayProcess]:
    """A gateway of the test's own, on each database, before an empty hospital."""
    database = "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    gateway = GatewayProcess(tmp_path / "gateway", destination(orthanc), database=database)
    if database:
        assert gateway.run("db", "upgrade").returncode == 0
    with gateway:
        yield gateway


def test_what_comes_in_while_the_hospital_is_down_arrives_once_it_is_up(
    lone_gateway: GatewayProcess, orthanc: Orthanc, wait_for: Wait
) -> None:
    orthanc.stop()
    submissions = [lone_gateway.accepted(photo(number)) for number in range(8)]
    ids = [submission["id"] for submission in submissions]
    time.sleep(0.5)
    assert {state for photo_id in ids for state in lone_gateway.deliveries(photo_id)} <= {"queued", "failed", "sending"}
    assert lone_gateway.is_ready(), "a dead destination does not count"
    orthanc.start()
    wait_for(lambda: all(lone_gateway.deliveries(photo_id) == ["confirmed"] for photo_id in ids), "all arrive")
    for submission in submissions:
        assert len(orthanc.instances(submission["dicom"]["sop_instance_uid"])) == 1


@pytest.mark.parametrize("lone_gateway", ["sqlite"], indirect=True)
def test_five_power_cuts_lose_nothing(lone_gateway: GatewayProcess, orthanc: Orthanc, wait_for: Wait) -> None:
    _survives(lone_gateway, orthanc, wait_for, cuts=5)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_thirty_power_cuts_lose_nothing(lone_gateway: GatewayProcess, orthanc: Orthanc, wait_for: Wait) -> None:
    """On PostgreSQL, which others may use too, what a dead process had in hand is free when its leases end."""
    _survives(lone_gateway, orthanc, wait_for, cuts=30)


def _survives(gateway: GatewayProcess, orthanc: Orthanc, wait_for: Wait, *, cuts: int) -> None:
    chance = random.Random()
    with Load(gateway) as load:
        for _ in range(cuts):
            before = len(load.answered())
            wait_for(lambda: len(load.answered()) > before, "posts are answered", LEASES_SECONDS)  # noqa: B023 - called at once
            time.sleep(chance.uniform(0.0, 0.6))
            gateway.kill()
            verified = gateway.run("verify")
            assert verified.returncode == 0, verified.stdout + verified.stderr
            gateway.start()
    assert load.faults() == []
    assert sum(app.repeated for app in load.apps) > 0, "some posts were cut off"
    _check(gateway, orthanc, load.answered(), wait_for)


def _check(gateway: GatewayProcess, orthanc: Orthanc, answered: dict[str, str], wait_for: Wait) -> None:
    """Every answered photo and its report are in the archive and at the hospital once, nothing else is; bytes agree."""
    wait_for(
        lambda: all(gateway.deliveries(photo_id) == ["confirmed"] for photo_id in answered.values()),
        "all are sent",
        LEASES_SECONDS,
    )
    photos = {one["id"]: one for one in _every_photo(gateway)}
    assert sorted(photos) == sorted(answered.values()), "one photo for each key"
    archived = {one["dicom"]["sop_instance_uid"]: one for one in photos.values()}
    held = {uid: orthanc.instances(uid) for uid in archived}
    assert {uid: len(found) for uid, found in held.items()} == dict.fromkeys(archived, 1)
    reports = {one["dicom"]["report"]["sop_instance_uid"] for one in photos.values()}
    wait_for(lambda: all(len(orthanc.instances(uid)) == 1 for uid in reports), "the reports have arrived too")
    assert orthanc.statistics()["CountInstances"] == len(archived) + len(reports)
    for uid, submission in archived.items():
        (orthanc_id,) = held[uid]
        there = dcmread(io.BytesIO(orthanc.fetch_file(orthanc_id)))
        assert there.PixelData == dcmread(io.BytesIO(gateway.dicom(submission))).PixelData
    verified = gateway.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert gateway.stop() == 0


def _every_photo(gateway: GatewayProcess) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        query = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = gateway.http.get("/api/v1/photos", params=query).raise_for_status().json()
        yield from page["photos"]
        cursor = page["next"]
        if cursor is None:
            return
