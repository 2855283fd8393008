"""Starting programs of this repository's tests."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_MODULE = "tests.integration.trainer.fit_small"


def start_fit(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start `fit_small` on a run folder."""
    return _start([sys.executable, "-m", _MODULE, str(folder), *options])


def start_team(folder: Path, size: int, *options: str) -> subprocess.Popen[str]:
    """Start it under torchrun in `size` processes that meet on 127.0.0.1."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "1", "--nproc-per-node", str(size)]
    meeting = ["--master-addr", "127.0.0.1", "--master-port", str(_free_port())]
    return _start([*launch, *meeting, "-m", _MODULE, str(folder), *options])


def _start(command: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
