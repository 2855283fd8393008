"""What was laid over a photo after it was taken: print in rows, bars along the edges, a mark repeated all over.

Print is strokes of one colour, narrower than a lesion, in glyphs of one height that stand in a row. Hair is no row of
glyphs; a pen's mark on skin is a few wide strokes; a ruler's ticks are one row of plain bars and count only where
there are as many as in words.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.sorting.morphology import closed_plane, opened_plane
from trainer.sorting.regions import Region, regions_of
from trainer.sorting.views import Mask

Plane = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels of the fine view, right and bottom exclusive."""

_STROKE_REACH = 4  # of 400 pixels: strokes up to 2 % of the short side
_LEAST_RISE = 16.0
_LEAST_GLYPH, _MOST_GLYPH = 5, 64  # height in pixels of 400
_LEAST_IN_ROW = 4
_LINE = 16  # pixels; two glyphs on one line stand at most so far apart in height
_MOST_GLYPHS = 700  # tried, the largest: bounds the work on a picture of gravel
_LEAST_EVENNESS = 0.3
_INK_SPREAD = 40.0  # levels of 255
_FLAT_BORDER = 7.0  # levels of 255 that a bar's colour may spread
_MOSTLY = 0.72
_BAR_EDGE = 22.0
_MOST_BAR = 0.3  # of the side that a bar may cover


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found: `rows` are the boxes of print.

    `print_score` counts the glyphs of the clearest row, weighed by how evenly they stand; `bar_share` is the share of
    the frame under bars of one colour; `repeat_score` 0..1 how strongly the strokes repeat over the frame.
    """

    rows: tuple[Box, ...]
    print_score: float
    bar_share: float
    repeat_score: float


def find_marks(rgb: NDArray[np.uint8], luma: NDArray[np.float32]) -> Marks:
    """Look for marks in the fine view."""
    levels = np.clip(luma, 0, 255).astype(np.uint8)
    bright, dark = levels - opened_plane(levels, _STROKE_REACH), closed_plane(levels, _STROKE_REACH) - levels
    rows: list[Box] = []
    score = 0.0
    for strokes in (bright, dark):
        plane, glyphs = _glyphs(strokes > _rise(strokes))
        inked = _ink(plane, levels)
        for row in _rows(glyphs):
            evenness = _evenness(row) * _constancy([inked[one.label] for one in row])
            if evenness > _LEAST_EVENNESS:
                rows.append(_box_of(row))
                score = max(score, evenness * len(row))
    return Marks(tuple(rows), score, _bar_share(rgb), _repeat_score(np.maximum(bright, dark)))


def _rise(strokes: Plane) -> float:
    """How far print must stand out: well beyond what the photo's own texture does, which covers more than print."""
    return max(_LEAST_RISE, 1.5 * float(np.quantile(strokes[::2, ::2], 0.9)))


def _glyphs(strokes: Mask) -> tuple[NDArray[np.int32], list[Region]]:
    plane, regions = regions_of(strokes, 6)
    shaped = [
        one
        for one in regions
        if _LEAST_GLYPH <= one.height <= _MOST_GLYPH and one.width <= 1.6 * one.height and one.height <= 9 * one.width
    ]
    return plane, shaped[:_MOST_GLYPHS]


def _ink(plane: NDArray[np.int32], levels: Plane) -> NDArray[np.float64]:
    """Mean level of each label's pixels, by label."""
    labels = plane.ravel()
    return np.asarray(np.bincount(labels, levels.ravel()) / np.maximum(np.bincount(labels), 1))


def _constancy(inks: list[np.float64]) -> float:
    """1 for glyphs of one ink, 0 for levels that spread as skin's furrows and hairs do."""
    return max(0.0, 1 - float(np.std(inks)) / _INK_SPREAD)


