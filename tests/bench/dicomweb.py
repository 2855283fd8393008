"""DICOMweb of the gateway beside Orthanc with its DICOMweb plugin: same machine, same objects, same run.

    python -m tests.bench.dicomweb [--catalog 1000] [--rounds 5] [--seconds 0.5] [--only TEXT]

Both run in their durable settings (the gateway's defaults; Orthanc with SyncStorageArea). Each act is done by both in
turn, for so many seconds in each round, so that a busy machine hits both; answers are compared before they are timed.
Printed are medians over the rounds: acts a second, CPU of the server for one, and how many times the peer's rate (or
the peer's CPU over ours where the aim is CPU) that is. `--catalog 100000` fills both archives first: some 15 minutes.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.bench.catalog import BOUNDARY, IN_STUDY, Place, part10, place, store_body
from tests.bench.plain_http import Answer, Connection, request
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, Orthanc

ROOT = "/dicom-web"
JSON = {"Accept": "application/dicom+json"}
INSTANCE = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
FRAME = {"Accept": 'multipart/related; type="image/jpeg"'}
RENDERED = {"Accept": "image/jpeg"}
STORE = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}', **JSON}
LARGE = 50_000
"""From so many instances on the aims are those of a large archive."""
_LOADED_AT_ONCE = 50
_shelves = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measurement."""

    name: str
    port: int
    pid: int

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
        """A request to it."""
        return request(method, (LOOPBACK, self.port), ROOT + path, headers, body)


Requests = Callable[[Server], Iterator[bytes]]
"""Endless requests of an act."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something both servers do; `aims` are those of a small and of a large archive, None where there is none.

    `objects` are stored by one request. `tells` is what answers of both have to agree in. `by_cpu` compares CPU
    instead of rates.
    """

    name: str
    requests: Requests
    aims: tuple[float | None, float | None]
    clients: int = 1
    objects: int = 1
    by_cpu: bool = False
    tells: Callable[[Answer], object] = lambda answer: answer.status


@dataclass(frozen=True, slots=True)
class Round:
    """One round of an act with one server: acts a second, milliseconds of the server's CPU for each."""

    rate: float
    cpu_ms: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--only", default="", help="acts whose name contains this")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Orthanc(SyncStorageArea=True) as orthanc,
        GatewayProcess(Path(folder)) as gateway,
    ):
        servers = _servers(gateway, orthanc)
        for server in servers:
            load(server, options.catalog)
        _measure_all(servers, options)


def _servers(gateway: GatewayProcess, orthanc: Orthanc) -> tuple[Server, Server]:
    assert gateway.process is not None
    assert orthanc.http_port is not None
    return Server("gateway", gateway.http_port, gateway.process.pid), Server("Orthanc", orthanc.http_port, orthanc.pid)


def _measure_all(servers: tuple[Server, Server], options: argparse.Namespace) -> None:
    print(f"{options.catalog} instances; medians of {options.rounds} rounds; a second, and ms of server CPU each")
    print(f"{'':34} {'gateway':>16} {'Orthanc':>16}   ratio   aim")
    for act in _acts(options.catalog):
        if options.only not in act.name:
            continue
        _compare(act, servers)
        rounds: tuple[list[Round], list[Round]] = ([], [])
        for _ in range(options.rounds):
            for server, done in zip(servers, rounds, strict=True):
                done.append(_round(act, server, options.seconds))
        ours, theirs = map(_median, rounds)
        _print(act, ours, theirs, act.aims[options.catalog >= LARGE])


def _print(act: Act, ours: Round, theirs: Round, aim: float | None) -> None:
    ratio = theirs.cpu_ms / max(ours.cpu_ms, 0.001) if act.by_cpu else ours.rate / theirs.rate
    told = "" if aim is None else f"{aim:g} x {'reached' if ratio >= aim else 'missed'}"
    by = " CPU" if act.by_cpu else ""
    print(f"{act.name:34} {_told(ours)} {_told(theirs)} {ratio:7.1f}   {told}{by}", flush=True)


def _told(one: Round) -> str:
    return f"{one.rate:8.1f} {one.cpu_ms:7.2f}"


def _median(rounds: Sequence[Round]) -> Round:
    return Round(statistics.median(one.rate for one in rounds), statistics.median(one.cpu_ms for one in rounds))


def _round(act: Act, server: Server, seconds: float) -> Round:
    streams = [act.requests(server) for _ in range(act.clients)]
    ready = [[next(stream) for _ in range(4)] for stream in streams]  # large bodies are made before the clock starts
    cpu, started = cpu_seconds(server.pid), time.perf_counter()
    with ThreadPoolExecutor(act.clients) as pool:
        work = [
            pool.submit(_ask_for, server, itertools.chain(first, stream), started + seconds)
            for first, stream in zip(ready, streams, strict=True)
        ]
        objects = sum(one.result() for one in work) * act.objects
    return Round(objects / (time.perf_counter() - started), (cpu_seconds(server.pid) - cpu) * 1000 / objects)


def _ask_for(server: Server, requests: Iterator[bytes], until: float) -> int:
    connection = Connection(LOOPBACK, server.port)
    done = 0
    while done == 0 or time.perf_counter() < until:
        good(connection.ask(next(requests)), server)
        done += 1
    connection.close()
    return done


def good(answer: Answer, server: Server) -> Answer:
    """The answer, where it is one of success."""
    if answer.status != 200:
        raise SystemExit(f"{server.name} answered {answer.status}: {answer.body[:300]!r}")
    return answer


