"""Photos of a screen's making: a telephone's bars, black borders, buttons of an app, a chat's bubble."""

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.b.watermark.lettering import words, written


def status_bar(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A screenshot: time, signal and battery along the top, sometimes keys along the bottom."""
    view, dark = photo.copy(), bool(rng.random() < 0.5)
    high = max(round(photo.height * float(rng.uniform(0.045, 0.08))), 12)
    _bar(view, 0, high, dark, opacity)
    ink = (235, 235, 235) if dark else (25, 25, 25)
    clock = written(f"{int(rng.integers(24))}:{int(rng.integers(60)):02d}", high // 2, rng)
    _write(view, clock, (high // 2, high // 4), high // 2, ink)
    draw = ImageDraw.Draw(view)
    right, unit = photo.width - high // 2, max(high // 8, 1)
    draw.rectangle((right - 8 * unit, high // 3, right, high // 3 + 4 * unit), outline=ink)
    draw.rectangle((right - 8 * unit, high // 3, right - int(rng.integers(1, 7)) * unit, high // 3 + 4 * unit), ink)
    for bar in range(4):
        x = right - (16 - 2 * bar) * unit
        draw.rectangle((x, high // 3 + (3 - bar) * unit, x + unit, high // 3 + 4 * unit), ink)
    if rng.random() < 0.6:
        _bar(view, photo.height - high, photo.height, dark, opacity)
        for share in (0.25, 0.5, 0.75):
            _button(draw, (photo.width * share, photo.height - high / 2), high * 0.22, ink, rng)
    return view


def letterbox(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """A screenshot of a viewer: the photo between broad borders, words or buttons on them."""
    ground = int(rng.choice([0, 0, 18, 255, 245]))
    ink = (235, 235, 235) if ground < 128 else (30, 30, 30)
    view = Image.new("RGB", photo.size, (ground, ground, ground))
    border = round(photo.height * float(rng.uniform(0.1, 0.2)))
    inner = photo.resize((photo.width, photo.height - 2 * border), Image.Resampling.LANCZOS, box=_middle(photo, border))
    view.paste(inner, (0, border))
    high = max(border // 3, 8)
    _write(view, written(words(rng, 2), high, rng), (photo.width // 20, border // 3), high, ink)
    draw = ImageDraw.Draw(view)
    for share in np.linspace(0.15, 0.85, int(rng.integers(2, 6))):
        _button(draw, (photo.width * float(share), photo.height - border / 2), high * 0.6, ink, rng)
    return view


def camera_app(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A viewfinder's frame, grid, zoom and shutter, caught in a screenshot."""
    layer = Image.new("RGBA", photo.size)
    draw = ImageDraw.Draw(layer)
    ink = (255, 255, 255, round(255 * max(opacity, 0.55)))
    width, height = photo.size
    line_px = max(1, min(photo.size) // 160)
    if rng.random() < 0.6:
        for share in (1 / 3, 2 / 3):
            draw.line((width * share, 0, width * share, height), ink, line_px)
            draw.line((0, height * share, width, height * share), ink, line_px)
    reach = min(photo.size) * float(rng.uniform(0.12, 0.35))
    box = (width / 2 - reach, height / 2 - reach, width / 2 + reach, height / 2 + reach)
    draw.rounded_rectangle(box, reach / 8, outline=(255, 210, 0, ink[3]), width=line_px)
    shutter = min(photo.size) * 0.07
    centre = (width / 2, height - shutter * 1.6)
    draw.ellipse((centre[0] - shutter, centre[1] - shutter, centre[0] + shutter, centre[1] + shutter), ink)
    view = Image.alpha_composite(photo.convert("RGBA"), layer).convert("RGB")
    place = (round(width / 2 - shutter), round(height - shutter * 4))
    high = max(round(shutter * 0.7), 8)
    _write(view, written(f"{rng.uniform(0.5, 9):.1f}x", high, rng), place, high, (255, 255, 255))
    return view


def bubble(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """Words on a rounded patch, as chats and stories lay over pictures."""
    mask = written(words(rng, 3), max(round(min(photo.size) * float(rng.uniform(0.05, 0.08))), 8), rng)
    mask.thumbnail((photo.width * 4 // 5, photo.height // 3))
    pad = max(mask.height // 2, 3)
    x = round((photo.width - mask.width - 2 * pad) * float(rng.random()))
    y = round((photo.height - mask.height - 2 * pad) * float(rng.random()))
    layer = Image.new("RGBA", photo.size)
    grounds = ((255, 255, 255), (30, 30, 34), (250, 225, 0), (60, 130, 250), (90, 200, 90), (240, 60, 110))
    ground = grounds[int(rng.integers(len(grounds)))]
    box = (x, y, x + mask.width + 2 * pad, y + mask.height + 2 * pad)
    ImageDraw.Draw(layer).rounded_rectangle(box, pad, (*ground, round(255 * max(opacity, 0.6))))
    view = Image.alpha_composite(photo.convert("RGBA"), layer).convert("RGB")
    view.paste((20, 20, 20) if sum(ground) > 380 else (250, 250, 250), (x + pad, y + pad), mask)
    return view


def _middle(photo: Image.Image, border: int) -> tuple[int, int, int, int]:
    return (0, border, photo.width, photo.height - border)


def _bar(view: Image.Image, top: int, bottom: int, dark: bool, opacity: float) -> None:
    shade = 12 if dark else 246
    cover = Image.new("L", (view.width, bottom - top), round(255 * max(opacity, 0.6)))
    view.paste(Image.new("RGB", cover.size, (shade, shade, shade)), (0, top), cover)


def _write(
    view: Image.Image, mask: Image.Image, place: tuple[int, int], high_px: int, ink: tuple[int, int, int]
) -> None:
    mask.thumbnail((max(view.width * 3 // 4, 1), max(round(high_px * 1.3), 1)))
    view.paste(ink, place, mask)


def _button(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    reach: float,
    ink: tuple[int, int, int],
    rng: np.random.Generator,
) -> None:
    x, y = centre
    box = (x - reach, y - reach, x + reach, y + reach)
    kind = int(rng.integers(4))
    line_px = max(1, int(reach / 5))
    if kind == 0:
        draw.ellipse(box, outline=ink, width=line_px)
    elif kind == 1:
        draw.rectangle(box, outline=ink, width=line_px)
    elif kind == 2:
        draw.polygon(((x - reach, y), (x + reach, y - reach), (x + reach, y + reach)), fill=ink)
    else:
        for row in (-0.7, 0.0, 0.7):
            draw.line((x - reach, y + row * reach, x + reach, y + row * reach), ink, line_px)
