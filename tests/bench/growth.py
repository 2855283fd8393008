"""Whether searches stay as fast while the archive grows: QIDO-RS at several numbers of instances, one gateway.

    python -m tests.bench.growth [--sizes 1000,100000] [--searches 400]

The archive is filled by STOW-RS up to each size in turn (a million instances take about an hour); then each search is
asked many times over one connection. Printed are the median and the 95th percentile in milliseconds, and how many
times its 95th percentile at the first size that is. Of 1 000 instances no stem has more than two studies and few days
have more than one: a page of ten grows with the archive, the shorter ones stay as long as they were.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
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
AIM = 1.5


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[1000, 100_000])
    parser.add_argument("--searches", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, GatewayProcess(Path(folder)) as gateway:
        assert gateway.process is not None
        server = Server("gateway", gateway.http_port, gateway.process.pid)
        there, at_first = 0, dict[str, float]()
        for size in options.sizes:
            load(server, size, there=there)
            there = size
            print(f"{size} instances; median and 95th percentile in ms, over that of {options.sizes[0]} (aim {AIM:g})")
            for name, query in QUERIES.items():
                median, high = _measured(server, size, query, options.searches)
                ratio = high / at_first.setdefault(name, high)
                print(f"  {name:26} {median:7.2f} {high:7.2f}   {ratio:5.2f}", flush=True)


def _measured(server: Server, size: int, query: Callable[[Place], str], count: int) -> tuple[float, float]:
    """Median and 95th percentile of the time of a search, in milliseconds."""
    connection = Connection(LOOPBACK, server.port)
    times = []
    for wanted in islice(searches(max(size // IN_STUDY, 1), query)(server), _WARMING + count):
        started = time.perf_counter()
        good(connection.ask(wanted), server)
        times.append((time.perf_counter() - started) * 1000)
    connection.close()
    measured = times[_WARMING:]
    return statistics.median(measured), statistics.quantiles(measured, n=20)[-1]


if __name__ == "__main__":
    main()
