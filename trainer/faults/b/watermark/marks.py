"""Marks that agencies, sites and cameras leave: credits, tiled names, crosses, codes, dates, signatures, badges."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from trainer.faults.b.watermark.laying import Ink, any_ink, lay
from trainer.faults.b.watermark.lettering import digits, words, written


def credit(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A line along an edge: whose picture it is, where it is from."""
    text = str(rng.choice(["", "(c) ", "Copyright ", "Photo: ", "Source: "])) + words(rng)
    mask = _fitting(written(text, _high(photo, rng, 0.03, 0.085), rng), photo)
    if rng.random() < 0.15:
        mask = mask.rotate(90, expand=True)
        mask = _fitting(mask, photo)
    x = round((photo.width - mask.width) * float(rng.choice([0.03, 0.5, 0.97])))
    y = round((photo.height - mask.height) * float(rng.choice([0.03, 0.95, 0.97])))
    return lay(photo, mask, (x, y), any_ink(max(opacity, 0.45), rng))


def across(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A name across the middle, level or from corner to corner."""
    mask = written(words(rng, 2), _high(photo, rng, 0.1, 0.2), rng)
    wide = photo.width * float(rng.uniform(0.6, 1.1))
    mask = mask.resize((round(wide), max(round(mask.height * wide / mask.width), 8)), Image.Resampling.BILINEAR)
    if rng.random() < 0.6:
        slope = math.degrees(math.atan2(photo.height, photo.width)) * float(rng.choice([-1, 1]))
        mask = mask.rotate(slope * float(rng.uniform(0.5, 1)), Image.Resampling.BILINEAR, expand=True)
    x, y = (photo.width - mask.width) // 2, (photo.height - mask.height) // 2
    return lay(photo, mask, (x, y + round(photo.height * float(rng.normal(0, 0.08)))), any_ink(opacity, rng))


def tiled(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """The same name and sign over and over, brick by brick, leaning."""
    stamp = written(words(rng, 2), _high(photo, rng, 0.035, 0.08), rng)
    if rng.random() < 0.4:
        stamp = _with_sign(stamp, rng)
    stamp = stamp.rotate(float(rng.uniform(-45, 45)), Image.Resampling.BILINEAR, expand=True)
    gap_x = stamp.width + round(photo.width * float(rng.uniform(0.02, 0.12)))
    gap_y = stamp.height + round(photo.height * float(rng.uniform(0.0, 0.1)))
    whole = Image.new("L", photo.size)
    for row, y in enumerate(range(-stamp.height // 2, photo.height, gap_y)):
        for x in range(-(row % 2) * gap_x // 2 - stamp.width // 3, photo.width, gap_x):
            whole.paste(stamp, (x, y), stamp)
    return lay(photo, whole, (0, 0), any_ink(opacity, rng))


def crossed(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """An agency's lines from corner to corner and a badge in the middle."""
    mask = Image.new("L", photo.size)
    draw = ImageDraw.Draw(mask)
    line_px = max(1, round(min(photo.size) * float(rng.uniform(0.004, 0.02))))
    draw.line((0, 0, photo.width, photo.height), 255, line_px)
    draw.line((0, photo.height, photo.width, 0), 255, line_px)
    view = lay(photo, mask, (0, 0), any_ink(opacity, rng))
    return badge(view, opacity, rng) if rng.random() < 0.7 else across(view, opacity, rng)


def badge(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A round or angular emblem with a sign in it, a name under it."""
    side = round(min(photo.size) * float(rng.uniform(0.16, 0.4)))
    mask = _emblem(side, rng)
    name = _fitting(written(words(rng, 1), max(side // 6, 8), rng), photo)
    whole = Image.new("L", (max(mask.width, name.width), mask.height + name.height + side // 10))
    whole.paste(mask, ((whole.width - mask.width) // 2, 0))
    whole.paste(name, ((whole.width - name.width) // 2, mask.height + side // 12))
    return lay(photo, whole, _anywhere(photo, whole, rng), any_ink(opacity, rng))


def square_code(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A two-dimensional bar code on its quiet zone."""
    cells = int(rng.choice([21, 25, 29, 33]))
    code = rng.integers(0, 2, (cells, cells)).astype(np.uint8)
    finder = np.ones((7, 7), dtype=np.uint8)
    finder[1:6, 1:6] = 0
    finder[2:5, 2:5] = 1
    for rows, columns in ((slice(0, 7), slice(0, 7)), (slice(0, 7), slice(-7, None)), (slice(-7, None), slice(0, 7))):
        code[rows, columns] = finder
    framed = np.pad(1 - code, 2, constant_values=1)
    side = round(min(photo.size) * float(rng.uniform(0.16, 0.34)))
    picture = Image.fromarray(framed * np.uint8(255)).resize((side, side), Image.Resampling.NEAREST)
    view = photo.copy()
    x, y = _anywhere(photo, picture, rng)
    cover = Image.new("L", picture.size, round(255 * max(opacity, 0.6)))
    view.paste(picture.convert("RGB"), (x, y), cover)
    return view


def burnt_date(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """Date, often time, in a camera's segments, glowing."""
    year = int(rng.integers(1996, 2031))
    day = (f"{year % 100:02d}", f"{int(rng.integers(1, 13)):02d}", f"{int(rng.integers(1, 29)):02d}")
    text = str(rng.choice(["-", ".", " ", "'"])).join(day)
    if rng.random() < 0.5:
        text += f" {int(rng.integers(24)):02d}:{int(rng.integers(60)):02d}"
    mask = _fitting(digits(text, _high(photo, rng, 0.04, 0.075), rng), photo)
    colour = ((255, 120, 20), (255, 190, 40), (255, 60, 30), (120, 255, 90))[int(rng.integers(4))]
    x = round((photo.width - mask.width) * float(rng.choice([0.04, 0.96])))
    y = round((photo.height - mask.height) * float(rng.choice([0.04, 0.96, 0.96])))
    glowing = mask.filter(ImageFilter.GaussianBlur(max(1, mask.height / 12)))
    view = lay(photo, glowing, (x, y), Ink((120, 20, 0), 0.5, shadow=False))
    return lay(view, mask, (x, y), Ink(colour, max(opacity, 0.7), shadow=True))


def signature(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A hand-written name: loops along a line, a stroke under it."""
    steps = 160
    turn = np.cumsum(rng.uniform(0.1, 0.5, steps))
    swing = np.interp(np.arange(steps), np.linspace(0, steps, 9), rng.uniform(0.2, 1.0, 9))
    x = np.linspace(0, 1, steps) + 0.035 * np.sin(turn * 1.3) * swing
    y = 0.5 - 0.4 * np.cos(turn) * swing
    wide, high = round(photo.width * float(rng.uniform(0.3, 0.6))), round(photo.height * float(rng.uniform(0.1, 0.2)))
    mask = Image.new("L", (wide, high))
    draw = ImageDraw.Draw(mask)
    line_px = max(1, round(min(photo.size) * float(rng.uniform(0.004, 0.01))))
    points = [(float(a), float(b)) for a, b in zip(x * wide * 0.9 + wide * 0.05, y * high, strict=True)]
    draw.line(points, 255, line_px, joint="curve")
    if rng.random() < 0.6:
        draw.line((0, high * 0.93, wide, high * float(rng.uniform(0.8, 0.93))), 255, line_px)
    return lay(photo, mask, _anywhere(photo, mask, rng), any_ink(max(opacity, 0.5), rng))


def _with_sign(stamp: Image.Image, rng: np.random.Generator) -> Image.Image:
    sign = _emblem(max(stamp.height, 8), rng)
    whole = Image.new("L", (stamp.width + sign.width + 4, max(stamp.height, sign.height)))
    whole.paste(sign, (0, 0))
    whole.paste(stamp, (sign.width + 4, 0))
    return whole


def _emblem(side: int, rng: np.random.Generator) -> Image.Image:
    """Two shapes, one in the other, and a letter or a cross."""
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    line_px = max(1, side // int(rng.integers(10, 30)))
    corners = int(rng.integers(3, 9))
    round_outside = rng.random() < 0.5
    filled = rng.random() < 0.4
    circle = (side / 2, side / 2, side / 2 - 1)
    if round_outside:
        draw.ellipse((0, 0, side - 1, side - 1), 255 if filled else None, 255, line_px)
    else:
        draw.regular_polygon(circle, corners, 0, 255 if filled else None, 255)
    inner = written(str(rng.choice(list("ABCDEFGHKLMPRSTX@"))), max(side // 2, 6), rng)
    inner.thumbnail((max(side * 2 // 3, 4), max(side // 2, 4)))
    place = ((side - inner.width) // 2, (side - inner.height) // 2)
    mask.paste(0 if filled else 255, place, inner)
    return mask


def _high(photo: Image.Image, rng: np.random.Generator, least: float, most: float) -> int:
    return max(8, round(min(photo.size) * float(rng.uniform(least, most))))


def _fitting(mask: Image.Image, photo: Image.Image) -> Image.Image:
    mask.thumbnail((max(photo.width * 94 // 100, 1), max(photo.height * 94 // 100, 1)))
    return mask


def _anywhere(photo: Image.Image, mask: Image.Image, rng: np.random.Generator) -> tuple[int, int]:
    return (
        round((photo.width - mask.width) * float(rng.uniform(0.02, 0.98))),
        round((photo.height - mask.height) * float(rng.uniform(0.02, 0.98))),
    )
