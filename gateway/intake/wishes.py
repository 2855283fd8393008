"""What the settings want of a video."""

from gateway.config import IntakeSettings
from gateway.conversion.video.job import VideoWishes
from gateway.conversion.video.probed import VideoLimits


def video_wishes(settings: IntakeSettings) -> VideoWishes:
    """The wishes of an intake."""
    return VideoWishes(
        keep_sound=settings.keep_audio,
        keep_hevc=settings.keep_hevc,
        stills=settings.video_frames,
        limits=VideoLimits(seconds=settings.max_video_seconds),
    )
