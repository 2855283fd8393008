"""Opening MP4 and QuickTime files with FFmpeg, by way of PyAV, for reading."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError

_DEMUXER: Final = "mov"
_OPTIONS: Final = {"enable_drefs": "0", "protocol_whitelist": "file"}
"""Only this reader is asked, and it follows no reference to another file or host."""
_NO_FAULT_OF_THE_VIDEO: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ENOENT, errno.EACCES, errno.ESTALE,
     errno.EMFILE, errno.ENFILE}
)  # fmt: skip
"""What the system says of files, and never FFmpeg of what is in them."""
_CODECS: Final = frozenset({"h264", "hevc"})


@contextmanager
def opened(source: Path, most_streams: int = 16) -> Iterator[InputContainer]:
    """The container in a regular file; what FFmpeg finds wrong in the block comes out as DamagedPictureError.

    Raises OSError and MemoryError where it is the system that FFmpeg fails of.
    """
    options = {**_OPTIONS, "max_streams": str(most_streams)}
    try:
        with av.open(str(source), mode="r", format=_DEMUXER, options=options, metadata_errors="replace") as container:
            yield container
    except av.FFmpegError as error:
        if isinstance(error, MemoryError) or error.errno in _NO_FAULT_OF_THE_VIDEO:
            raise
        raise DamagedPictureError("the video cannot be read") from error


def picture_stream(container: InputContainer) -> VideoStream:
    """The stream that is the video, not a cover picture; raises UnsupportedCodingError where there is none."""
    # A stream of an unknown or encrypted coding has no codec context, whatever PyAV's types say.
    readable = [stream for stream in container.streams.video if getattr(stream, "codec_context", None) is not None]
    for stream in readable:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context.name in _CODECS:
            # Threads of FFmpeg's decoders wait for each other, in damaged streams for ever.
            stream.codec_context.thread_count = 1
            return stream
    names = sorted({stream.codec_context.name for stream in readable})
    coded = f" but {', '.join(names)}" if names else ""
    raise UnsupportedCodingError(f"the file holds neither H.264 nor HEVC video{coded}")


def seconds_of(stream: VideoStream, time: int) -> Fraction:
    """A time of a stream's packet or frame, in seconds."""
    assert stream.time_base is not None  # every stream of such a container has one
    return time * stream.time_base
