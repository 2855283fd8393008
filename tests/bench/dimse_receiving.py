"""Receiving: DCMTK's storescu over several associations at once, to each receiver in turn."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from deploy.demo import processes
from gateway.archive.tables import InstanceRow
from gateway.database import Database
from tests.bench.dimse_peers import PLAIN
from tests.bench.dimse_sending import Objects, make_objects
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, Orthanc, free_port, require

SIZES = {"67 kB": 240, "12 MP": 24}
"""Objects of one round."""
ASSOCIATIONS = 4
AIM = 1.5
"""How many times Orthanc's rate is to be reached, of small objects."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver under measurement; `holds` counts its objects, `pid` is the process that works."""

    name: str
    port: int
    pid: int
    holds: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Round:
    """Objects a second, and milliseconds of the receiver's CPU for each."""

    rate: float
    cpu: float


def measure(rounds: int, only: str) -> None:
    """Measure and print every size whose line has `only` in its name."""
    sizes = [size for size in SIZES if only in f"receiving, {size}"]
    if not sizes:
        return
    print(f"\nreceiving over {ASSOCIATIONS} associations from storescu with TCP_NODELAY=1, objects a second")
    print(
        f"{'':10} {'Orthanc':>9} {'NODELAY':>9} {'storescp':>9} {'gateway':>9} {'ratio':>6} {'aim':>13}"
        "  CPU of one: Orthanc, gateway"
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        receivers = [stack.enter_context(start(folder)) for start in (_orthanc, _tuned_orthanc, _storescp, _gateway)]
        for size in sizes:
            _measure(folder, receivers, size, rounds)


def _measure(folder: Path, receivers: Sequence[Receiver], size: str, rounds: int) -> None:
    measured: dict[str, list[Round]] = {receiver.name: [] for receiver in receivers}
    for _ in range(rounds):
        for receiver in receivers:
            with make_objects(folder, size, SIZES[size]) as objects:
                measured[receiver.name].append(_round(receiver, objects))
    rates = {name: statistics.median(one.rate for one in all_of) for name, all_of in measured.items()}
    cpu = {name: statistics.median(one.cpu for one in all_of) for name, all_of in measured.items()}
    ratio = rates["gateway"] / rates["Orthanc"]
    aim = f"{AIM:.2g} x {'reached' if ratio >= AIM else 'missed'}"
    told = "".join(f" {rates[name]:9.1f}" for name in ("Orthanc", "NODELAY", "storescp", "gateway"))
    print(f"{size:10}{told} {ratio:6.2f} {aim:>13}  {cpu['Orthanc']:.2f} ms, {cpu['gateway']:.2f} ms", flush=True)


def _round(receiver: Receiver, objects: Objects) -> Round:
    before, used = receiver.holds(), _cpu_seconds(receiver.pid)
    paths = [*objects.paths.values()]
    command: list[str | Path] = [require("storescu"), "-xy", "-R", LOOPBACK, str(receiver.port)]
    environment = PLAIN | {"TCP_NODELAY": "1"}
    started = time.perf_counter()
    senders = [
        subprocess.Popen([*command, *paths[one::ASSOCIATIONS]], env=environment, stderr=subprocess.PIPE)
        for one in range(ASSOCIATIONS)
    ]
    told = [sender.communicate()[1] for sender in senders]
    seconds = time.perf_counter() - started
    used = _cpu_seconds(receiver.pid) - used
    if any(sender.returncode for sender in senders) or receiver.holds() - before != len(paths):
        raise SystemExit(f"{receiver.name} has not taken what it was sent: {told!r}")
    return Round(len(paths) / seconds, 1000 * used / len(paths))


def _cpu_seconds(pid: int) -> float:
    values = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / _TICKS


@contextmanager
def _orthanc(_folder: Path) -> Iterator[Receiver]:
    """Orthanc as it is shipped, durable as the gateway is."""
    with Orthanc(SyncStorageArea=True, as_shipped=True) as made:
        yield Receiver("Orthanc", made.dicom_port, made.pid, lambda: int(made.statistics()["CountInstances"]))


@contextmanager
def _tuned_orthanc(_folder: Path) -> Iterator[Receiver]:
    """The same with TCP_NODELAY=1 in its environment."""
    with Orthanc(SyncStorageArea=True) as made:
        yield Receiver("NODELAY", made.dicom_port, made.pid, lambda: int(made.statistics()["CountInstances"]))


@contextmanager
def _storescp(folder: Path) -> Iterator[Receiver]:
    """DCMTK's storescp, a process for each association; it syncs nothing."""
    received, log, port = folder / "received", folder / "storescp.log", free_port()
    received.mkdir()
    command: list[str | Path] = [require("storescp"), "--fork", "+xa", "-od", received, str(port)]
    process = processes.start(command, log, folder=folder, environment=PLAIN | {"TCP_NODELAY": "1"})
    try:
        processes.wait_for_ports(process, [port], log)
        yield Receiver("storescp", port, process.pid, lambda: sum(1 for _ in received.iterdir()))
    finally:
        processes.end(process)


@contextmanager
def _gateway(folder: Path) -> Iterator[Receiver]:
    gateway = GatewayProcess(folder / "gateway")
    gateway.start()
    database = Database(gateway.database)
    try:
        assert gateway.process is not None
        yield Receiver("gateway", gateway.dimse_port, gateway.process.pid, lambda: _instances(database))
    finally:
        database.close()
        gateway.close()


def _instances(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(InstanceRow)) or 0
