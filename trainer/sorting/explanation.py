"""A picture that explains a verdict: what was found in the photo, where it is sharp, and every bound as a bar."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from trainer.sorting.focus import sharpness_plane
from trainer.sorting.measuring import Examination
from trainer.sorting.morphology import dilated
from trainer.sorting.verdict import Finding, Verdict
from trainer.sorting.views import Mask

_PANEL = 480
_GAP = 20
_HEAD = 64
_LINE = 30
_INK, _FAINT, _PAPER = (28, 32, 38), (116, 124, 134), (250, 250, 248)
_GOOD, _BAD, _TRACK = (38, 132, 92), (204, 62, 46), (226, 228, 226)
_MAIN, _OTHER, _PRINT = (64, 224, 132), (250, 204, 60), (64, 196, 255)
_BAR_LEFT, _BAR_WIDTH = 330, 420


def explanation(examination: Examination, verdict: Verdict) -> Image.Image:
    """Draw it: 1000 pixels wide, RGB."""
    photo, map_of_focus = _annotated(examination), _focus_picture(examination)
    panel_height = photo.height
    height = _HEAD + panel_height + _GAP * 2 + _LINE * (len(verdict.findings) + 1)
    sheet = Image.new("RGB", (2 * _PANEL + 2 * _GAP, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_head(draw, verdict)
    sheet.paste(photo, (_GAP // 2, _HEAD))
    sheet.paste(map_of_focus, (_PANEL + _GAP + _GAP // 2, _HEAD))
    top = _HEAD + panel_height + 8
    draw.text((_GAP // 2, top), "found: lesion (green), others (yellow), print (blue)", _FAINT, _font(13))
    draw.text((_PANEL + _GAP + _GAP // 2, top), "sharpness of edges: red soft, green sharp", _FAINT, _font(13))
    for place, finding in enumerate(verdict.findings):
        _draw_bar(draw, top + _LINE + place * _LINE, finding)
    return sheet


def _draw_head(draw: ImageDraw.ImageDraw, verdict: Verdict) -> None:
    colour = _GOOD if verdict.usable else _BAD
    draw.rectangle((0, 0, 2 * _PANEL + 2 * _GAP, 6), colour)
    draw.text((_GAP // 2, 18), verdict.label.replace("_", " "), colour, _font(30))
    others = ", ".join(one.criterion.reason.replace("_", " ") for one in verdict.reasons[1:])
    if others:
        draw.text((_PANEL + _GAP + _GAP // 2, 28), f"also {others}", _FAINT, _font(17))


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
    scale = _PANEL / max(width, height)
    return Image.fromarray(rgb).resize((max(1, round(width * scale)), max(1, round(height * scale))))


def _outline(mask: Mask, size: tuple[int, int]) -> Mask:
    large = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size)) > 127
    return dilated(large, 1) & ~large | (large & dilated(~large, 1))


def _draw_bar(draw: ImageDraw.ImageDraw, top: int, finding: Finding) -> None:
    """The bound stands in the bar's middle; the bar is full at twice the bound."""
    criterion = finding.criterion
    colour = _GOOD if finding.margin >= 0 else _BAD
    draw.text((_GAP // 2, top + 4), f"{criterion.reason.replace('_', ' ')} · {criterion.measure}", _INK, _font(15))
    draw.rounded_rectangle((_BAR_LEFT, top + 7, _BAR_LEFT + _BAR_WIDTH, top + 19), 6, _TRACK)
    share = min(1.0, finding.value / (2 * criterion.threshold)) if criterion.threshold > 0 else float(finding.value > 0)
    if share > 0:
        draw.rounded_rectangle((_BAR_LEFT, top + 7, _BAR_LEFT + max(8, round(share * _BAR_WIDTH)), top + 19), 6, colour)
    middle = _BAR_LEFT + _BAR_WIDTH // 2
    draw.line((middle, top + 2, middle, top + 24), _INK, 2)
    bound = "at least" if criterion.side == "least" else "at most"
    draw.text(
        (_BAR_LEFT + _BAR_WIDTH + 16, top + 4),
        f"{finding.value:.3g}, {bound} {criterion.threshold:.3g}",
        colour,
        _font(15),
    )


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
