"""Finding out what a video is: its container, all of its packets, its first frame. Nothing else is decoded."""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError
from gateway.conversion.video.appearance import UNSPECIFIED
from gateway.conversion.video.configuration import Configuration, read_configuration
from gateway.conversion.video.container_facts import container_facts
from gateway.conversion.video.errors import VideoTooLongError
from gateway.conversion.video.opening import opened, picture_stream, seconds_of
from gateway.conversion.video.probed import Codec, Probed, Sound, VideoLimits
from gateway.conversion.video.timing import rate_of
from gateway.conversion.video.units import changes_parameters

_FULL_RANGE: Final = 2
_DOLBY_TAGS: Final = frozenset({"dvh1", "dvhe", "dva1", "dvav"})
"""Sample entries of Dolby Vision whose base layer shows wrong colours by itself."""
_TURNS: Final[Mapping[tuple[int, int, int, int], int]] = {
    (1, 0, 0, 1): 0,
    (0, 1, -1, 0): 90,
    (-1, 0, 0, -1): 180,
    (0, -1, 1, 0): 270,
}
"""Signs of a, b, c, d of the matrix (ISO/IEC 14496-12 6.2.2) -> degrees clockwise."""
_MATRIX: Final = struct.Struct("<2i4x2i")


@dataclass(slots=True)
class _Packets:
    """What the packets tell, one after the other."""

    times: list[int] = field(default_factory=list)
    video_bytes: int = 0
    hidden: int = 0
    in_order: bool = True
    plain_parameters: bool = True
    last_duration: int = 0

    @property
    def count(self) -> int:
        """How many there are, hidden ones among them."""
        return len(self.times) + self.hidden


def probe(source: Path, limits: VideoLimits) -> Probed:
    """Describe the video in a file.

    Raises UnsupportedCodingError, DamagedPictureError, VideoTooLongError.
    """
    with opened(source, limits.streams) as container:
        video = picture_stream(container)
        _check_entry(video)
        configuration = configuration_of(video)
        packets = _read_packets(container, video, configuration, limits)
    with opened(source, limits.streams) as container:
        video = picture_stream(container)
        frame = _first_frame(container, video)
        return _described(container, video, configuration, packets, frame)


def configuration_of(video: VideoStream) -> Configuration:
    """The stream's decoder configuration; raises UnsupportedCodingError, DamagedPictureError."""
    return read_configuration(cast(Codec, video.codec_context.name), bytes(video.codec_context.extradata or b""))


def _check_entry(video: VideoStream) -> None:
    if video.codec_context.codec_tag.lower() in _DOLBY_TAGS:
        raise UnsupportedCodingError("Dolby Vision without a base layer of its own is not taken")


def _read_packets(
    container: InputContainer, video: VideoStream, configuration: Configuration, limits: VideoLimits
) -> _Packets:
    packets = _Packets()
    for packet in container.demux(video):
        if packet.size == 0:  # the end
            continue
        if packets.count >= limits.frames:
            raise VideoTooLongError(f"the video has more than {limits.frames} frames")
        if packet.pts is None or packet.is_corrupt:
            raise DamagedPictureError("a packet of the video is damaged")
        if packets.count == 0:
            packets.in_order = packet.is_keyframe
        packets.video_bytes += packet.size
        packets.plain_parameters &= not changes_parameters(bytes(packet), configuration)
        if packet.is_discard:
            packets.hidden += 1
            continue
        packets.times.append(packet.pts)
        packets.last_duration = packet.duration or 0
    _check_packets(packets, video)
    packets.times.sort()
    return packets


def _check_packets(packets: _Packets, video: VideoStream) -> None:
    if not packets.times:
        raise DamagedPictureError("the video holds no frame")
    # The index and not the number of samples in the file: frames that an edit list leaves out are not in it.
    if packets.count < len(video.index_entries):
        raise DamagedPictureError("the video is cut short")


def _first_frame(container: InputContainer, video: VideoStream) -> VideoFrame:
    frame = next(container.decode(video), None)
    if frame is None:
        raise DamagedPictureError("the video's first frame cannot be decoded")
    return frame


def _described(
    container: InputContainer, video: VideoStream, configuration: Configuration, packets: _Packets, frame: VideoFrame
) -> Probed:
    rate, jitter = rate_of(packets.times, seconds_of(video, 1), packets.last_duration)
    turn, mirrored = _turn(frame)
    return Probed(
        codec=configuration.codec,
        profile=configuration.profile,
        level=configuration.level,
        constrained=configuration.constrained,
        columns=frame.width,
        rows=frame.height,
        frames=len(packets.times),
        rate=rate,
        start=seconds_of(video, packets.times[0]),
        video_bytes=packets.video_bytes,
        bits=max(component.bits for component in frame.format.components),
        chroma_420="420" in frame.format.name,
        jitter=jitter,
        turn=turn,
        mirrored=mirrored,
        hidden=packets.hidden,
        in_order=packets.in_order,
        plain_parameters=packets.plain_parameters,
        interlaced=frame.interlaced_frame,
        full_range=frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj"),
        says_matrix=int(frame.colorspace) != UNSPECIFIED,
        transfer=int(frame.color_trc),
        wide_gamut=int(frame.color_primaries) in _WIDE_PRIMARIES,
        pixel_aspect=video.sample_aspect_ratio or Fraction(1),
        sound=_sound(container),
        exif=container_facts({**video.metadata, **container.metadata}),
    )


_WIDE_PRIMARIES: Final = frozenset({9, 11, 12})
"""BT.2020, DCI P3, Display P3 (ISO/IEC 23091-2)."""


def _turn(frame: VideoFrame) -> tuple[int, bool]:
    side_data = cast(Iterable[SideData], frame.side_data)  # PyAV types it as a mapping of names
    matrix = next((data for data in side_data if data.type == SideDataType.DISPLAYMATRIX), None)
    if matrix is None:
        return 0, False
    a, b, c, d = (_sign(value) for value in _MATRIX.unpack_from(bytes(matrix)))
    mirrored = a * d - b * c < 0
    signs = (-a, -b, c, d) if mirrored else (a, b, c, d)
    if signs not in _TURNS:
        raise UnsupportedCodingError("the video is turned by an angle that is not right")
    return _TURNS[signs], mirrored


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _sound(container: InputContainer) -> Sound | None:
    track = next(iter(container.streams.audio), None)
    if track is None or getattr(track, "codec_context", None) is None:  # of an unknown coding
        return None
    return Sound(track.codec_context.name, track.codec_context.channels)
