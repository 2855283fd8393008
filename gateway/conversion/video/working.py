"""Making of a video one that is fit to keep: an MP4 file of one stream, and frames of it to judge.

This happens in a process of its own (`gateway.conversion.video.worker`).
"""

from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from gateway.conversion.facts import VideoFacts
from gateway.conversion.picture import LossyStep, derivation_text
from gateway.conversion.video.appearance import InterlacedLater
from gateway.conversion.video.job import STORED, VideoWishes, WorkedVideo, still_name
from gateway.conversion.video.planning import Plan, Transcode, plan
from gateway.conversion.video.probed import Probed
from gateway.conversion.video.probing import probe
from gateway.conversion.video.remuxing import SoundTrack, is_keepable, remux
from gateway.conversion.video.stills import take_stills
from gateway.conversion.video.transcoding import transcode

_CODED_ANEW: Final = "anew.mp4"
_METHODS: Final = {"h264": "ISO_14496_10", "hevc": "ISO_23008_2"}
_NAMES: Final = {"h264": "H.264", "hevc": "HEVC"}


def work(source: Path, folder: Path, wishes: VideoWishes) -> WorkedVideo:
    """Make the clean video and its stills in an empty folder; raises PictureError."""
    video = probe(source, wishes.limits)
    try:
        return _made(source, folder, wishes, video)
    except InterlacedLater:
        return _made(source, folder, wishes, replace(video, interlaced=True))


def _made(source: Path, folder: Path, wishes: VideoWishes, video: Probed) -> WorkedVideo:
    planned = plan(video, wishes.limits, keep_hevc=wishes.keep_hevc)
    stored = folder / STORED
    sound = SoundTrack(source, video.start) if wishes.keep_sound and is_keepable(video.sound) else None
    if isinstance(planned, Transcode):
        anew = folder / _CODED_ANEW
        transcode(source, anew, video, planned)
        remux(anew, stored, planned.rate, sound)
        anew.unlink()
    else:
        remux(source, stored, video.rate, sound)
    made = replace(probe(stored, wishes.limits), rate=planned.rate) if isinstance(planned, Transcode) else video
    stills = take_stills(stored, made.frames, wishes.stills)
    for still in stills:
        (folder / still_name(still.number)).write_bytes(still.jpeg)
    return WorkedVideo(_facts(video, planned, made, sound), tuple(still.number for still in stills))


def _facts(video: Probed, planned: Plan, made: Probed, sound: SoundTrack | None) -> VideoFacts:
    is_coded_anew = isinstance(planned, Transcode)
    return VideoFacts(
        rows=made.rows,
        columns=made.columns,
        frames=made.frames,
        frame_time_ms=float(1000 / made.rate),
        transfer_syntax_uid=planned.transfer_syntax_uid,
        lossy=(_lossy_step(video), _lossy_step(made)) if is_coded_anew else (_lossy_step(video),),
        audio_channels=_channels(video) if sound is not None else 0,
        derived=is_coded_anew,
        derivation=_derivation(video, planned, made, sound),
        exif=video.exif,
    )


def _channels(video: Probed) -> Literal[0, 1, 2]:
    return 0 if video.sound is None else 1 if video.sound.channels == 1 else 2


def _lossy_step(video: Probed) -> LossyStep:
    """Three samples a pixel, as a decoded frame has them, over the bytes of the stream."""
    raw = video.rows * video.columns * 3 * video.frames
    return LossyStep(raw / max(video.video_bytes, 1), _METHODS[video.codec])


def _derivation(video: Probed, planned: Plan, made: Probed, sound: SoundTrack | None) -> str:
    steps = ["sound removed"] if video.sound is not None and sound is None else []
    if not isinstance(planned, Transcode):
        return derivation_text(steps, "without loss to the pictures")
    coded = (
        f"{_NAMES[video.codec]} of {video.columns} x {video.rows} pixels and {float(video.rate):.2f} frames a second "
        f"coded anew as H.264 High Profile at Level 4.1 of {made.columns} x {made.rows} pixels and "
        f"{float(made.rate):.2f} frames a second, because {', '.join(planned.reasons)}"
    )
    return derivation_text([coded, *steps])
