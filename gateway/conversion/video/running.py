"""Having a video worked on by a process of its own, and taking over what came of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import orjson

from gateway.conversion.errors import (
    DamagedPictureError,
    PictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
    UnsupportedFormatError,
)
from gateway.conversion.facts import VideoFacts
from gateway.conversion.video.errors import VideoTooCostlyError, VideoTooLongError, VideoWorkDied, VideoWorkHindered
from gateway.conversion.video.job import (
    REFUSAL,
    RESULT,
    STORED,
    WORKED,
    Still,
    VideoWishes,
    still_name,
)
from gateway.conversion.video.process import run_worker
from gateway.conversion.video.workplace import WorkFolder, work_folder

DEFAULT_SECONDS: Final = 900.0
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
    workplace: Path,
    *,
    seconds: float = DEFAULT_SECONDS,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[CleanVideo]:
    """The clean video of a regular file, for the time of the block; it is worked on in a hidden folder of `workplace`.

    Raises PictureError: UnsupportedCodingError, DamagedPictureError, TooManyPixelsError, VideoTooLongError, or
    VideoTooCostlyError where it takes longer than `seconds`; VideoWorkHindered and VideoWorkDied, which say nothing
    of the video; WorkGivenUp soon after `stopping` says so.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(work_folder(workplace))
        except OSError as error:
            raise VideoWorkHindered(f"there is no folder for the work on the video: {error.strerror}") from error
        run_worker(source, folder, wishes, seconds, stopping)
        yield _result(folder)


def _result(folder: WorkFolder) -> CleanVideo:
    """What the process left: the video, or why it is refused."""
    try:
        if (folder.path / REFUSAL).exists():
            said = orjson.loads(_read(folder.path / REFUSAL, _MOST_RESULT_BYTES))
            raise _REFUSALS[said["code"]](said["detail"])
        worked = WORKED.validate_json(_read(folder.path / RESULT, _MOST_RESULT_BYTES))
        stills = tuple(
            Still(number, _read(folder.path / still_name(number), _MOST_STILL_BYTES)) for number in worked.stills
        )
    except (OSError, KeyError, ValueError) as error:  # half a file, or none
        raise VideoWorkDied("the process that worked on the video left no result") from error
    return CleanVideo(folder.path / STORED, worked.facts, stills)


def _read(path: Path, most_bytes: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(most_bytes)
