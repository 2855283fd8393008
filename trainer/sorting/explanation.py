"""A picture that explains a verdict: what was found in the photo, where it is sharp, and every bound as a bar."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from trainer.sorting.focus import sharpness_plane
from trainer.sorting.meaning import MEANINGS
from trainer.sorting.measuring import Examination
from trainer.sorting.morphology import dilated
from trainer.sorting.rule_rows import share_of_bar
from trainer.sorting.verdict import Finding, Verdict
from trainer.sorting.views import Mask

PANEL, HEAD = 480, 64
_GAP = 20
WIDTH = 2 * PANEL + 2 * _GAP
"""Pixels: the two panels, `PANEL` square, stand below a head of `HEAD`, whatever the photo's shape."""
_LINE = 30
_INK, _FAINT, _PAPER = (28, 32, 38), (116, 124, 134), (250, 250, 248)
_GOOD, _BAD, _TRACK = (38, 132, 92), (204, 62, 46), (226, 228, 226)
_SHADE = (169, 217, 196)  # the good side of a bound
_MAIN, _OTHER, _PRINT = (64, 224, 132), (250, 204, 60), (64, 196, 255)
_BAR_LEFT, _BAR_WIDTH = 350, 400


def explanation(examination: Examination, verdict: Verdict) -> Image.Image:
    """Draw it: 1000 pixels wide, RGB."""
    photo, map_of_focus = _annotated(examination), _focus_picture(examination)
    height = HEAD + PANEL + _GAP * 2 + _LINE * (len(verdict.findings) + 1)
    sheet = Image.new("RGB", (WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_head(draw, verdict)
    left, lower = (PANEL - photo.width) // 2, HEAD + (PANEL - photo.height) // 2
    sheet.paste(photo, (_GAP // 2 + left, lower))
    sheet.paste(map_of_focus, (PANEL + _GAP + _GAP // 2 + left, lower))
    top = HEAD + PANEL + 8
    draw.text((_GAP // 2, top), "found: lesion (green), others (yellow), print (blue)", _FAINT, _font(13))
    draw.text((PANEL + _GAP + _GAP // 2, top), "sharpness of edges: red soft, green sharp", _FAINT, _font(13))
    for place, finding in enumerate(verdict.findings):
        _draw_bar(draw, top + _LINE + place * _LINE, finding)
    return sheet


def _draw_head(draw: ImageDraw.ImageDraw, verdict: Verdict) -> None:
    colour = _GOOD if verdict.usable else _BAD
    draw.rectangle((0, 0, WIDTH, 6), colour)
    draw.text((_GAP // 2, 18), verdict.label.replace("_", " "), colour, _font(30))
    others = ", ".join(one.criterion.reason.replace("_", " ") for one in verdict.reasons[1:])
    if others:
        draw.text((PANEL + _GAP + _GAP // 2, 28), f"also {others}", _FAINT, _font(17))


def _annotated(examination: Examination) -> Image.Image:
    photo = _panel(examination.view.fine_rgb)
    pixels = np.array(photo)
    lesions = examination.lesions
    for mask, colour in ((lesions.counted & ~lesions.main, _OTHER), (lesions.main, _MAIN)):
        pixels[_outline(mask, photo.size)] = colour
    photo = Image.fromarray(pixels)
    draw = ImageDraw.Draw(photo)
    scale = photo.width / examination.view.fine_rgb.shape[1]
    for left, top, right, bottom in examination.marks.rows:
        draw.rectangle((left * scale - 3, top * scale - 3, right * scale + 3, bottom * scale + 3), None, _PRINT, 2)
    return photo


def _focus_picture(examination: Examination) -> Image.Image:
    """The photo in grey; its edges from red (as soft as refused photos) over yellow to green (sharp)."""
    sharpness, weight = sharpness_plane(examination.energies)
    grey = examination.view.fine_luma * 0.7
    red = np.clip(2 - 2 * sharpness, 0, 1) * 235
    green = np.clip(2 * sharpness, 0, 1) * 205
    colour = np.stack([red, green, np.full_like(red, 50)], axis=-1)
    mixed = grey[..., None] * (1 - weight[..., None]) + colour * weight[..., None]
    return _panel(np.clip(mixed, 0, 255).astype(np.uint8))


def _panel(rgb: NDArray[np.uint8]) -> Image.Image:
    height, width = rgb.shape[:2]
    scale = PANEL / max(width, height)
    return Image.fromarray(rgb).resize((max(1, round(width * scale)), max(1, round(height * scale))))


def _outline(mask: Mask, size: tuple[int, int]) -> Mask:
    large = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size)) > 127
    return dilated(large, 1) & ~large | (large & dilated(~large, 1))


def _draw_bar(draw: ImageDraw.ImageDraw, top: int, finding: Finding) -> None:
    """The bound stands in the bar's middle, twice the bound at its end; the side that is good is shaded."""
    criterion = finding.criterion
    colour = _GOOD if finding.margin >= 0 else _BAD
    draw.text(
        (_GAP // 2, top + 4),
        f"{criterion.reason.replace('_', ' ')} · {MEANINGS[criterion.measure][0]}",
        _INK,
        _font(15),
    )
    draw.rounded_rectangle((_BAR_LEFT, top + 7, _BAR_LEFT + _BAR_WIDTH, top + 19), 6, _TRACK)
    middle = _BAR_LEFT + _BAR_WIDTH // 2
    good = (middle, _BAR_LEFT + _BAR_WIDTH) if criterion.side == "least" else (_BAR_LEFT, middle)
    draw.rounded_rectangle((good[0], top + 7, good[1], top + 19), 6, _SHADE)
    place = _BAR_LEFT + round(share_of_bar(finding) * _BAR_WIDTH)
    draw.line((middle, top + 2, middle, top + 24), _INK, 2)
    draw.ellipse((place - 8, top + 5, place + 8, top + 21), colour)
    bound = "at least" if criterion.side == "least" else "at most"
    draw.text(
        (_BAR_LEFT + _BAR_WIDTH + 16, top + 4),
        f"{finding.value:.3g}, {bound} {criterion.threshold:.3g}",
        colour,
        _font(15),
    )


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
