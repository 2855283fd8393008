"""What can be wrong with a video, beside what can be wrong with any picture (`gateway.conversion.errors`)."""

from gateway.conversion.errors import PictureError


class VideoTooLongError(PictureError):
    """The video takes more seconds, frames or bytes than allowed."""

    code = "video_too_long"


class VideoTooCostlyError(PictureError):
    """Reading the video took more time or memory than it may."""

    code = "video_too_costly"


class WorkGivenUp(Exception):
    """Whoever wanted the video wants it no longer; says nothing about it."""
