"""What all frames of a video have in common: size, sampling and colours. One that differs would be shown wrongly."""

from dataclasses import dataclass, field
from typing import Final

from av.video.frame import VideoFrame

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError

UNSPECIFIED: Final = 2
"""What a stream says of its colours that says nothing (ISO/IEC 23091-2)."""
_HD_ROWS: Final = 720

_Appearance = tuple[object, ...]


class InterlacedLater(Exception):
    """A frame is interlaced of a video that begins with frames that are not."""


def means_bt709(rows: int) -> bool:
    """Which matrix a stream means that does not say: BT.709 from 720 rows on, below BT.601, as browsers have it."""
    return rows >= _HD_ROWS


@dataclass(slots=True)
class Steadiness:
    """Checks the decoded frames of one video, in order; `interlaced` says that frames may be."""

    interlaced: bool
    _first: _Appearance | None = field(default=None, init=False)

    def check(self, frame: VideoFrame) -> None:
        """Raises DamagedPictureError, UnsupportedCodingError, InterlacedLater."""
        if frame.is_corrupt:
            raise DamagedPictureError("a frame of the video is damaged")
        appearance = _of(frame)
        self._first = self._first or appearance
        if appearance != self._first:
            raise UnsupportedCodingError("the frames of the video change their size or their colours on the way")
        if frame.interlaced_frame and not self.interlaced:
            raise InterlacedLater


def _of(frame: VideoFrame) -> _Appearance:
    colors = (frame.color_range, frame.color_trc, frame.color_primaries, frame.colorspace)
    return frame.width, frame.height, frame.format.name, *map(int, colors)
