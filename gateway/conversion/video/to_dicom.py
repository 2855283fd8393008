"""A clean video becomes a DICOM object whose bytes are read from its file while they are written."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.conversion.facts import ObjectFacts
from gateway.conversion.part10 import DicomObject
from gateway.conversion.video.running import CleanVideo
from gateway.conversion.video_object import video_object


@contextmanager
def video_to_dicom(video: CleanVideo, facts: ObjectFacts) -> Iterator[DicomObject]:
    """The Video Photographic object of a video, whose parts can be written within the block.

    Raises InvalidFactsError.
    """
    with (
        video.path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as stream,
    ):
        yield video_object(video.facts, facts, stream)
