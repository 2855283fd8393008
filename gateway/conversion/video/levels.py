"""What levels of H.264 and HEVC allow, and which transfer syntax carries them (PS3.5 8.2.7 to 8.2.11, A.4).

The BD-compatible syntax (.103) allows less than High Profile / Level 4.1 (.102) and what it carries is carried by
.102 as well, so that it is never chosen.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from gateway.conversion.video.probed import Probed

MACROBLOCK: Final = 16


@dataclass(frozen=True, slots=True)
class Level:
    """Bounds of one H.264 level in the High profile (Rec. ITU-T H.264 table A-1, A.3.3)."""

    level: int
    macroblocks: int
    macroblocks_per_second: int
    bits_per_second: int

    @property
    def longest_edge(self) -> int:
        """The most columns or rows that a frame can have, in pixels."""
        return int((8 * self.macroblocks) ** 0.5) * MACROBLOCK

    def holds(self, columns: int, rows: int, rate: Fraction) -> bool:
        """Whether frames of this size and number fit."""
        count = macroblocks(columns, rows)
        is_small = count <= self.macroblocks and max(columns, rows) <= self.longest_edge
        return is_small and count * rate <= self.macroblocks_per_second


LEVEL_4_1: Final = Level(41, 8192, 245_760, 62_500_000)
LEVEL_4_2: Final = Level(42, 8704, 522_240, 62_500_000)

H264_HIGH_4_1: Final = "1.2.840.10008.1.2.4.102"
_H264_HIGH_4_2: Final = "1.2.840.10008.1.2.4.104"
_HEVC_MAIN_5_1: Final = "1.2.840.10008.1.2.4.107"
_HEVC_MAIN_10_5_1: Final = "1.2.840.10008.1.2.4.108"
# Said here and not taken from pydicom, which the process that works on a video does without.

_H264_SYNTAXES: Final = ((LEVEL_4_1, H264_HIGH_4_1), (LEVEL_4_2, _H264_HIGH_4_2))
_BASELINE, _MAIN, _HIGH = 66, 77, 100
_HEVC_MAIN, _HEVC_MAIN_10 = 1, 2
_HEVC_SYNTAXES: Final = {_HEVC_MAIN: _HEVC_MAIN_5_1, _HEVC_MAIN_10: _HEVC_MAIN_10_5_1}
_HEVC_LEVEL_5_1: Final = 153
_HEVC_5_1_PIXELS: Final = 8_912_896
_HEVC_5_1_PIXELS_PER_SECOND: Final = 534_773_760
_HEVC_5_1_BITS_PER_SECOND: Final = 40_000_000


def macroblocks(columns: int, rows: int) -> int:
    """How many macroblocks a frame has."""
    return -(-columns // MACROBLOCK) * -(-rows // MACROBLOCK)


def transfer_syntax_of(video: Probed) -> str | None:
    """The syntax whose profile and level the stream keeps to, in what it says and in what it is; None for none."""
    return _of_h264(video) if video.codec == "h264" else _of_hevc(video)


def _of_h264(video: Probed) -> str | None:
    """Decoders of the High profile read Main and constrained Baseline streams as well (H.264 A.2.4)."""
    is_readable = video.profile in {_MAIN, _HIGH} or (video.profile == _BASELINE and video.constrained)
    if not is_readable:
        return None
    for level, syntax in _H264_SYNTAXES:
        fits = level.holds(video.columns, video.rows, video.rate) and video.bits_per_second <= level.bits_per_second
        if video.level <= level.level and fits:
            return syntax
    return None


def _of_hevc(video: Probed) -> str | None:
    pixels = video.columns * video.rows
    fits = (
        video.level <= _HEVC_LEVEL_5_1
        and pixels <= _HEVC_5_1_PIXELS
        and pixels * video.rate <= _HEVC_5_1_PIXELS_PER_SECOND
        and video.bits_per_second <= _HEVC_5_1_BITS_PER_SECOND
    )
    return _HEVC_SYNTAXES.get(video.profile) if fits else None
