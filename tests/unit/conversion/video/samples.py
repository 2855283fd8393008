"""Small videos, made on the spot by FFmpeg's encoders."""

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.video.stream import VideoStream

Pixels = npt.NDArray[Any]

SECRETS = (b"SECRET-OWNER", b"+37.5", b"SECRET-TITLE", b"Lavf", b"x264", b"x265", b"Lavc")
"""What stands in a container or a stream as it comes, and never in what is kept."""
METADATA = {
    "location": "+37.5665+126.9780/",
    "artist": "SECRET-OWNER",
    "title": "SECRET-TITLE",
    "creation_time": "2026-05-07T01:02:03Z",
}


def scene(index: int, columns: int = 320, rows: int = 240) -> Pixels:
    """One frame, another for each index: a slanted ramp that moves, with a red top left corner."""
    y, x = np.mgrid[0:rows, 0:columns]
    pixels = np.stack([60 + x % 120, 60 + y % 120, (x + y + 5 * index) % 160], axis=-1).astype(np.uint8)
    pixels[: rows // 4, : columns // 4] = (220, 30, 30)
    return pixels


def make_video(
    path: Path,
    *,
    frames: int = 12,
    size: tuple[int, int] = (320, 240),
    rate: Fraction = Fraction(30),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    container: str = "mp4",
    metadata: Mapping[str, str] | None = None,
    counterclockwise: int = 0,
    times: Sequence[int] | None = None,
    sound: bool = False,
    faststart: bool = False,
) -> Path:
    """Write a video; `times` are those of the frames, in hundredths of a frame, `faststart` puts the index first."""
    quiet = {"libx264": {"preset": "ultrafast"}, "libx265": {"x265-params": "log-level=none"}}.get(codec, {})
    muxing = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", format=container, options=muxing) as made:
        made.metadata.update(metadata or {})
        stream = cast(VideoStream, made.add_stream(codec, rate=rate, options={**quiet, **(options or {})}))
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        if counterclockwise:
            stream.set_display_rotation(counterclockwise)
        heard = made.add_stream("aac", rate=48000, layout="mono") if sound else None
        if times is not None:
            stream.codec_context.time_base = 1 / (100 * rate)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(scene(index, *size), format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[index], 1 / (100 * rate)
            made.mux(stream.encode(frame))
            if heard is not None:
                silence = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.float32), "fltp", "mono")
                silence.sample_rate = 48000
                made.mux(heard.encode(silence))
        made.mux(stream.encode())
        if heard is not None:
            made.mux(heard.encode())
    return path


def trimmed(path: Path, *, first: int, frames: int) -> Path:
    """Let the one edit of a video of 30 frames a second show so many frames from one on, as phones trim."""
    data = bytearray(path.read_bytes())
    edit = data.index(b"elst") + 12
    _, begin = struct.unpack_from(">Ii", data, edit)
    ticks = struct.unpack_from(">I", data, data.index(b"mdhd") + 16)[0] // 30
    struct.pack_into(">Ii", data, edit, frames * 1000 // 30, begin + first * ticks)
    path.write_bytes(data)
    return path


def joined(first: Path, second: Path, target: Path) -> Path:
    """Two H.264 videos in one track, whose configuration knows the parameter sets of both from the beginning.

    Those of `second` have other numbers (`sps-id` of x264).
    """
    with av.open(str(first)) as one, av.open(str(second)) as other, av.open(str(target), "w", format="mp4") as made:
        streams = one.streams.video[0], other.streams.video[0]
        copied = made.add_stream_from_template(streams[0])
        copied.codec_context.extradata = _both(*(bytes(stream.codec_context.extradata or b"") for stream in streams))
        shift = 0
        for container, stream in zip((one, other), streams, strict=True):
            end = shift
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None and packet.dts is not None:
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.stream = copied
                    made.mux_one(packet)
            shift = end
    return target


def _both(first: bytes, second: bytes) -> bytes:
    """The record of two that have one set of each kind (ISO/IEC 14496-15 5.3.3)."""
    (a, picture_a), (b, picture_b) = _sets(first), _sets(second)
    return first[:5] + b"\xe2" + a + b + b"\x02" + picture_a + picture_b


def _sets(record: bytes) -> tuple[bytes, bytes]:
    end = 8 + int.from_bytes(record[6:8])
    last = end + 3 + int.from_bytes(record[end + 1 : end + 3])
    return record[6:end], record[end + 1 : last]


def decoded(path: Path) -> list[Pixels]:
    """Every frame, as RGB."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
