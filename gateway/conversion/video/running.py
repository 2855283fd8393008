"""Having a video worked on by a process of its own, and taking over what came of it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

import orjson
from pydantic import ValidationError

from gateway.conversion.errors import (
    DamagedPictureError,
    PictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
    UnsupportedFormatError,
)
from gateway.conversion.facts import VideoFacts
from gateway.conversion.video.errors import VideoTooCostlyError, VideoTooLongError, WorkGivenUp
from gateway.conversion.video.job import (
    REFUSAL,
    RESULT,
    STORED,
    WISHES,
    WORKED,
    Still,
    VideoWishes,
    WorkedVideo,
    still_name,
)

WORKER: Final = "gateway.conversion.video.worker"
DEFAULT_SECONDS: Final = 900.0
_PROCESSORS: Final = 4
"""Processor seconds allowed for each second of the clock: decoder and encoder have two threads each."""
_LOOK_SECONDS: Final = 0.5
"""How often somebody who may stop is asked."""
_MOST_RESULT_BYTES: Final = 1024 * 1024
_MOST_STILL_BYTES: Final = 64 * 1024**2

_REFUSALS: Final[dict[str, type[PictureError]]] = {
    error.code: error
    for error in (
        DamagedPictureError,
        TooManyPixelsError,
        UnsupportedCodingError,
        UnsupportedFormatError,
        VideoTooCostlyError,
        VideoTooLongError,
    )
}


@dataclass(frozen=True, slots=True)
class CleanVideo:
    """A video without anything that identifies anybody beside its pictures, upright, at a constant rate.

    `path` is an MP4 file of one video stream (and its sound where that was wished for) that lives as long as the
    block it was made for; `stills` are frames of it to be judged, in order, one at least.
    """

    path: Path
    facts: VideoFacts
    stills: tuple[Still, ...] = field(repr=False)

    @property
    def size_bytes(self) -> int:
        """Length of the file."""
        return self.path.stat().st_size


@contextmanager
def clean_video(
    source: BinaryIO,
    wishes: VideoWishes,
    *,
    seconds: float = DEFAULT_SECONDS,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[CleanVideo]:
    """The clean video of a regular file, for the time of the block.

    Raises PictureError: UnsupportedCodingError, DamagedPictureError, TooManyPixelsError, VideoTooLongError, or
    VideoTooCostlyError where it takes longer than `seconds`; WorkGivenUp soon after `stopping` says so.
    """
    with TemporaryDirectory(prefix="dermgate-video-") as name:
        folder = Path(name)
        _run(source, folder, wishes, seconds, stopping)
        worked = _result(folder)
        stills = tuple(Still(number, _read(folder / still_name(number), _MOST_STILL_BYTES)) for number in worked.stills)
        if not stills:
            raise DamagedPictureError("the video holds no frame")
        yield CleanVideo(folder / STORED, worked.facts, stills)


def _run(source: BinaryIO, folder: Path, wishes: VideoWishes, seconds: float, stopping: Callable[[], bool]) -> None:
    processor_seconds = max(1, round(seconds * _PROCESSORS))
    command = [sys.executable, "-m", WORKER, str(folder), WISHES.dump_json(wishes).decode(), str(processor_seconds)]
    process = subprocess.Popen(  # noqa: S603  # our own module, by a list of arguments
        command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(process, seconds, stopping)
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", seconds: float, stopping: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stopping():
            raise WorkGivenUp
        try:
            process.wait(min(left, _LOOK_SECONDS))
        except subprocess.TimeoutExpired:
            continue
        return
    raise VideoTooCostlyError(f"reading the video takes longer than {seconds:.0f} seconds")


def _result(folder: Path) -> WorkedVideo:
    """What the process left; one that ended without a word was ended by what it read, or by its bounds."""
    if (folder / REFUSAL).exists():
        said = orjson.loads(_read(folder / REFUSAL, _MOST_RESULT_BYTES))
        raise _REFUSALS.get(said["code"], DamagedPictureError)(said["detail"])
    try:
        return WORKED.validate_json(_read(folder / RESULT, _MOST_RESULT_BYTES))
    except (FileNotFoundError, ValidationError) as error:
        raise DamagedPictureError("the video cannot be read") from error


def _read(path: Path, most_bytes: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(most_bytes)
