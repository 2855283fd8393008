"""The process that works on one video: begun with as little as it needs, waited for, and what its end means."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from gateway.conversion.video.errors import VideoTooCostlyError, VideoWorkDied, VideoWorkHindered, WorkGivenUp
from gateway.conversion.video.job import FAULT, FAULTY, HINDERED, WISHES, VideoWishes
from gateway.conversion.video.workplace import WorkFolder

WORKER: Final = "gateway.conversion.video.worker"
_PROCESSORS: Final = 4
"""Processor seconds allowed for each second of the clock: more than decoder and encoder have threads."""
_LOOK_SECONDS: Final = 0.5
"""How often somebody who may stop is asked."""
_NEVER_BEGAN: Final = 1
"""Exit status of a Python that cannot find or import what it is to run."""
_ENDED_BY_OTHERS: Final = frozenset({-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Whoever ends a service, or types Ctrl-C, sends these to all of its processes."""
_MOST_NAME: Final = 80

_PACKAGES: Final = Path(__file__).resolve().parents[3]
"""Where our packages lie: the process takes them from there, whatever folder it is begun in."""
_PASSED_ON: Final = (
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONUTF8",
)  # fmt: skip
"""Of the environment what finds and starts Python; settings and credentials stand there too, and stay here."""


def run_worker(
    source: BinaryIO, folder: WorkFolder, wishes: VideoWishes, seconds: float, stopping: Callable[[], bool]
) -> None:
    """Have a process work on a video; where this returns, it left what it made, or why it refuses, in the folder.

    Raises VideoTooCostlyError, VideoWorkHindered, VideoWorkDied, WorkGivenUp.
    """
    process = _begun(source, folder, wishes, max(1, round(seconds * _PROCESSORS)))
    try:
        status = _wait(process, seconds, stopping)
    finally:
        process.kill()
        process.wait()
    check_end(status, folder.path)


def environment() -> dict[str, str]:
    """What the process gets of this one's environment."""
    said = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [str(_PACKAGES), *(path for path in said if Path(path).is_absolute())]
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed_on, "PYTHONPATH": os.pathsep.join(paths)}


def _begun(
    source: BinaryIO, folder: WorkFolder, wishes: VideoWishes, processor_seconds: int
) -> "subprocess.Popen[bytes]":
    said = (str(folder.path.absolute()), WISHES.dump_json(wishes).decode(), str(processor_seconds), str(os.getpid()))
    try:
        return subprocess.Popen(  # noqa: S603  # our own module, by a list of arguments
            # -P: what lies in the current folder is no module of ours.
            [sys.executable, "-P", "-m", WORKER, *said],
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd=folder.path,
            pass_fds=(folder.lock,),
        )
    except OSError as error:
        raise VideoWorkHindered(f"no process can begin: {error.strerror}") from error


def _wait(process: "subprocess.Popen[bytes]", seconds: float, stopping: Callable[[], bool]) -> int:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stopping():
            raise WorkGivenUp
        try:
            return process.wait(min(left, _LOOK_SECONDS))
        except subprocess.TimeoutExpired:
            continue
    raise VideoTooCostlyError(f"reading the video takes longer than {seconds:.0f} seconds")


def check_end(status: int, folder: Path) -> None:
    """What the process's exit status means (negative for a signal); raises as `run_worker` does."""
    if status == 0:
        return
    if status > HINDERED:
        raise VideoWorkHindered(f"the work on the video failed: {os.strerror(status - HINDERED)}")
    if status == _NEVER_BEGAN:
        raise VideoWorkHindered("the process for videos cannot begin")
    if status in _ENDED_BY_OTHERS:
        raise VideoWorkHindered("the process that worked on the video was ended")
    if status == -signal.SIGXCPU:
        raise VideoTooCostlyError("reading the video takes too much of the processor's time")
    raise VideoWorkDied(f"the process that worked on the video died: {_cause(status, folder)}")


def _cause(status: int, folder: Path) -> str:
    if status == FAULTY:
        with (folder / FAULT).open(encoding="ascii") as stream:
            return stream.read(_MOST_NAME)
    return signal.strsignal(-status) or "unknown signal" if status < 0 else f"exit status {status}"