def _rows(glyphs: list[Region]) -> list[list[Region]]:
    """Chain glyphs from left to right: alike in height, on one line, as close as letters and words are."""
    rows: list[list[Region]] = []
    # Rows by the line that their last glyph stands on, so that a glyph is tried against its neighbours only.
    lines: dict[int, list[list[Region]]] = {}
    for glyph in sorted(glyphs, key=lambda one: one.left):
        line = glyph.bottom // _LINE
        near = [row for one in (line - 1, line, line + 1) for row in lines.get(one, ()) if _follows(row[-1], glyph)]
        row = near[0] if near else []
        row.append(glyph)
        if len(row) == 1:
            rows.append(row)
        if not near or row[-2].bottom // _LINE != line:
            lines.setdefault(line, []).append(row)
    return [row for row in rows if len(row) >= _LEAST_IN_ROW]


def _follows(last: Region, glyph: Region) -> bool:
    height = max(last.height, glyph.height)
    alike = min(last.height, glyph.height) >= 0.6 * height
    on_line = abs(last.bottom - glyph.bottom) <= 0.2 * height + 1
    gap = glyph.left - last.right
    return alike and on_line and -0.2 * height <= gap <= 0.9 * height


def _evenness(row: list[Region]) -> float:
    """1 for glyphs of one height on one straight line, 0 for what merely lies about."""
    heights = np.array([one.height for one in row], dtype=float)
    feet = np.array([one.bottom for one in row], dtype=float)
    middles = np.array([one.centre_x for one in row])
    line = np.polyval(np.polyfit(middles, feet, 1), middles)
    height = float(np.median(heights))
    wobble = float(np.abs(feet - line).mean()) / height
    spread = float(np.abs(heights - height).mean()) / height
    return max(0.0, float(1 - 4 * wobble - spread))


def _box_of(row: list[Region]) -> Box:
    return (
        min(one.left for one in row),
        min(one.top for one in row),
        max(one.right for one in row),
        max(one.bottom for one in row),
    )


def _bar_share(rgb: NDArray[np.uint8]) -> float:
    """Share of the frame under bars of one colour along its four edges, as screenshots and albums have them."""
    height, width = rgb.shape[:2]
    across = [_bar_lines(rgb), _bar_lines(rgb[::-1])]
    down = [_bar_lines(rgb.transpose(1, 0, 2)), _bar_lines(rgb.transpose(1, 0, 2)[::-1])]
    return float(min(1.0, sum(across) / height + sum(down) / width))


def _bar_lines(lines: NDArray[np.uint8]) -> int:
    """Lines from the first one on that are of one and the same colour, 0 where nothing ends the bar."""
    most = int(len(lines) * _MOST_BAR)
    outer = lines[: most + 1].astype(np.float32)
    colour = np.median(outer[: len(outer) // 40 + 1], axis=(0, 1))
    # Print and signs may stand on the bar, as in a telephone's status line.
    flat = (np.abs(outer - colour).max(axis=2) <= _FLAT_BORDER).mean(axis=1) >= _MOSTLY
    count = int(np.argmin(flat)) if not flat.all() else 0
    # A bar ends at a hard edge along its whole length; even skin ends at a lesion's.
    beyond = np.abs(outer[min(count + 2, most)] - colour).max(axis=1) > _BAR_EDGE
    if count < 3 or float(beyond.mean()) < _MOSTLY:
        return 0
    return count


def _repeat_score(strokes: Plane) -> float:
    """Highest autocorrelation 0..1 of the strokes at a shift of 8 to 50 % of the frame."""
    plane = strokes[::2, ::2].astype(np.float32)
    plane = np.minimum(plane, 60)
    plane -= plane.mean()
    height, width = plane.shape
    spectrum = np.fft.rfft2(plane, (2 * height, 2 * width))
    correlation = np.fft.irfft2(np.abs(spectrum) ** 2)[:height, :width]
    overlap = np.outer(np.arange(height, 0, -1), np.arange(width, 0, -1))
    regular = correlation / overlap
    least = max(4, round(0.08 * min(height, width)))
    zero = float(regular[0, 0])
    regular[:least, :least] = 0
    return max(0.0, float(regular[: height // 2, : width // 2].max())) / zero if zero > 0 else 0.0
