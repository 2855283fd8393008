"""What hostile connections cost a gateway before there is an association: threads, memory, and service for others.

    python -m tests.bench.dimse_hostile

A gateway as it is shipped, in a process of its own, and the same over TLS. While each attack lasts, somebody with a
right to it asks for an association and an echo again and again. Printed: how many threads and how much memory the
gateway had at most beyond what it has at rest, how many of the echoes were answered, and how long the slowest took.
"""

import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from dimse.addresses import RemoteAE, Timeouts
from dimse.echo import echo
from dimse.tls import TlsClient
from tests.e2e.gateway_process import GatewayProcess
from tests.integration.dimse.certificates import Authority
from tests.peers import LOOPBACK

CROWD = 200
LASTS_SECONDS = 1.5
_PATIENCE = Timeouts(connect_seconds=5, acse_seconds=5, dimse_seconds=5, network_seconds=5)

Attack = Callable[[int, ExitStack], None]
"""Opens connections to a port; the stack closes them in the end."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an attack cost: threads and MiB beyond rest, echoes answered of those tried, seconds they took."""

    threads: int
    mebibytes: float
    answered: int
    tried: int
    median: float
    slowest: float


def idle(port: int, stack: ExitStack) -> None:
    """Connections that say nothing."""
    for _ in range(CROWD):
        _connected(port, stack)


def forged_lengths(port: int, stack: ExitStack) -> None:
    """PDUs that claim to be of up to 4 GiB, and what may be sent of them."""
    for number in range(CROWD):
        kind = 1 + number % 7
        length = (0xFFFFFFFF, 0x7FFFFFFF, 0x10000000, 0x00100001)[number % 4]
        _send(_connected(port, stack), bytes([kind, 0]) + length.to_bytes(4, "big") + bytes(65536))


def slow_heads(port: int, stack: ExitStack) -> None:
    """Requests of a length that is taken, of which nearly nothing comes."""
    for _ in range(CROWD):
        _send(_connected(port, stack), b"\x01\x00\x00\x0f\xff\xff\x00\x01")


def garbage(port: int, stack: ExitStack) -> None:
    """Random bytes, and the first lines of other protocols."""
    random = Random(20)
    for number in range(CROWD):
        text = (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-x\r\n", random.randbytes(4096))
        _send(_connected(port, stack), text[number % 4])


def half_open_tls(port: int, stack: ExitStack) -> None:
    """The head of a TLS handshake, and nothing more."""
    for _ in range(CROWD):
        _send(_connected(port, stack), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")


ATTACKS: tuple[Attack, ...] = (idle, forged_lengths, slow_heads, garbage, half_open_tls)


def cost_of(attack: Attack, remote: RemoteAE, pid: int, seconds: float = LASTS_SECONDS) -> Cost:
    """Attack the process that listens at `remote` for a while."""
    at_rest, memory = _threads(pid), _mebibytes(pid)
    threads, mebibytes, took, tried = 0, 0.0, [], 0
    with ExitStack() as stack:
        attacking = threading.Thread(target=attack, args=(remote.port, stack))
        attacking.start()
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at or attacking.is_alive():
            started, tried = time.perf_counter(), tried + 1
            if echo(remote, "VISITOR", _PATIENCE).ok:
                took.append(time.perf_counter() - started)
            threads = max(threads, _threads(pid) - at_rest)
            mebibytes = max(mebibytes, _mebibytes(pid) - memory)
        attacking.join()
    return Cost(threads, mebibytes, len(took), tried, statistics.median(took or [0]), max(took, default=0))


@contextmanager
def gateways(folder: Path) -> Iterator[list[tuple[str, RemoteAE, int]]]:
    """A gateway without TLS and one with it: what it is, where it is, its process."""
    authority = Authority.made(folder)
    own = authority.identity("gateway")
    secured = f'[dimse]\ntls = true\ntls_certificate = "{own.certificate}"\ntls_key = "{own.key}"\n'
    secured += f'tls_ca = "{authority.file}"\n'
    with ExitStack() as stack:
        found = []
        for name, dimse, tls in (("plain", "", None), ("TLS", secured, TlsClient(authority.file, own))):
            gateway = GatewayProcess(folder / name)
            gateway.config.write_text(gateway.config.read_text().replace("[dimse]\n", dimse or "[dimse]\n"))
            gateway.start()
            stack.callback(gateway.close)
            assert gateway.process is not None
            found.append((name, RemoteAE(LOOPBACK, gateway.dimse_port, "DERMGATE", tls), gateway.process.pid))
        yield found


def main() -> None:
    """Measure and print."""
    print(f"{CROWD} connections each; beyond rest: threads, MiB; echoes answered, of so many; median and slowest")
    with tempfile.TemporaryDirectory() as folder, gateways(Path(folder)) as found:
        for name, remote, pid in found:
            for attack in ATTACKS:
                cost = cost_of(attack, remote, pid)
                answered = f"{cost.answered}/{cost.tried}"
                times = f"{1000 * cost.median:6.0f} ms {1000 * cost.slowest:6.0f} ms"
                title = f"{name}, {attack.__name__.replace('_', ' ')}"
                print(f"{title:22} {cost.threads:4d} {cost.mebibytes:6.1f} {answered:>9} {times}", flush=True)


def _connected(port: int, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection((LOOPBACK, port), 5))


def _send(connection: socket.socket, data: bytes) -> None:
    connection.settimeout(0.2)
    with suppress(OSError):  # it may be closed already
        connection.sendall(data)


def _threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208 - a count of a pseudo-folder


def _mebibytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
