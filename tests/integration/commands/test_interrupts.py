"""Ctrl-C at any moment of `dermgate convert`: the program ends, with 130, in order and without a traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.commands.photos import contents, draw

_BEGIN = "import sys; from gateway.cli import main; print('begun', flush=True); sys.exit(main())"
_HANG = """
import time
from gateway.commands.converting.making import Maker
Maker.make = lambda self, task: time.sleep(60)
"""
_ENOUGH_SECONDS = 30


def _begin(*arguments: str, before: str = "") -> subprocess.Popen[bytes]:
    """The command, in a session of its own as a terminal has one."""
    process = subprocess.Popen(
        [sys.executable, "-c", before + _BEGIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


@pytest.fixture
def many(folder: Path) -> Path:
    """More photos than are converted while nobody waits."""
    draw(folder / "in" / "more.jpg", 90, (1200, 900))
    for number in range(2000):
        (folder / "in" / f"more{number}.jpg").hardlink_to(folder / "in" / "more.jpg")
    return folder


@pytest.mark.parametrize("seconds", [0.02, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3])
def test_the_run_ends_at_whatever_moment_it_is_interrupted(many: Path, seconds: float) -> None:
    process = _begin("convert", "in", "-o", "out", "--jobs", "2", "--case-id", "visit")
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=_ENOUGH_SECONDS)
    assert (process.returncode, b"Traceback" in said, b"Exception" in said) == (130, False, False)
    assert all(name.endswith(".dcm") for name in contents(many / "out"))


def test_who_does_not_want_to_wait_interrupts_again(many: Path) -> None:
    process = _begin("convert", "in", "-o", "out", "--jobs", "2", before=_HANG)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=_ENOUGH_SECONDS)
    assert (process.returncode, b"Traceback" in said) == (130, False)
    assert contents(many / "out") == {}
