"""What a durable store takes at the very least on this disk, beside the gateway's and Orthanc's: one client, 67 kB.

    python -m tests.bench.store_floor [--rounds 5] [--seconds 1]

The floor parses nothing, checks nothing and speaks no HTTP: it writes a file, links it to its place, syncs file and
folder, and commits one row of 4 kB to SQLite. `file and index synced` is what the gateway has made durable when it
answers (write-ahead log, synchronous FULL); `file synced` is what Orthanc has with SyncStorageArea: its index is in a
write-ahead log that is not synced at each commit. All are done in turn in each round; printed are medians: stores a
second, milliseconds of each, and how many times Orthanc's rate that is.
"""

import argparse
import itertools
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tests.bench.catalog import part10, place, store_body
from tests.bench.dicomweb import STORE, Server, good
from tests.bench.plain_http import Connection
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, Orthanc

SIZE = "67 kB"
_ROW = b"x" * 4096
_FOLDERS = 256

Store = Callable[[int], None]
"""Stores the object of this number."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Orthanc(SyncStorageArea=True) as orthanc,
        GatewayProcess(Path(folder, "gateway")) as gateway,
    ):
        assert orthanc.http_port is not None
        ways: dict[str, Iterator[Store]] = {
            "Orthanc": _posting(Server("Orthanc", orthanc.http_port, orthanc.pid)),
            "gateway": _posting(Server("gateway", gateway.http_port, gateway.pid)),
            "floor: file synced": _bare(Path(folder, "file"), synchronous="NORMAL"),
            "floor: file and index synced": _bare(Path(folder, "both"), synchronous="FULL"),
        }
        _measure(ways, options.rounds, options.seconds)


def _measure(ways: dict[str, Iterator[Store]], rounds: int, seconds: float) -> None:
    stores = {name: next(way) for name, way in ways.items()}
    numbers = {name: itertools.count() for name in ways}  # nothing is stored twice
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, store in stores.items():
            rates[name].append(_rate(store, numbers[name], seconds))
    peer = statistics.median(rates["Orthanc"])
    print(f"{'':30} a second       ms   of Orthanc's rate")
    for name, found in rates.items():
        rate = statistics.median(found)
        print(f"{name:30} {rate:8.1f} {1000 / rate:8.2f} {rate / peer:8.2f}")


def _rate(store: Store, numbers: Iterator[int], seconds: float) -> float:
    started, done = time.perf_counter(), 0
    while time.perf_counter() < started + seconds:
        store(next(numbers))
        done += 1
    return done / (time.perf_counter() - started)


def _posting(server: Server) -> Iterator[Store]:
    with closing(Connection(LOOPBACK, server.port)) as connection:

        def store(number: int) -> None:
            body = store_body(part10(place(number, 1), SIZE))
            good(connection.ask(server.request("POST", "/studies", STORE, body)), server)

        yield store


def _bare(folder: Path, *, synchronous: str) -> Iterator[Store]:
    for number in range(_FOLDERS):
        (folder / f"{number:02x}").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "index.db", isolation_level=None)) as index:
        index.execute("PRAGMA journal_mode=WAL")
        index.execute(f"PRAGMA synchronous={synchronous}")
        index.execute("CREATE TABLE objects (number INTEGER PRIMARY KEY, facts BLOB)")

        def store(number: int) -> None:
            _write(folder, number, part10(place(number, 1), SIZE))
            index.execute("INSERT INTO objects VALUES (?, ?)", (number, _ROW))

        yield store


def _write(folder: Path, number: int, content: bytes) -> None:
    pending, final = folder / f"{number}.pending", folder / f"{number % _FOLDERS:02x}" / str(number)
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    os.write(descriptor, content)
    final.hardlink_to(pending)
    os.fsync(descriptor)
    os.close(descriptor)
    named = os.open(final.parent, os.O_RDONLY)
    os.fsync(named)
    os.close(named)
    pending.unlink()


if __name__ == "__main__":
    main()
