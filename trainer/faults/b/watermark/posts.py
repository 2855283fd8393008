"""Pictures as they are posted: a film's controls, an instant print's border, before and after, stamps, what hides."""

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from trainer.faults.b.watermark.laying import any_ink, lay
from trainer.faults.b.watermark.lettering import words, written


def film(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A ring with a triangle, the time that is left, a thin line of progress."""
    mask = Image.new("L", (photo.width * 2, photo.height * 2))
    draw = ImageDraw.Draw(mask)
    side = min(mask.size)
    x, y, reach = mask.width / 2, mask.height / 2, side * float(rng.uniform(0.08, 0.17))
    draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=255, width=max(3, round(reach / 9)))
    draw.regular_polygon((x + reach * 0.08, y, reach * 0.55), 3, 30, fill=255)
    if rng.random() < 0.7:
        base = mask.height * float(rng.uniform(0.9, 0.96))
        draw.line((mask.width * 0.05, base, mask.width * 0.95, base), 150, max(2, side // 120))
        draw.line((mask.width * 0.05, base, mask.width * float(rng.uniform(0.1, 0.9)), base), 255, max(4, side // 60))
    view = lay(photo, mask.reduce(2), (0, 0), any_ink(max(opacity, 0.7), rng))
    clock = written(f"{int(rng.integers(10))}:{int(rng.integers(60)):02d}", max(min(photo.size) // 22, 8), rng)
    clock.thumbnail((max(photo.width // 4, 1), max(photo.height // 8, 1)))
    return lay(view, clock, (photo.width // 30, round(photo.height * 0.84)), any_ink(max(opacity, 0.7), rng))


def instant_print(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """A light or dark border all round, widest below, often with a line of writing."""
    light = float(np.asarray(photo.convert("L").resize((1, 1)))[0, 0])
    shade = int(rng.choice([shade for shade in (252, 240, 228, 12) if abs(shade - light) > 30]))
    edge = round(min(photo.size) * float(rng.uniform(0.03, 0.07)))
    foot = round(photo.height * float(rng.uniform(0.12, 0.2)))
    view = Image.new("RGB", photo.size, (shade, shade, shade))
    inner = (photo.width - 2 * edge, photo.height - edge - foot)
    view.paste(photo.resize(inner, Image.Resampling.LANCZOS, box=_cut_to(photo.size, inner)), (edge, edge))
    line = written(words(rng, 2), max(foot // 3, 8), rng)
    line.thumbnail((max(inner[0], 1), max(foot * 2 // 3, 1)))
    place = ((photo.width - line.width) // 2, photo.height - foot + (foot - line.height) // 2)
    return lay(view, line, place, any_ink(0.9, rng))


def before_and_after(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """Two or four cut-outs in a grid: other parts, other light; hardly any seam or a broad one."""
    rows, columns = ((1, 2), (1, 2), (2, 1), (2, 2))[int(rng.integers(4))]
    light = float(np.asarray(photo.convert("L").resize((1, 1)))[0, 0])
    grey = int(rng.choice([grey for grey in (0, 255) if abs(grey - light) > 60]))
    gap = max(2, round(min(photo.size) * float(rng.uniform(0.005, 0.025))))
    size = (photo.width // columns - gap // 2, photo.height // rows - gap // 2)
    view = Image.new("RGB", photo.size, (grey, grey, grey))
    for row in range(rows):
        for column in range(columns):
            x, y, wide, high = _any_part(photo.size, size, rng)
            tile = photo.resize(
                size, Image.Resampling.BICUBIC, box=(x, y, min(x + wide, photo.width), min(y + high, photo.height))
            )
            gain = float(rng.uniform(0.85, 1.15))
            tile = tile.point([round(min(value * gain, 255)) for value in range(256)] * 3)
            view.paste(tile, (column * (size[0] + gap), row * (size[1] + gap)))
    return view


def stamped(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A rubber stamp: a word in a double frame or ring, leaning, worn."""
    word = written(words(rng, 1), max(round(min(photo.size) * float(rng.uniform(0.05, 0.12))), 8), rng)
    pad = max(word.height // 2, 4)
    line_px = max(1, pad // 5)
    round_one = rng.random() < 0.4
    wide, high = word.width + 3 * pad, word.width + 3 * pad if round_one else word.height + 3 * pad
    mask = Image.new("L", (wide, high))
    draw = ImageDraw.Draw(mask)
    outline = draw.ellipse if round_one else draw.rectangle
    for inset in (0, 2 * line_px + 1):
        outline((inset, inset, wide - 1 - inset, high - 1 - inset), outline=255, width=line_px)
    mask.paste(word, ((wide - word.width) // 2, (high - word.height) // 2), word)
    worn = Image.fromarray(rng.integers(150, 256, (max(high // 3, 1), max(wide // 3, 1)), dtype=np.uint8)).resize(
        mask.size
    )
    mask = ImageChops.multiply(mask, worn).rotate(float(rng.normal(0, 18)), Image.Resampling.BILINEAR, expand=True)
    mask.thumbnail((photo.width * 9 // 10, photo.height * 9 // 10))
    place = (int(rng.integers(photo.width - mask.width + 1)), int(rng.integers(photo.height - mask.height + 1)))
    return lay(photo, mask, place, any_ink(max(opacity, 0.6), rng))


def made_unknowable(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """A bar or an oval in one colour, in coarse dots, or as frosted glass with a pale rim."""
    wide, high = photo.width * float(rng.uniform(0.2, 0.5)), photo.height * float(rng.uniform(0.12, 0.4))
    x, y = (photo.width - wide) * float(rng.random()), (photo.height - high) * float(rng.random())
    mask = Image.new("L", photo.size)
    shape = ImageDraw.Draw(mask).ellipse if rng.random() < 0.4 else ImageDraw.Draw(mask).rectangle
    shape((x, y, x + wide, y + high), 255)
    kind = int(rng.integers(3))
    if kind == 0:
        return Image.composite(Image.new("RGB", photo.size, _unlike(photo)), photo, mask)
    if kind == 1:
        cells = (max(photo.width // max(round(wide / 7), 4), 2), max(photo.height // max(round(high / 6), 4), 2))
        coarse = np.asarray(photo.resize(cells, Image.Resampling.BOX), dtype=np.float64)
        squares = np.clip(
            coarse * rng.lognormal(0, 0.22, (*coarse.shape[:2], 1)) + rng.normal(0, 16, (*coarse.shape[:2], 1)), 0, 255
        )
        cover = Image.fromarray(squares.astype(np.uint8)).resize(photo.size, Image.Resampling.NEAREST)
        return Image.composite(cover, photo, mask)
    frosted = photo.resize((6, 6), Image.Resampling.BOX).resize(photo.size, Image.Resampling.BICUBIC)
    veil = Image.blend(frosted, Image.new("RGB", photo.size, _unlike(photo)), float(rng.uniform(0.25, 0.6)))
    return Image.composite(veil, photo, mask.filter(ImageFilter.GaussianBlur(max(min(photo.size) / 150, 0.5))))


def stripes_code(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A bar code, upright or lying, on a white label."""
    bars = np.cumsum(rng.integers(1, 4, 60))
    row = (np.searchsorted(bars, np.arange(bars[-1])) % 2).astype(np.uint8) * np.uint8(255)
    padded = np.pad(np.tile(row, (math.ceil(len(row) / 2), 1)), len(row) // 10, constant_values=255)
    label = Image.fromarray(padded)
    wide = round(min(photo.size) * float(rng.uniform(0.25, 0.5)))
    label = label.resize((wide, round(wide * float(rng.uniform(0.4, 0.6)))), Image.Resampling.BOX)
    if rng.random() < 0.3:
        label = label.transpose(Image.Transpose.ROTATE_90)
    place = (int(rng.integers(photo.width - label.width + 1)), int(rng.integers(photo.height - label.height + 1)))
    view = photo.copy()
    view.paste(label.convert("RGB"), place, Image.new("L", label.size, round(255 * max(opacity, 0.75))))
    return view


def _unlike(photo: Image.Image) -> tuple[int, int, int]:
    """Black on a light photo, white on a dark one."""
    return (0, 0, 0) if float(np.asarray(photo.convert("L").resize((1, 1)))[0, 0]) > 110 else (245, 245, 245)


def _cut_to(size: tuple[int, int], target: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest middle part of `size` with the shape of `target`."""
    scale = min(size[0] / target[0], size[1] / target[1])
    wide, high = target[0] * scale, target[1] * scale
    left, top = max((size[0] - wide) / 2, 0), max((size[1] - high) / 2, 0)
    return left, top, min(left + wide, size[0]), min(top + high, size[1])


def _any_part(
    size: tuple[int, int], target: tuple[int, int], rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Left, top, width and height of a part of `size` with the shape of `target`, half of the sides at least."""
    left, top, right, bottom = _cut_to(size, target)
    share = float(rng.uniform(0.5, 1))
    wide, high = (right - left) * share, (bottom - top) * share
    return (size[0] - wide) * float(rng.random()), (size[1] - high) * float(rng.random()), wide, high
