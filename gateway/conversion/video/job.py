"""What passes between the gateway and the process that works on one video: wishes in, facts and files out."""

from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from gateway.conversion.facts import VideoFacts
from gateway.conversion.video.probed import VideoLimits

STORED: Final = "stored.mp4"
RESULT: Final = "result.json"
REFUSAL: Final = "refusal.json"
FAULT: Final = "fault"

FAULTY: Final = 70
"""Exit status of a process that met an error nobody thought of; `FAULT` holds the name of its type."""
HINDERED: Final = 100
"""An exit status above this is an errno and so much: the process could not read or write its files."""


@dataclass(frozen=True, slots=True)
class VideoWishes:
    """What is wanted of a video: whether sound and HEVC are kept, and how many frames are to be judged."""

    keep_sound: bool = False
    keep_hevc: bool = False
    stills: int = 6
    limits: VideoLimits = field(default_factory=VideoLimits)


@dataclass(frozen=True, slots=True)
class Still:
    """One frame, as a baseline JPEG (4:4:4); `number` counts from 1 in the order of display."""

    number: int
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WorkedVideo:
    """What was made of a video in a folder: `STORED`, and a JPEG for each number in `stills` (`still_name`)."""

    facts: VideoFacts
    stills: tuple[int, ...]


WORKED: Final = TypeAdapter(WorkedVideo)
WISHES: Final = TypeAdapter(VideoWishes)


def still_name(number: int) -> str:
    """The file name of a frame, counted from 1."""
    return f"frame-{number}.jpg"
