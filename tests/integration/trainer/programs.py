"""Starting programs of this repository's tests."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_MODULE = "tests.integration.trainer.fit_small"


def start_fit(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start `fit_small` on a run folder."""
    return _start([sys.executable, "-m", _MODULE, str(folder), *options])


def start_team(folder: Path, size: int, *options: str) -> subprocess.Popen[str]:
    """Start it under torchrun in `size` processes that listen on 127.0.0.1 only."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(size)]
    meeting = ["--rdzv-backend", "c10d", "--rdzv-conf", "store_type=file"]
    return _start([*launch, *meeting, "-m", _MODULE, str(folder), *options])


def _start(command: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)
