"""What one file may cost the process that converts it: whatever reaches beyond ends that process, not the run."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PHOTO_SECONDS = 600.0
"""A photo of 220 million pixels takes a tenth of that."""
FILM_SECONDS = 900.0
"""For the process that works on one video, as at the intake."""
VIDEO_SECONDS = FILM_SECONDS + PHOTO_SECONDS
"""For a video in all: reading, judging and writing it, beside what its own process does."""
_MEMORY_BYTES = 4 * 1024**3
_PIXEL_BYTES = 24
"""What the most costly way of a photo holds for each pixel, at 16 bits and with every copy."""


def bound_memory(max_pixels: int) -> None:
    """Limit the address space of this process, so that a decoder gone wild fails by itself."""
    if sys.platform != "linux":
        return
    wanted = _MEMORY_BYTES + _PIXEL_BYTES * max_pixels
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@contextmanager
def bounded_time(seconds: float) -> Iterator[None]:
    """End this process where the block takes longer: a decoder that hangs listens to nothing but the system."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def end_when_late() -> None:
    """Let the timer of `bounded_time` end this process, whatever its parent does with the signal."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
