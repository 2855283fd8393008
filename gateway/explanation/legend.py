"""The strip below a map: what its colours mean, what it tells, and what it does not."""

from dataclasses import dataclass
from itertools import accumulate

from PIL import Image, ImageDraw

from dicomweb.rendering.fonts import Font, drawable, font_of
from gateway.explanation.colours import ramp

PAPER, _INK, _QUIET = (250, 250, 249), (28, 30, 34), (96, 100, 108)
_TITLE, _NOTE, _PAD, _GAP = 15.0, 12.5, 12.0, 8.0
_BAR = (150.0, 11.0)
_LEADING = 1.35


@dataclass(frozen=True, slots=True)
class Legend:
    """The words below a map: what it tells, what it is and is not, and the two ends of its colours.

    `ends` is None where there are no colours to be explained.
    """

    title: str
    note: str
    ends: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: Font
    ink: tuple[int, int, int]

    @property
    def height(self) -> int:
        """Pixels to the next line; letters of all scripts have room."""
        return round(self.font.getbbox("Ag가")[3] * _LEADING)


def is_drawable(text: str) -> bool:
    """Whether this machine has a font with all letters of the text."""
    return drawable(text) == text


def strip(legend: Legend, width: int, unit: float) -> Image.Image:
    """Draw the strip: RGB, `width` pixels wide and as high as the words need, in sizes multiplied by `unit`."""
    pad = round(_PAD * unit)
    lines = _lines(legend, width - 2 * pad, unit)
    bar = None if legend.ends is None else _bar(legend.ends, unit)
    tops = list(accumulate((line.height for line in lines), initial=pad + (0 if bar is None else bar.height)))
    sheet = Image.new("RGB", (width, tops[-1] + pad), PAPER)
    draw = ImageDraw.Draw(sheet)
    if bar is not None:
        sheet.paste(bar, (pad, pad))
    for line, top in zip(lines, tops, strict=False):
        draw.text((pad, top), line.text, fill=line.ink, font=line.font)
    return sheet


def _lines(legend: Legend, room: int, unit: float) -> list[_Line]:
    title, note = font_of(round(_TITLE * unit)), font_of(round(_NOTE * unit))
    said = [_Line(text, title, _INK) for text in _wrapped(legend.title, title, room)]
    return said + [_Line(text, note, _QUIET) for text in _wrapped(legend.note, note, room)]


def _wrapped(text: str, font: Font, room: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _bar(ends: tuple[str, str], unit: float) -> Image.Image:
    """The colours between the words for their ends."""
    font, gap = font_of(round(_NOTE * unit)), round(_GAP * unit)
    width, height = round(_BAR[0] * unit), round(_BAR[1] * unit)
    low, high = (round(font.getlength(end)) for end in ends)
    line = round(font.getbbox("Ag가")[3] * _LEADING)
    sheet = Image.new("RGB", (low + width + high + 2 * gap, line + gap), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((0, 0), ends[0], fill=_QUIET, font=font)
    sheet.paste(Image.fromarray(ramp()[None], "RGB").resize((width, height)), (low + gap, (line - height) // 2))
    draw.text((low + width + 2 * gap, 0), ends[1], fill=_QUIET, font=font)
    return sheet
