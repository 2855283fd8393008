"""What objects of several frames say of them (PS3.3 C.7.6.5 Cine, C.7.6.6 Multi-frame, C.8.6.3 SC Multi-frame)."""

from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from gateway.conversion.dataset import Values, code, dataset_of
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_attributes import decimal_string
from gateway.conversion.facts import VideoFacts
from gateway.conversion.lossy_history import lossy_attributes
from gateway.conversion.picture import MAX_EDGE

_FRAME_TIME: Final = Tag("FrameTime")
_FRAME_TIME_VECTOR: Final = Tag("FrameTimeVector")
_PAGE_NUMBER_VECTOR: Final = Tag("PageNumberVector")
_MAX_FRAME_TIME_MS: Final = 60_000


def frames_module(frames: int, frame_times_ms: Sequence[float]) -> Values:
    """SC Multi-frame Image, its vector, and Cine for what moves; `frame_times_ms` says how long each frame is shown.

    There are several frames. Pages have numbers, an animation the time from one frame to the next, the first at 0
    (C.7.6.5.1.2).
    """
    if not frame_times_ms:
        pages = [str(number + 1) for number in range(frames)]
        return {"NumberOfFrames": frames, "FrameIncrementPointer": _PAGE_NUMBER_VECTOR, "PageNumberVector": pages}
    if len(frame_times_ms) != frames:
        raise InvalidFactsError("frame_times_ms", "is not one time for each frame")
    return {
        "NumberOfFrames": frames,
        "FrameIncrementPointer": _FRAME_TIME_VECTOR,
        "FrameTimeVector": [decimal_string(time) for time in (0.0, *frame_times_ms[:-1])],
        "CineRate": _mean_rate(frame_times_ms),
    }


def video_module(video: VideoFacts) -> Values:
    """Multi-frame, Cine and Image Pixel of a video, without the pixels.

    Every syntax of a video can carry sound, so that its description is there, and empty for none (C.7.6.5, Type 2C).
    Raises InvalidFactsError where the facts make no video.
    """
    _check(video)
    rate = video.cine_rate
    return {
        "NumberOfFrames": video.frames,
        "FrameIncrementPointer": _FRAME_TIME,
        "FrameTime": decimal_string(video.frame_time_ms),
        "CineRate": rate,
        "RecommendedDisplayFrameRate": rate,
        "EffectiveDuration": decimal_string(video.frames * video.frame_time_ms / 1000),
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "YBR_PARTIAL_420",
        "PlanarConfiguration": 0,
        "Rows": video.rows,
        "Columns": video.columns,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        **lossy_attributes(video.lossy),
        "MultiplexedAudioChannelsDescriptionCodeSequence": _sound(video.audio_channels),
    }


def _check(video: VideoFacts) -> None:
    if not (1 <= video.rows <= MAX_EDGE and 1 <= video.columns <= MAX_EDGE):
        raise InvalidFactsError("rows", "or columns fit no picture")
    if video.frames < 1 or not 0 < video.frame_time_ms <= _MAX_FRAME_TIME_MS:
        raise InvalidFactsError("frames", "or the time of one make no video")
    if not video.lossy:
        raise InvalidFactsError("lossy", "is empty: no video stream is without loss")


def _sound(channels: int) -> list[Dataset]:
    """One description for the one track: what its microphone heard (PS3.16 CID 3000)."""
    if not channels:
        return []
    return [
        dataset_of(
            {
                "ChannelIdentificationCode": 1,
                "ChannelMode": "MONO" if channels == 1 else "STEREO",
                "ChannelSourceSequence": [code("109112", "DCM", "Ambient room environment")],
            }
        )
    ]


def _mean_rate(frame_times_ms: Sequence[float]) -> int | None:
    total = sum(frame_times_ms)
    return max(1, round(1000 * len(frame_times_ms) / total)) if total > 0 else None
