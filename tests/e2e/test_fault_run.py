"""Three hospitals that are killed, refuse, stall and abort, and a gateway that is killed too.

At the end every object is at each of them once, proved, and nobody had to lend a hand.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gateway_process import GatewayProcess, destination
from tests.e2e.load import Load
from tests.integration.delivery.sabotage import (
    ABORT,
    ASSOCIATE_RQ,
    P_DATA,
    Plot,
    Saboteur,
    cut,
    rejection,
    swallowed,
    told,
)
from tests.peers import Orthanc

pytestmark = pytest.mark.peer

HOSPITALS = 3
IMPATIENT = {"connect_seconds": 1, "acse_seconds": 1, "dimse_seconds": 2}
LONGEST_HARM_SECONDS = 2.0
GATEWAY_IS_KILLED_EVERY = 5
"""One harm in so many is the gateway's."""

PLOTS = (
    Plot(ASSOCIATE_RQ, told(rejection(2, 3, 1))),
    Plot(ASSOCIATE_RQ, told(rejection(2, 3, 2))),
    Plot(ASSOCIATE_RQ, told(rejection(1, 1, 1))),
    Plot(ASSOCIATE_RQ, cut),
    Plot(ASSOCIATE_RQ, swallowed),
    Plot(P_DATA, told(ABORT)),
    Plot(P_DATA, cut),
    Plot(P_DATA, swallowed),
    Plot(P_DATA, cut, spoken_by_pacs=True),
    Plot(P_DATA, told(ABORT), spoken_by_pacs=True),
    Plot(P_DATA, swallowed, spoken_by_pacs=True),
)

Wait = Callable[..., None]


@dataclass
class Hospital:
    """A PACS, and what stands before it."""

    pacs: Orthanc
    saboteur: Saboteur

    def suffers(self, chance: random.Random) -> None:
        """Be killed for a moment, or have its associations spoilt."""
        seconds = chance.uniform(0.2, LONGEST_HARM_SECONDS)
        if chance.random() < 1 / 4:
            self.pacs.kill()
            time.sleep(seconds)
            self.pacs.start()
            return
        self.saboteur.plot = chance.choice(PLOTS)
        time.sleep(seconds)
        self.saboteur.plot = None
        if chance.random() < 1 / 2:
            self.saboteur.cut_all()


@dataclass
class Chaos:
    """Harm to one hospital after the other, and now and then to the gateway, until told to stop."""

    gateway: GatewayProcess
    hospitals: list[Hospital]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Do harm, and undo it each time."""
        try:
            while not self.stopping.is_set():
                self._one()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.faults.append(error)

    def _one(self) -> None:
        if self.done.total() % GATEWAY_IS_KILLED_EVERY == 2:
            self.gateway.kill()
            self.gateway.start()
            self.done["gateway"] += 1
        else:
            number = self.chance.randrange(len(self.hospitals))
            self.hospitals[number].suffers(self.chance)
            self.done[f"hospital-{number}"] += 1


@pytest.fixture
def hospitals() -> Iterator[list[Hospital]]:
    with ExitStack() as stack:
        made = []
        for number in range(HOSPITALS):
            pacs = stack.enter_context(Orthanc(ae_title=f"PACS{number}", SyncStorageArea=True))
            saboteur = Saboteur(pacs.dicom_port)
            saboteur.start()
            stack.callback(saboteur.stop)
            made.append(Hospital(pacs, saboteur))
        yield made


@pytest.mark.timeout(180)
def test_hospitals_and_gateway_that_fail_for_a_while_lose_nothing(
    tmp_path: Path, hospitals: list[Hospital], wait_for: Wait
) -> None:
    _survives(tmp_path, hospitals, wait_for, photos=100, harms=8, seconds=60)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_two_thousand_instances_survive_ten_minutes_of_failures(
    tmp_path: Path, hospitals: list[Hospital], wait_for: Wait
) -> None:
    """A photo and its report each."""
    _survives(tmp_path, hospitals, wait_for, photos=1000, harms=60, seconds=600)


def _survives(
    folder: Path, hospitals: list[Hospital], wait_for: Wait, *, photos: int, harms: int, seconds: float
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    settings = "".join(
        destination(hospital.pacs, name=f"hospital-{number}", port=hospital.saboteur.port, **IMPATIENT)
        for number, hospital in enumerate(hospitals)
    )
    with GatewayProcess(folder / "gateway", settings) as gateway:
        chaos = Chaos(gateway, hospitals, random.Random(seed))
        doing = threading.Thread(target=chaos.run)
        doing.start()
        try:
            with Load(gateway, apps=2) as load:
                wait_for(lambda: len(load.answered()) >= photos, f"{photos} photos are answered", seconds)
                wait_for(lambda: chaos.done.total() >= harms, f"{harms} harms are done", seconds)
        finally:
            chaos.stopping.set()
            doing.join()
        assert chaos.faults == []
        assert load.faults() == []
        print(f"{dict(chaos.done)} while {len(load.answered())} photos were posted")
        try:
            wait_for(lambda: {*_states(gateway)} == {"confirmed"}, "everything is proved", seconds)
        finally:
            print(_standing(gateway))
        _check(gateway, hospitals, len(load.answered()))


def _check(gateway: GatewayProcess, hospitals: list[Hospital], photos: int) -> None:
    """Each object is at each hospital once, whatever else is there is nothing of ours; nothing was sent by hand."""
    deliveries = list(_deliveries(gateway))
    expected = {delivery["sop_instance_uid"] for delivery in deliveries}
    assert len(expected) == 2 * photos
    assert len(deliveries) == 2 * photos * len(hospitals)
    for hospital in hospitals:
        assert hospital.pacs.statistics()["CountInstances"] == len(expected)
        held = Counter(
            instance["MainDicomTags"]["SOPInstanceUID"] for instance in hospital.pacs.get("/instances?expand=true")
        )
        assert held == dict.fromkeys(expected, 1)
    tried = sum(delivery["attempts"] for delivery in deliveries)
    print(f"{len(deliveries)} deliveries took {tried} attempts")
    verified = gateway.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _standing(gateway: GatewayProcess) -> str:
    """How many deliveries stand where, for those who have to find out why they do."""
    standing = Counter((each["destination"], each["state"], each["last_message"]) for each in _deliveries(gateway))
    return "\n".join(f"{count} x {' | '.join(map(str, what))}" for what, count in standing.most_common(20))


def _states(gateway: GatewayProcess) -> Counter[str]:
    return Counter(delivery["state"] for delivery in _deliveries(gateway))


def _deliveries(gateway: GatewayProcess) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        query = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
        page = gateway.http.get("/api/v1/deliveries", params=query).raise_for_status().json()
        yield from page["deliveries"]
        cursor = page["next"]
        if cursor is None:
            return
