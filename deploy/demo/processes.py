"""Other programs beside ours, on loopback: free ports, waiting until they answer, ending them."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 20.0

_TAIL_CHARACTERS = 2000
_PORTS = range(20000, 32000)  # below the range that the kernel hands out to outgoing connections
_ports_given: set[int] = set()


class ProgramFailed(Exception):
    """A program ended, or did not answer, where it should have served; says which and how."""


def free_port(preferred: int | None = None) -> int:
    """Return a TCP port that is free on loopback, another one at each call; the preferred one where it is free."""
    wanted = [] if preferred is None else [preferred]
    for port in wanted + random.sample(_PORTS, len(_PORTS)):
        if port not in _ports_given and _can_bind(port):
            _ports_given.add(port)
            return port
    raise ProgramFailed("no TCP port is free on loopback")


def start(
    command: Sequence[str | Path], log: Path, *, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program in a folder, away from the terminal's Ctrl-C; what it prints is added to the log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, start_new_session=True,
            env=os.environ | dict(environment or {}),
        )  # fmt: skip


def wait_for_ports(process: subprocess.Popen[bytes], ports: Iterable[int], log: Path) -> None:
    """Wait until the process listens on all of these ports. Raises ProgramFailed with the end of its log."""
    wanted = tuple(ports)
    wait_until(lambda: all(listens(port) for port in wanted), process, log)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a condition holds, as long as the process lives. Raises ProgramFailed with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if process.poll() is not None:
            raise ProgramFailed(last_words(process, log))
        if time.monotonic() > deadline:
            raise ProgramFailed(last_words(process, log))
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether something takes connections on this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def end(process: subprocess.Popen[bytes] | None, by: signal.Signals = signal.SIGTERM) -> None:
    """End a process, by force where it does not follow in time; nothing to do where it has ended."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _can_bind(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def last_words(process: subprocess.Popen[bytes], log: Path) -> str:
    """What a program that failed us was doing: whether it still runs, and the end of its log."""
    command = process.args
    name = Path(os.fsdecode(command if isinstance(command, str | bytes | os.PathLike) else command[0])).name
    state = "does not answer" if process.poll() is None else f"ended with {process.returncode}"
    tail = log.read_text(errors="replace")[-_TAIL_CHARACTERS:] if log.exists() else ""
    return f"{name} {state}:\n{tail}"
