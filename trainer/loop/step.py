"""What a look of a watcher came to."""

from enum import Enum


class Step(Enum):
    """Nothing could be done, something was done, or what was tried came to nothing."""

    WAITS = "waits"
    WENT_ON = "went on"
    REFUSED = "refused"
