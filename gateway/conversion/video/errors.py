"""What can be wrong with a video, beside what can be wrong with any picture (`gateway.conversion.errors`).

And what can go wrong with the work on it, which says nothing about the video:

VideoWorkFailed
├── VideoWorkHindered     the disk, the installation or somebody else stood in the way
└── VideoWorkDied         its process ended without a word
"""

from gateway.conversion.errors import PictureError


class VideoTooLongError(PictureError):
    """The video takes more seconds, frames or bytes than allowed."""

    code = "video_too_long"


class VideoTooCostlyError(PictureError):
    """Reading the video took more time or memory than it may."""

    code = "video_too_costly"


class VideoWorkFailed(Exception):
    """The work on a video came to no end; messages hold nothing of what is in it."""


class VideoWorkHindered(VideoWorkFailed):
    """Something that is no fault of the video, and may well pass."""


class VideoWorkDied(VideoWorkFailed):
    """Nobody knows whether it died of what it read or for want of memory: worth a few more attempts."""


class WorkGivenUp(Exception):
    """Whoever wanted the video wants it no longer; says nothing about it."""
