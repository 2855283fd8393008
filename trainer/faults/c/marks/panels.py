"""What is around or beside the picture: a clinic's header, a scale, a telephone's own screen, a frame, a bar code."""

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.c.marks.letters import inked, placed, written
from trainer.faults.c.marks.overlay import Colour, contrasting_ink, ink_colour, laid, phrase, words


def letterhead(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A panel along the top or the bottom with one to three lines of words, and often an emblem."""
    rows = int(rng.integers(1, 4))
    height = max(min(photo.size) * float(rng.uniform(0.028, 0.05)), 7.0)
    high = round(height * (rows * 1.7 + 0.9))
    top = 0 if rng.random() < 0.5 else photo.height - high
    ground = ink_colour(rng)
    panel = Image.new("L", photo.size)
    ImageDraw.Draw(panel).rectangle((0, top, photo.width, top + high), fill=255)
    view = laid(photo, panel, ground, max(opacity, 0.35))
    ink = _readable_on(ground)
    left = height * 0.7
    if rng.random() < 0.6:
        emblem = Image.new("L", photo.size)
        box = (left, top + high * 0.2, left + high * 0.6, top + high * 0.8)
        ImageDraw.Draw(emblem).ellipse(box, fill=255)
        view = laid(view, emblem, ink_colour(rng), 0.9)
        left += high * 0.9
    lines = [
        line
        for row in range(rows)
        for line in placed(phrase(rng, 3)[0], left, top + height * (0.8 + 1.7 * row), height)
    ]
    return laid(view, inked(lines, photo.size, height * 0.12), ink, max(opacity, 0.6))


def scale_bar(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A bar with ticks and a length, as software for microscopes and archives lays it over."""
    long_px = photo.width * float(rng.uniform(0.15, 0.4))
    left = photo.width * float(rng.uniform(0.05, 0.5))
    top = photo.height * float(rng.choice([0.06, 0.9]))
    tick = min(photo.size) * 0.02
    ticks = np.linspace(left, left + long_px, int(rng.integers(2, 11)))
    lines = [[(left, top), (left + long_px, top)], *([(float(x), top - tick), (float(x), top + tick)] for x in ticks)]
    height = max(min(photo.size) * float(rng.uniform(0.03, 0.05)), 7.0)
    unit = ("MM", "CM", "PX", "X20")[int(rng.integers(4))]
    lines += placed(
        written(f"{int(rng.integers(1, 50))} {unit}")[0], left + long_px + height / 2, top - height / 2, height
    )
    if rng.random() < 0.5:
        lines += placed(written(words(rng, 3))[0], photo.width * 0.04, photo.height * 0.5, height)
    pen = max(height * float(rng.uniform(0.1, 0.2)), 1.0)
    return laid(photo, inked(lines, photo.size, pen), contrasting_ink(photo, rng), max(opacity, 0.4))


def screenshot(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """The photo as a telephone shows it: smaller, between a status bar and a bar of buttons."""
    dark = rng.random() < 0.5
    ground = (int(rng.integers(0, 30)),) * 3 if dark else (int(rng.integers(235, 256)),) * 3
    bar = max(round(photo.height * float(rng.uniform(0.05, 0.11))), 8)
    sides = round(photo.width * float(rng.choice([0.0, 0.0, 0.08, 0.18])))
    view = Image.new("RGB", photo.size, ground)
    inner = (max(photo.width - 2 * sides, 16), max(photo.height - 2 * bar, 16))
    view.paste(photo.resize(inner, Image.Resampling.BICUBIC), (sides, bar))
    mask = Image.new("L", photo.size)
    _status(mask, bar, rng)
    _buttons(mask, bar, rng)
    return laid(view, mask, _readable_on(ground), max(opacity, 0.75))


def framed(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A border, an instant print or a strip of film around the photo."""
    thick = max(round(min(photo.size) * float(rng.uniform(0.035, 0.1))), 4)
    below = thick * 3 if rng.random() < 0.4 else thick
    colour = ((252, 250, 244), (8, 8, 8), (255, 255, 255), ink_colour(rng))[int(rng.integers(4))]
    mask = Image.new("L", photo.size, 255)
    draw = ImageDraw.Draw(mask)
    corner = thick if rng.random() < 0.3 else 0
    draw.rounded_rectangle((thick, thick, photo.width - thick, photo.height - below), corner, fill=0)
    if rng.random() < 0.25:
        hole = max(thick // 2, 2)
        for x in range(hole, photo.width, hole * 3):
            draw.rectangle((x, thick // 4, x + hole, thick // 4 + hole), fill=0)
    view = laid(photo, mask, colour, max(opacity, 0.8))
    if below == thick:
        return view
    height = thick * 0.9
    lines = placed(phrase(rng, 2)[0], thick * 1.5, photo.height - below * 0.7, height, 0.2)
    return laid(view, inked(lines, photo.size, height * 0.12), _readable_on(colour), 0.85)


def bar_code(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A label with bars or with a square of cells, in a corner."""
    side = max(round(min(photo.size) * float(rng.uniform(0.14, 0.3))), 14)
    if rng.random() < 0.5:
        cells = rng.random((21, 21)) < 0.5
        for row, column in ((0, 0), (0, 14), (14, 0)):
            cells[row : row + 7, column : column + 7] = True
            cells[row + 1 : row + 6, column + 1 : column + 6] = False
            cells[row + 2 : row + 5, column + 2 : column + 5] = True
        size = (side, side)
    else:
        cells = np.repeat(rng.random((1, 60)) < 0.5, 2, axis=0)
        size = (min(side * 2, photo.width - 2), max(side // 2, 6))
    code = Image.fromarray(np.where(cells, 15, 245).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
    label = Image.new("RGB", (size[0] + size[0] // 6, size[1] + size[0] // 6), (248, 248, 248))
    label.paste(code.convert("RGB"), (size[0] // 12, size[0] // 12))
    place = (int(rng.choice([0.03, 0.55]) * photo.width), int(rng.choice([0.04, 0.6]) * photo.height))
    view = photo.copy()
    view.paste(label, place)
    return Image.blend(photo, view, min(max(opacity, 0.5), 1.0))


def _status(mask: Image.Image, bar: int, rng: np.random.Generator) -> None:
    """A clock, bars of reception, a battery."""
    height = bar * 0.42
    clock = f"{int(rng.integers(24))}:{int(rng.integers(60)):02d}"
    mask.paste(255, (0, 0), inked(placed(written(clock)[0], bar * 0.5, bar * 0.28, height), mask.size, height * 0.14))
    draw = ImageDraw.Draw(mask)
    right = mask.width - bar * 0.5
    draw.rounded_rectangle((right - bar, bar * 0.3, right, bar * 0.7), bar * 0.08, outline=255, width=max(1, bar // 16))
    draw.rectangle((right - bar * 0.9, bar * 0.38, right - bar * float(rng.uniform(0.2, 0.7)), bar * 0.62), fill=255)
    for step in range(4):
        left = right - bar * (2.2 - 0.2 * step)
        draw.rectangle((left, bar * (0.65 - 0.1 * step), left + bar * 0.12, bar * 0.72), fill=255)


def _buttons(mask: Image.Image, bar: int, rng: np.random.Generator) -> None:
    """Signs to touch along the bottom: a triangle, a circle, a square, a heart's worth of dots."""
    draw = ImageDraw.Draw(mask)
    middle, reach, line = mask.height - bar / 2, bar * 0.2, max(1, bar // 14)
    count = int(rng.integers(3, 6))
    for place in range(count):
        x = mask.width * (place + 0.5) / count
        box = (x - reach, middle - reach, x + reach, middle + reach)
        kind = int(rng.integers(4))
        if kind == 0:
            draw.ellipse(box, outline=255, width=line)
        elif kind == 1:
            draw.rectangle(box, outline=255, width=line)
        elif kind == 2:
            draw.polygon([(x - reach, middle), (x + reach, middle - reach), (x + reach, middle + reach)], outline=255)
        else:
            for step in (-1, 0, 1):
                dot = (x + step * reach - line, middle - line, x + step * reach + line, middle + line)
                draw.ellipse(dot, fill=255)


def _readable_on(ground: Colour) -> Colour:
    return (15, 15, 20) if sum(ground) > 384 else (245, 245, 245)
