"""A video's packets in a new MP4 file that holds nothing else: no metadata, no other stream, no useless SEI.

The frames are put on the beat: each packet gets the time that its place in the order of display has at the rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.video.opening import opened, picture_stream
from gateway.conversion.video.probed import Sound
from gateway.conversion.video.probing import configuration_of
from gateway.conversion.video.units import clean_packet

_CONTAINER: Final = "mp4"
_OPTIONS: Final = {"movflags": "+faststart", "fflags": "+bitexact"}
"""The index before the pictures, and neither the time of writing nor the writer's name."""

_SOUND_CODECS: Final = frozenset({"aac", "mp3", "ac3"})
"""Codings of sound that both PS3.5 8.2.7 and MP4 have."""
_MOST_CHANNELS: Final = 2

_Timed = tuple[Fraction, "Packet[Any]"]


def is_keepable(sound: Sound | None) -> bool:
    """Whether a sound track can stay as it is coded."""
    return sound is not None and sound.codec in _SOUND_CODECS and 1 <= sound.channels <= _MOST_CHANNELS


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """Where a sound track is taken from, and from which second of it on."""

    source: Path
    start: Fraction


def remux(source: Path, target: Path, rate: Fraction, sound: SoundTrack | None = None) -> None:
    """Write the video of `source` to `target`, at a constant rate, with the sound; raises DamagedPictureError."""
    order = _order(source)
    with opened(source) as container, av.open(str(target), "w", format=_CONTAINER, options=_OPTIONS) as made:
        pictures = _pictures(container, made, order, rate)
        if sound is None:
            _write(made, pictures)
            return
        with opened(sound.source) as heard:
            track = heard.streams.audio[0]
            # Begun before the first packet is written: a container's head names all of its streams.
            copied = made.add_stream_from_template(track)
            _write(made, merge(pictures, _sounds(heard, track, copied, sound.start), key=lambda timed: timed[0]))


def _write(made: OutputContainer, packets: Iterator[_Timed]) -> None:
    for _, packet in packets:
        made.mux_one(packet)


@dataclass(frozen=True, slots=True)
class _Order:
    """The place of each packet in the order of display, by its time.

    `delay` is by how many frames decoding runs ahead of display.
    """

    places: dict[int, int]
    delay: int


def _order(source: Path) -> _Order:
    with opened(source) as container:
        video = picture_stream(container)
        times = [packet.pts for packet in container.demux(video) if packet.size and packet.pts is not None]
    places = {time: place for place, time in enumerate(sorted(times))}
    if not times or len(places) != len(times):
        raise DamagedPictureError("two frames of the video have the same time")
    return _Order(places, max(index - places[time] for index, time in enumerate(times)))


def _pictures(container: InputContainer, made: OutputContainer, order: _Order, rate: Fraction) -> Iterator[_Timed]:
    """The video's packets for the new file: each cleaned, and on the beat."""
    video = picture_stream(container)
    copied = _copied_video(made, video, rate)
    return _cleaned(container, video, copied, order, rate)


def _copied_video(made: OutputContainer, video: VideoStream, rate: Fraction) -> VideoStream:
    copied = made.add_stream_from_template(video)
    copied.codec_context.extradata = configuration_of(video).record
    copied.time_base = Fraction(1, rate.numerator)
    copied.metadata.clear()
    return copied


def _cleaned(
    container: InputContainer, video: VideoStream, copied: VideoStream, order: _Order, rate: Fraction
) -> Iterator[_Timed]:
    configuration = configuration_of(video)
    time_base = Fraction(1, rate.numerator)
    packets = (packet for packet in container.demux(video) if packet.size)
    for index, packet in enumerate(packets):
        place = None if packet.pts is None else order.places.get(packet.pts)
        if place is None:
            raise DamagedPictureError("a packet of the video has no time")
        copy = Packet(clean_packet(bytes(packet), configuration))
        copy.pts = place * rate.denominator
        copy.dts = (index - order.delay) * rate.denominator
        copy.duration = rate.denominator
        copy.time_base = time_base
        copy.is_keyframe = packet.is_keyframe
        copy.stream = copied
        yield copy.dts * time_base, copy


def _sounds(container: InputContainer, track: AudioStream, copied: AudioStream, start: Fraction) -> Iterator[_Timed]:
    """The sound's packets for a file whose video begins at 0; what is heard before that is left out."""
    assert track.time_base is not None
    copied.metadata.clear()
    before = round(start / track.time_base)
    for packet in container.demux(track):
        if packet.size == 0 or packet.pts is None or packet.dts is None or packet.pts < before:
            continue
        packet.pts -= before
        packet.dts -= before
        packet.stream = copied
        yield packet.dts * track.time_base, packet
