"""Ways to send objects to a peer, each over one association."""

import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self

from pydicom.uid import JPEGBaseline8Bit, VLPhotographicImageStorage
from sqlalchemy import select

from dimse.outgoing import OutgoingInstance
from dimse.send import StorageSender
from gateway.archive.tables import InstanceRow
from gateway.config import DEFAULT_HOSPITAL, DimseDestination
from gateway.database import Database
from gateway.delivery.enqueue import enqueue
from gateway.delivery.states import DeliveryState
from gateway.delivery.tables import DeliveryRow
from tests.bench.catalog import BOUNDARY, part10, place, store_body
from tests.bench.dimse_peers import PLAIN, Peer
from tests.bench.plain_http import Connection, request
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, require

OUTBOX = "outbox"
_LONGEST_SECONDS = 60.0
_IDLE_SECONDS = 0.3
"""After which the gateway ends its association: storescp serves one at a time, and the next to be measured waits."""
_STORE = {
    "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    "Accept": "application/dicom+json",
}
_shelves = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Objects:
    """Files of objects that no peer has seen yet, by SOP Instance UID."""

    paths: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to send; `send` gives objects a second. `counted_as` says how many it is given."""

    name: str
    counted_as: str
    send: Callable[[Objects, Peer], float]


@contextmanager
def make_objects(folder: Path, size: str, count: int) -> Iterator[Objects]:
    """New objects on disk, for the time of the block."""
    shelf = next(_shelves)
    made = folder / f"shelf-{shelf}"
    made.mkdir()
    paths: dict[str, Path] = {}
    for number in range(count):
        at = place(number, shelf)
        paths[at.instance] = made / f"{number}.dcm"
        paths[at.instance].write_bytes(part10(at, size))
    try:
        yield Objects(paths)
    finally:
        shutil.rmtree(made)


def by_storescu(objects: Objects, peer: Peer, environment: Mapping[str, str] = PLAIN) -> float:
    """DCMTK's storescu, its start included (some milliseconds)."""
    remote = peer.remote
    options: list[str | Path] = ["-xy", "-R", "-aec", remote.ae_title, remote.host, str(remote.port)]
    command = [require("storescu"), *options, *objects.paths.values()]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return len(objects.paths) / (time.perf_counter() - started)


def by_sender(objects: Objects, peer: Peer) -> float:
    """Our sender, the association included."""
    started = time.perf_counter()
    with StorageSender(peer.remote, "BENCH") as sender:
        for uid, path in objects.paths.items():
            result = sender.send(OutgoingInstance(VLPhotographicImageStorage, uid, JPEGBaseline8Bit, _opening(path)))
            if not result.reaction.is_stored:
                raise SystemExit(f"{peer.name}: {result.message}")
    return len(objects.paths) / (time.perf_counter() - started)


def _opening(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


WAYS = (
    Way("storescu", "storescu", by_storescu),
    Way("storescu, TCP_NODELAY=1", "storescu", partial(by_storescu, environment=PLAIN | {"TCP_NODELAY": "1"})),
    Way("sender", "bare", by_sender),
)


class Outbox:
    """A running gateway with each peer as a destination."""

    def __init__(self, folder: Path, peers: Sequence[Peer]) -> None:
        self._destinations = [_destination(peer) for peer in peers]
        settings = "".join(_entry(destination) for destination in self._destinations)
        self._gateway = GatewayProcess(folder, settings)
        self._database = Database(self._gateway.database)

    def carry(self, objects: Objects, peer: Peer) -> float:
        """Archive the objects, queue them all at once, and wait; the rate is of the moments they were sent at."""
        self._archive(objects)
        with self._database.write() as unit_of_work:
            wanted = select(InstanceRow.id).where(InstanceRow.sop_instance_uid.in_(objects.paths))
            instance_ids = unit_of_work.session.scalars(wanted).all()
            there = [destination for destination in self._destinations if destination.name == _name(peer)]
            for instance_id in instance_ids:
                enqueue(unit_of_work, DEFAULT_HOSPITAL, instance_id, 1, there)
        rate = self._rate(instance_ids)
        time.sleep(2 * _IDLE_SECONDS)
        return rate

    def _archive(self, objects: Objects) -> None:
        connection = Connection(LOOPBACK, self._gateway.http_port)
        address = (LOOPBACK, self._gateway.http_port)
        for path in objects.paths.values():
            body = store_body(path.read_bytes())
            answer = connection.ask(request("POST", address, "/dicom-web/studies", _STORE, body))
            if answer.status != 200:
                raise SystemExit(f"the gateway answered {answer.status}: {answer.body[:300]!r}")
        connection.close()

    def _rate(self, instance_ids: Sequence[int]) -> float:
        query = select(DeliveryRow.sent_at).where(
            DeliveryRow.instance_id.in_(instance_ids), DeliveryRow.state == DeliveryState.SENT.value
        )
        deadline = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < deadline:
            with self._database.read() as session:
                sent = [at for at in session.scalars(query) if at is not None]
            if len(sent) == len(instance_ids):
                return (len(sent) - 1) / (max(sent) - min(sent)).total_seconds()
            time.sleep(0.2)
        raise SystemExit("the gateway has not sent what it was to send")

    def __enter__(self) -> Self:
        self._gateway.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()
        self._gateway.close()


def _name(peer: Peer) -> str:
    return peer.name.lower()


def _destination(peer: Peer) -> DimseDestination:
    remote = peer.remote
    return DimseDestination(
        name=_name(peer), port=remote.port, ae_title=remote.ae_title, idle_seconds=_IDLE_SECONDS, proof="none"
    )


def _entry(destination: DimseDestination) -> str:
    values = destination.model_dump(include={"name", "port", "ae_title", "idle_seconds", "proof"})
    return "[[destinations]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
