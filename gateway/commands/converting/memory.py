"""How a worker uses memory: photo after photo of a few megabytes, through many small objects."""

import ctypes
import gc
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
"""Parameters of mallopt(3)."""
_LARGEST_KEPT: Final = 32 * 1024**2
"""The largest that the C library takes for its threshold."""
_KEPT_BYTES: Final = 256 * 1024**2


def keep_freed_memory() -> None:
    """Let this process keep what it frees, for the next photo: fresh pages cost more than reading a file into them.

    Of other C libraries than GNU's nothing is asked. What is there already is no longer looked through for garbage.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
    gc.freeze()