def _compare(act: Act, servers: Sequence[Server]) -> None:
    """Refuse to time answers that tell different things."""
    told = []
    for server in servers:
        wanted = next(act.requests(server))  # it may have to be stored first: the connection would be closed as idle
        connection = Connection(LOOPBACK, server.port)
        told.append(act.tells(good(connection.ask(wanted), server)))
        connection.close()
    if told[0] != told[1]:
        raise SystemExit(f"{act.name}: the servers answer differently: {told[0]} and {told[1]}")


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(server: Server, count: int, *, there: int = 0) -> None:
    """Fill the archive with the catalog, shelf 0, up to so many instances, where so many are there already."""
    started = time.perf_counter()
    connection = Connection(LOOPBACK, server.port)
    for first in range(there, count, _LOADED_AT_ONCE):
        files = [part10(place(number, 0), "tiny") for number in range(first, min(first + _LOADED_AT_ONCE, count))]
        good(connection.ask(server.request("POST", "/studies", STORE, store_body(*files))), server)
    connection.close()
    print(f"{server.name} loaded in {time.perf_counter() - started:.0f} s", file=sys.stderr)


# -- the acts


def _acts(catalog: int) -> Iterator[Act]:
    studies = max(catalog // IN_STUDY, 1)
    yield Act("QIDO by patient id", searches(studies, lambda at: f"PatientID={at.patient_id}"), (5, 50), tells=_found)
    yield Act("QIDO by study UID", searches(studies, lambda at: f"StudyInstanceUID={at.study}"), (5, 50), tells=_found)
    yield Act(
        "QIDO by name stem", searches(studies, lambda at: f"PatientName={quote(at.stem)}*"), (5, 50), tells=_found
    )
    yield Act("QIDO by date", searches(studies, lambda at: f"StudyDate={at.day}-{at.day}"), (None, 50), tells=_found)
    page = f"StudyDate=20150101-20301231&limit=50&offset={studies * 4 // 5}"
    yield Act("QIDO deep page", searches(studies, lambda _at: page), (None, 50), tells=_found)
    yield Act("WADO instance as stored", _of_instances("", INSTANCE), (3, 40), tells=_has_picture)
    yield Act("WADO frame", _of_instances("/frames/1", FRAME), (3, 40), tells=_has_picture)
    yield Act("WADO metadata", _of_instances("/metadata", JSON), (3, 40), tells=_found)
    yield Act(
        "WADO rendered, 12 MP", _of_instances("/rendered", RENDERED, "12 MP"), (30, None), by_cpu=True, tells=_is_ok
    )
    for per_request, clients, aim in ((1, 1, 1.5), (1, 8, 1.5), (10, 1, 3.0), (10, 8, 3.0)):
        name = f"STOW 67 kB, {per_request} a request, {clients} clients"
        yield Act(name, _stores("67 kB", per_request), (aim, None), clients, per_request, tells=_stored)
    yield Act("STOW 12 MP", _stores("12 MP", 1), (2, None), by_cpu=True, tells=_stored)


def searches(studies: int, query: Callable[[Place], str]) -> Requests:
    """Searches for studies, each of another place of the catalog."""

    def requests(server: Server) -> Iterator[bytes]:
        for number in itertools.count():
            at = place(number * 7 % studies * IN_STUDY, 0)
            yield server.request("GET", f"/studies?{query(at)}", JSON)

    return requests


def _of_instances(below: str, headers: dict[str, str], size: str = "67 kB") -> Requests:
    """Requests for ten instances of their own, stored when they are first asked for."""
    shelf = next(_shelves)
    stored: set[str] = set()

    def requests(server: Server) -> Iterator[bytes]:
        if server.name not in stored:
            _store(server, shelf, size)
            stored.add(server.name)
        for number in itertools.count():
            at = place(number % IN_STUDY, shelf)
            path = f"/studies/{at.study}/series/{at.series}/instances/{at.instance}{below}"
            yield server.request("GET", path, headers)

    return requests


def _store(server: Server, shelf: int, size: str) -> None:
    connection = Connection(LOOPBACK, server.port)
    for number in range(IN_STUDY):
        body = store_body(part10(place(number, shelf), size))
        good(connection.ask(server.request("POST", "/studies", STORE, body)), server)
    connection.close()


def _stores(size: str, per_request: int) -> Requests:
    shelf = next(_shelves)
    numbers = itertools.count()  # shared by all clients and rounds: nothing is stored twice

    def requests(server: Server) -> Iterator[bytes]:
        while True:
            files = [part10(place(next(numbers), shelf), size) for _ in range(per_request)]
            yield server.request("POST", "/studies", STORE, store_body(*files))

    return requests


# -- what answers tell


def _found(answer: Answer) -> int:
    return len(json.loads(answer.body))


def _has_picture(answer: Answer) -> bool:
    return b"\xff\xd8\xff" in answer.body and b"\xff\xd9" in answer.body


def _is_ok(answer: Answer) -> bool:
    return answer.body.startswith(b"\xff\xd8\xff")


def _stored(answer: Answer) -> int:
    told = json.loads(answer.body)
    told = told[0] if isinstance(told, list) else told
    return len(told["00081199"]["Value"]) if not told.get("00081198", {}).get("Value") else 0


if __name__ == "__main__":
    main()
