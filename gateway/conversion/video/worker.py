"""The process that works on one video, which is its standard input.

    python -P -m gateway.conversion.video.worker FOLDER WISHES PROCESSOR_SECONDS PARENT

Decoders are given whatever people post, so that they get a process of their own with bounded memory, processor time
and files. It writes `result.json` into the folder, or `refusal.json` where the video cannot be taken; where neither
can be told, its exit status says why (`gateway.conversion.video.job`).
"""

import errno
import os
import resource
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final

import orjson

from gateway.conversion.errors import PictureError
from gateway.conversion.video.errors import VideoTooCostlyError, VideoTooLongError
from gateway.conversion.video.job import FAULT, FAULTY, HINDERED, REFUSAL, RESULT, WISHES, WORKED
from gateway.conversion.video.working import work

MEMORY_BYTES: Final = 4 * 1024**3
"""Address space: frames of 4096 x 2304 being decoded and others being coded take half of it."""
FILE_BYTES: Final = 2 * 1024**3
_LOOK_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 10
_NICE: Final = 5
_SOURCE: Final = Path("/dev/stdin")


def main(folder: Path, wishes: bytes, processor_seconds: int, parent: int) -> int:
    """Work on the video that is standard input, a regular file; returns the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    threading.Thread(target=_end_with_parent, args=(parent, folder), daemon=True).start()
    try:
        _bound(processor_seconds)
        _work(folder, wishes)
    except OSError as error:
        return HINDERED + (error.errno or errno.EIO)
    except Exception as error:  # noqa: BLE001 - named, so that somebody can look for its cause
        (folder / FAULT).write_text(type(error).__name__, encoding="ascii", errors="replace")
        return FAULTY
    return 0


def _work(folder: Path, wishes: bytes) -> None:
    try:
        worked = work(_SOURCE, folder, WISHES.validate_json(wishes))
    except PictureError as error:
        _refuse(folder, error)
    except MemoryError:
        _refuse(folder, VideoTooCostlyError("reading the video takes too much memory"))
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        _refuse(folder, VideoTooLongError(f"what is made of the video is larger than {FILE_BYTES} bytes"))
    else:
        (folder / RESULT).write_bytes(WORKED.dump_json(worked))


def _refuse(folder: Path, error: PictureError) -> None:
    (folder / REFUSAL).write_bytes(orjson.dumps({"code": error.code, "detail": str(error)}))


def _end_with_parent(parent: int, folder: Path) -> None:
    """Whoever was killed can neither wait for this process nor clear up after it."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _bound(processor_seconds: int) -> None:
    os.nice(_NICE)  # photos, which somebody waits for, go first
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Told by a signal of its own before it is killed, which an end for want of memory is too.
    resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds + _GRACE_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3]), int(sys.argv[4])))
