"""The peers that objects are sent to while it is measured, as Debian ships them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.demo import processes
from dimse.addresses import RemoteAE
from tests.peers import LOOPBACK, Orthanc, free_port, require

PLAIN = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
"""No TCP_NODELAY: DCMTK leaves Nagle's algorithm on, as it does wherever nobody knows of it."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer that stores; `holds` counts its objects."""

    name: str
    remote: RemoteAE
    holds: Callable[[], int]


@contextmanager
def storescp(folder: Path) -> Iterator[Peer]:
    """DCMTK's storescp, taking every transfer syntax."""
    received, log, port = folder / "received", folder / "storescp.log", free_port()
    received.mkdir()
    command: list[str | Path] = [require("storescp"), "-aet", "PACS", "+xa", "-od", received, str(port)]
    process = processes.start(command, log, folder=folder, environment=PLAIN)
    try:
        processes.wait_for_ports(process, [port], log)
        yield Peer("storescp", RemoteAE(LOOPBACK, port, "PACS"), lambda: sum(1 for _ in received.iterdir()))
    finally:
        processes.end(process)


@contextmanager
def orthanc() -> Iterator[Peer]:
    """Orthanc, durable as the gateway is."""
    with Orthanc(SyncStorageArea=True) as made:
        remote = RemoteAE(LOOPBACK, made.dicom_port, made.ae_title)
        yield Peer("Orthanc", remote, lambda: int(made.statistics()["CountInstances"]))
