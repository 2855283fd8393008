"""What becomes of a video: kept as it is coded, or coded anew and why. A pure function over probed facts."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from gateway.conversion.errors import TooManyPixelsError, UnsupportedCodingError
from gateway.conversion.video.errors import VideoTooLongError
from gateway.conversion.video.levels import H264_HIGH_4_1, LEVEL_4_1, MACROBLOCK, macroblocks, transfer_syntax_of
from gateway.conversion.video.probed import Probed, VideoLimits

MOST_JITTER: Final = 0.5
"""Up to so much of a frame's time off the beat, frames are put on it and none changes places with another."""
MOST_PIXEL_ASPECT: Final = Fraction(10)
"""Widths over heights of pixels that anything films with are between 1/2 and 2."""
HLG, PQ = 18, 16
"""Transfer characteristics of HDR (ISO/IEC 23091-2)."""
_BEATS: Final = (
    Fraction(15), Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keep:
    """The stream goes into the object as it is coded."""

    transfer_syntax_uid: str


@dataclass(frozen=True, slots=True)
class Transcode:
    """The frames are coded anew as H.264 High 4.1, of this size and rate, for these reasons."""

    columns: int
    rows: int
    rate: Fraction
    reasons: tuple[str, ...]
    transfer_syntax_uid: str = H264_HIGH_4_1


Plan = Keep | Transcode


def plan(video: Probed, limits: VideoLimits, *, keep_hevc: bool) -> Plan:
    """What to do with a video; `keep_hevc` says that destinations take HEVC.

    Raises VideoTooLongError, TooManyPixelsError, UnsupportedCodingError.
    """
    _check(video, limits)
    syntax = transfer_syntax_of(video)
    reasons = tuple(words for words, applies in _TROUBLES if applies(video))
    if video.codec == "hevc" and not keep_hevc:
        reasons = ("HEVC is not taken by the destinations", *reasons)
    if syntax is None and not reasons:
        reasons = ("profile, level, size, frame rate or bit rate are beyond its transfer syntaxes",)
    if syntax is not None and not reasons:
        return Keep(syntax)
    columns, rows = fitting_size(*_upright_size(video))
    return Transcode(columns, rows, fitting_rate(columns, rows, video.rate), reasons)


_TROUBLES: Final[tuple[tuple[str, Callable[[Probed], bool]], ...]] = (
    ("it is HDR", lambda video: video.transfer in {HLG, PQ}),
    ("its colours reach beyond sRGB", lambda video: video.wide_gamut),
    ("it has more than 8 bits per sample", lambda video: video.bits > 8),
    ("its colour is not sampled 4:2:0", lambda video: not video.chroma_420),
    ("its samples use the full range", lambda video: video.full_range),
    ("its container turns it", lambda video: video.turn != 0 or video.mirrored),
    ("its frame rate varies", lambda video: video.jitter >= MOST_JITTER),
    ("its edit list hides frames", lambda video: video.hidden > 0),
    ("it does not begin with a key frame", lambda video: not video.in_order),
    ("its coding parameters change", lambda video: not video.plain_parameters),
    ("it is interlaced", lambda video: video.interlaced),
    ("its pixels are not square", lambda video: video.pixel_aspect != 1),
)
"""What keeps a stream from going into an object as it is, with what is said about it."""


def _check(video: Probed, limits: VideoLimits) -> None:
    if video.seconds > limits.seconds:
        raise VideoTooLongError(f"the video takes {video.seconds:.0f} seconds, and {limits.seconds:.0f} are allowed")
    if video.rate > limits.frames_per_second:
        raise VideoTooLongError(f"more than {limits.frames_per_second:.0f} frames a second are not taken")
    if video.columns * video.rows > limits.frame_pixels:
        raise TooManyPixelsError(
            f"frames of {video.columns} x {video.rows} pixels, and {limits.frame_pixels} are allowed"
        )
    if not 1 / MOST_PIXEL_ASPECT <= video.pixel_aspect <= MOST_PIXEL_ASPECT:
        raise UnsupportedCodingError("pixels of such a shape are not taken: one edge is over ten times the other")


def _upright_size(video: Probed) -> tuple[int, int]:
    """Columns and rows when turned, with square pixels (the wider side grows, so that nothing is lost)."""
    wide = max(video.pixel_aspect, Fraction(1))
    high = max(1 / video.pixel_aspect, Fraction(1))
    columns, rows = round(video.columns * wide), round(video.rows * high)
    return (rows, columns) if video.turn in {90, 270} else (columns, rows)


def fitting_size(columns: int, rows: int) -> tuple[int, int]:
    """The largest even size of the same shape within level 4.1."""
    if LEVEL_4_1.holds(columns, rows, Fraction(1)):
        return _even(columns), _even(rows)
    longest = max(columns, rows)
    for edge in range(min(longest, LEVEL_4_1.longest_edge) // MACROBLOCK * MACROBLOCK, 0, -MACROBLOCK):
        size = _even(round(columns * edge / longest)), _even(round(rows * edge / longest))
        if LEVEL_4_1.holds(*size, Fraction(1)):
            return size
    return 2, 2


def fitting_rate(columns: int, rows: int, rate: Fraction) -> Fraction:
    """A constant rate near the video's own that level 4.1 allows at this size; a whole part of it where it is less."""
    most = min(Fraction(LEVEL_4_1.macroblocks_per_second, macroblocks(columns, rows)), _BEATS[-1])
    beat = min(_BEATS, key=lambda beat: abs(beat - rate))
    nominal = beat if abs(beat - rate) < rate / 20 else max(rate.limit_denominator(1000), Fraction(1))
    return nominal / -(-nominal // most)


def _even(edge: int) -> int:
    return max(2, edge - edge % 2)
