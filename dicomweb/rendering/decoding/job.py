"""What passes between the server and a process that decodes: a fixed head and coded bytes in, samples out."""

from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct
from typing import Final

REQUEST: Final = Struct("<BBQ")
"""Coding, reduction, bytes that follow."""
REPLY: Final = Struct("<BIIBBQ")
"""Whether it was refused, rows, columns, samples a pixel, bytes a sample, bytes that follow."""


class Coding(IntEnum):
    """What the bytes are."""

    JPEG_2000 = 0
    JPEG_LS = 1
    VIDEO = 2


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to decode: of a video the first; `reduction` divides both edges where the coding can do that."""

    coding: Coding
    data: bytes = field(repr=False)
    reduction: int = 1
