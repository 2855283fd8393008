"""Running `dermgate-train` as a program of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def start_training(words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """Start it in a folder; what it says comes line by line."""
    command = [sys.executable, "-m", "trainer.cli", *words]
    return _start(command, folder, {})


def start_team(words: Sequence[str], folder: Path, size: int) -> subprocess.Popen[str]:
    """Start it under torchrun in `size` processes that listen on 127.0.0.1 only, as trainer.fitting.meeting has it."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(size)]
    meeting = ["--rdzv-backend", "c10d", "--rdzv-conf", "store_type=file"]
    command = [*launch, *meeting, "-m", "trainer.cli", *words]
    return _start(command, folder, {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"})


def _start(command: list[str], folder: Path, more: Mapping[str, str]) -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "80", **more}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)
