"""Whether searches stay as fast while the archive grows: QIDO-RS in archives of several sizes, side by side.

    python -m tests.bench.growth [--sizes 1000,100000] [--searches 400] [--archives DIR]

An archive of each size is filled by STOW-RS (a million instances take some 15 minutes). With --archives it is kept in
DIR/SIZE: one that is there is taken as it is, one that was left half-filled is filled up. Then the files of the indexes
are read once, so that no search waits for the disk, and each search is asked many times, in turn of each archive, each
with a gateway and a connection of its own. Printed are the median and the 95th percentile in milliseconds, and how many
times its 95th percentile in the first archive that is. Of 1 000 instances no stem has more than two studies and few
days have more than one: a page of ten grows with the archive, the shorter ones stay as long as they were.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.catalog import IN_STUDY, Place
from tests.bench.dicomweb import Server, good, load, searches
from tests.bench.plain_http import Connection
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK

QUERIES: dict[str, Callable[[Place], str]] = {
    "by patient id": lambda at: f"PatientID={at.patient_id}",
    "by study UID": lambda at: f"StudyInstanceUID={at.study}",
    "by name stem, first two": lambda at: f"PatientName={at.stem}*&limit=2",
    "by name stem, first ten": lambda at: f"PatientName={at.stem}*&limit=10",
    "by date, first one": lambda at: f"StudyDate={at.day}-{at.day}&limit=1",
    "by date, first ten": lambda at: f"StudyDate={at.day}-{at.day}&limit=10",
}
_WARMING = 50
_FILLED_AT_ONCE = 10_000
_PIECE_BYTES = 4 * 1024 * 1024
AIM = 1.5


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[1000, 100_000])
    parser.add_argument("--searches", type=int, default=400)
    parser.add_argument("--archives", type=Path, metavar="DIR", help="where archives are kept; left out: nowhere")
    options = parser.parse_args()
    with ExitStack() as stack:
        archives = options.archives or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = []
        for size in options.sizes:
            gateway = stack.enter_context(GatewayProcess(archives.absolute() / str(size)))
            servers.append(Server(f"{size} instances", gateway.http_port, gateway.pid))
            _fill(servers[-1], size, gateway.folder / "filled")
            _into_memory(gateway.folder / "dermgate.db")
        _measure_all(servers, options.sizes, options.searches)


def _fill(server: Server, size: int, mark: Path) -> None:
    """Fill an archive up; `mark` says how far it is, so that a fill that was stopped can go on."""
    there = int(mark.read_text()) if mark.exists() else 0
    for begin in range(there, size, _FILLED_AT_ONCE):
        filled = min(begin + _FILLED_AT_ONCE, size)
        load(server, filled, there=begin)
        mark.write_text(str(filled))


def _into_memory(index: Path) -> None:
    """From this process alone: one of SQLite's loses its locks on a file as soon as it closes any descriptor of it."""
    with index.open("rb", buffering=0) as file:
        while file.read(_PIECE_BYTES):
            pass


def _measure_all(servers: Sequence[Server], sizes: Sequence[int], count: int) -> None:
    print(f"median and 95th percentile in ms; the latter over that of {sizes[0]} instances (aim {AIM:g})")
    for name, query in QUERIES.items():
        print(name)
        first = 0.0
        for size, times in zip(sizes, _measured(servers, sizes, query, count), strict=True):
            high = statistics.quantiles(times, n=20)[-1]
            first = first or high
            print(f"  {size:9} {statistics.median(times):7.2f} {high:7.2f}   {high / first:5.2f}", flush=True)


def _measured(
    servers: Sequence[Server], sizes: Sequence[int], query: Callable[[Place], str], count: int
) -> list[list[float]]:
    """Milliseconds of each search in each archive, asked in turn so that all meet the same machine."""
    times: list[list[float]] = [[] for _ in servers]
    with ExitStack() as stack:
        asked = [_asked(server, size, query, stack) for server, size in zip(servers, sizes, strict=True)]
        for _ in range(_WARMING + count):
            for ask, taken in zip(asked, times, strict=True):
                taken.append(next(ask))
    return [taken[_WARMING:] for taken in times]


def _asked(server: Server, size: int, query: Callable[[Place], str], stack: ExitStack) -> Iterator[float]:
    connection = Connection(LOOPBACK, server.port)
    stack.callback(connection.close)
    for wanted in searches(max(size // IN_STUDY, 1), query)(server):
        started = time.perf_counter()
        good(connection.ask(wanted), server)
        yield (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
