"""Decoding in processes of their own, started when needed and kept for the next picture."""

import os
import subprocess
import sys
import weakref
from threading import BoundedSemaphore, Lock, Timer
from typing import IO, Final

import numpy as np

from dicomweb.rendering.decoding.job import REPLY, REQUEST, Job
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.grey import Samples

WORKER: Final = "dicomweb.rendering.decoding.worker"
MEMORY_BYTES: Final = 2 * 1024**3
DEFAULT_SECONDS: Final = 30.0
DEFAULT_MOST: Final = 4
_MOST_IDLE: Final = 1
_MOST_REFUSAL_BYTES: Final = 1024
_HANDED_ON: Final = frozenset({"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "VIRTUAL_ENV"})
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_Process = subprocess.Popen[bytes]


class DecoderPool:
    """Decodes from many threads at a time, each job in a process of its own; nothing starts before the first.

    Args:
        max_bytes: most bytes of samples that are taken back.
        seconds: how long one picture may take.
        memory_bytes: address space of a process.
        most: processes at a time; further jobs wait.
    """

    def __init__(
        self,
        max_bytes: int,
        *,
        seconds: float = DEFAULT_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        most: int = DEFAULT_MOST,
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._room = BoundedSemaphore(most)
        self._lock = Lock()
        self._idle: list[_Process] = []
        self.close = weakref.finalize(self, _end_all, self._idle)

    def decode(self, job: Job) -> Samples:
        """Samples as stored, shape (rows, columns) or (rows, columns, 3).

        Raises:
            NotRenderableError: they cannot be decoded, or not within the bounds.
        """
        with self._room:
            return self._decode(job)

    def _decode(self, job: Job) -> Samples:
        process = self._take()
        timer = Timer(self._seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            samples = _exchange(process, job, self._max_bytes)
        except (OSError, EOFError) as error:
            raise NotRenderableError("the coded picture cannot be decoded here") from error
        except _RefusedError as refusal:
            self._keep(process)
            raise NotRenderableError(str(refusal)) from None
        else:
            self._keep(process)
            return samples
        finally:
            timer.cancel()
            self._end_unless_kept(process)

    def _take(self) -> _Process:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return subprocess.Popen(  # noqa: S603 - our own module, by a list of arguments
            [sys.executable, "-m", WORKER, str(self._memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    def _keep(self, process: _Process) -> None:
        with self._lock:
            if len(self._idle) < _MOST_IDLE:
                self._idle.append(process)

    def _end_unless_kept(self, process: _Process) -> None:
        with self._lock:
            is_kept = process in self._idle
        if not is_kept:
            _end(process)


def _environment() -> dict[str, str]:
    """What an interpreter needs; passwords in the server's environment are nothing to a decoder."""
    handed_on = {name: value for name, value in os.environ.items() if name in _HANDED_ON or name.startswith("PYTHON")}
    return {**handed_on, **_ONE_THREAD}


class _RefusedError(Exception):
    """The process is well, the picture is not."""


def _exchange(process: _Process, job: Job, max_bytes: int) -> Samples:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(REQUEST.pack(job.coding, job.reduction, len(job.data)))
    process.stdin.write(job.data)
    process.stdin.flush()
    refused, rows, columns, channels, item_bytes, length = REPLY.unpack(_read(process.stdout, REPLY.size))
    if refused:
        raise _RefusedError(_read(process.stdout, min(length, _MOST_REFUSAL_BYTES)).decode("utf-8", "replace"))
    shape = (rows, columns) if channels == 1 else (rows, columns, channels)
    if length > max_bytes or length != rows * columns * channels * item_bytes or item_bytes not in (1, 2):
        raise EOFError("more samples than allowed")
    data = _read(process.stdout, length)
    if item_bytes == 1:
        return np.frombuffer(data, np.uint8).reshape(shape)
    return np.frombuffer(data, np.uint16).reshape(shape)


def _read(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("the decoder has ended")
    return data


def _end_all(processes: list[_Process]) -> None:
    while processes:
        _end(processes.pop())


def _end(process: _Process) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue  # what was still to be written has nowhere to go
