"""Something laid over the photo afterwards: words, logos, stamps, drawings, screens, codes, seams, what hides."""

import string
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from trainer.faults.a.marks.annotations import annotated, stickers
from trainer.faults.a.marks.captions import line_of_words, small_and_tiled, time_stamp
from trainer.faults.a.marks.screens import bars_code, captioned_border, collage, hidden, player, telephone
from trainer.faults.fault import Fault, between
from trainer.faults.fonts import font

Painter = Callable[[Image.Image, float, np.random.Generator], None]
"""Draws into an RGBA layer of the photo's size, at an opacity of 0..1."""

_LEAST_CHANGE = 26.0  # of 255: what changes the photo less is no mark that anyone would see


def watermark(photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
    """Lay one mark, or two when severe, over the photo; opacity from 0.38 (mild) to 0.95 (gross)."""
    opacity = between(0.38, 0.95, severity)
    for _ in range(2 if rng.random() < severity * 0.5 else 1):
        photo = MARKS[int(rng.integers(len(MARKS)))](photo, opacity, rng)
    return photo


def _layered(painter: Painter) -> Fault:
    """A mark that is drawn in a layer of its own."""

    def mark(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
        layer = Image.new("RGBA", photo.size)
        painter(layer, opacity, rng)
        view = Image.alpha_composite(photo.convert("RGBA"), layer).convert("RGB")
        if _seen(photo, view, layer) >= _LEAST_CHANGE:
            return view
        # An ink as the ground is: black or white instead.
        grey = 0 if float(np.asarray(photo.convert("L").resize((1, 1)))[0, 0]) > 120 else 255
        return Image.composite(Image.new("RGB", photo.size, (grey, grey, grey)), photo, layer.getchannel("A"))

    return mark


def _seen(photo: Image.Image, view: Image.Image, layer: Image.Image) -> float:
    """How much the layer changes the photo where it covers it: mean over RGB, of 255."""
    change = np.asarray(ImageChops.difference(photo, view), dtype=np.float32).mean(2)
    covered = np.asarray(layer.getchannel("A")) > 0
    return float(change[covered].mean()) if covered.any() else 0.0


def _words(rng: np.random.Generator, most: int = 3) -> str:
    letters = np.array(list(string.ascii_letters + string.digits + "@.#"))
    count = int(rng.integers(1, most + 1))
    return " ".join("".join(rng.choice(letters, int(rng.integers(3, 10)))) for _ in range(count))


def _colour(opacity: float, rng: np.random.Generator) -> tuple[int, int, int, int]:
    choices = ((255, 255, 255), (255, 255, 255), (0, 0, 0), tuple(int(v) for v in rng.integers(0, 256, 3)))
    red, green, blue = choices[int(rng.integers(len(choices)))]
    return red, green, blue, int(255 * opacity)


def _text(layer: Image.Image, opacity: float, rng: np.random.Generator) -> None:
    """A line of text anywhere, at any angle."""
    size_px = max(10, int(min(layer.size) * float(rng.uniform(0.05, 0.16))))
    stamp = Image.new("RGBA", layer.size)
    place = (layer.width * float(rng.uniform(0.02, 0.5)), layer.height * float(rng.uniform(0.05, 0.85)))
    ImageDraw.Draw(stamp).text(place, _words(rng), _colour(opacity, rng), font(size_px))
    if rng.random() < 0.5:
        stamp = stamp.rotate(float(rng.uniform(-50, 50)), Image.Resampling.BILINEAR)
    layer.alpha_composite(stamp)


def _repeated_text(layer: Image.Image, opacity: float, rng: np.random.Generator) -> None:
    """The same words all over, slanted, as agencies do."""
    size_px = max(10, int(min(layer.size) * float(rng.uniform(0.04, 0.09))))
    stamp = Image.new("RGBA", layer.size)
    draw = ImageDraw.Draw(stamp)
    words, colour = _words(rng, 2), _colour(opacity * 0.8, rng)
    across = max(int(size_px * len(words) * 0.75), 30)
    for row, y in enumerate(range(0, layer.height, int(size_px * float(rng.uniform(2.2, 4))))):
        for x in range(-across + (row % 2) * across // 2, layer.width, across):
            draw.text((x, y), words, colour, font(size_px))
    layer.alpha_composite(stamp.rotate(float(rng.uniform(-40, 40)), Image.Resampling.BILINEAR))


def _date_stamp(layer: Image.Image, opacity: float, rng: np.random.Generator) -> None:
    """What old cameras burn into a corner."""
    size_px = max(10, int(min(layer.size) * float(rng.uniform(0.045, 0.08))))
    parts = (int(rng.integers(2001, 2031)), int(rng.integers(1, 13)), int(rng.integers(1, 29)))
    joiner = str(rng.choice(["/", "-", ".", " "]))
    words = joiner.join(f"{part:02d}" for part in parts)
    if rng.random() < 0.5:
        words += f" {int(rng.integers(24)):02d}:{int(rng.integers(60)):02d}"
    colour = ((255, 90, 0), (255, 240, 60), (255, 20, 0), (255, 255, 255))[int(rng.integers(4))]
    draw = ImageDraw.Draw(layer)
    extent = draw.textlength(words, font(size_px))
    x = layer.width * 0.97 - extent if rng.random() < 0.7 else layer.width * 0.03
    y = layer.height * (0.97 if rng.random() < 0.75 else 0.12) - size_px
    draw.text((x, y), words, (*colour, int(255 * max(opacity, 0.85))), font(size_px), stroke_width=size_px // 24)


def _logo(layer: Image.Image, opacity: float, rng: np.random.Generator) -> None:
    """A disc, ring or shield with letters in it."""
    side = int(min(layer.size) * float(rng.uniform(0.14, 0.4)))
    x = int(rng.integers(0, layer.width - side))
    y = int(rng.integers(0, layer.height - side))
    colour = _colour(opacity, rng)
    draw = ImageDraw.Draw(layer)
    box = (x, y, x + side, y + side)
    line_px = max(2, side // 14)
    shape = int(rng.integers(3))
    if shape == 0:
        draw.ellipse(box, outline=colour, width=line_px)
    elif shape == 1:
        draw.rounded_rectangle(box, side // 6, outline=colour, width=line_px)
    else:
        draw.regular_polygon((x + side / 2, y + side / 2, side / 2), int(rng.integers(3, 7)), fill=colour)
    initials = _words(rng, 1)[: int(rng.integers(2, 5))].upper()
    ink = colour if shape < 2 else (255, 255, 255, colour[3])
    draw.text((x + side / 2, y + side / 2), initials, ink, font(max(side // 3, 10)), anchor="mm")


def _stripes(layer: Image.Image, opacity: float, rng: np.random.Generator) -> None:
    """Slanted or crossed lines over all of it."""
    draw = ImageDraw.Draw(layer)
    gap = max(int(min(layer.size) * float(rng.uniform(0.06, 0.2))), 8)
    line_px = max(1, int(gap * float(rng.uniform(0.06, 0.2))))
    colour = _colour(opacity * 0.8, rng)
    slope = int(layer.height * float(rng.uniform(0.3, 1.2)))
    crossed = rng.random() < 0.5
    for x in range(-slope, layer.width + slope, gap):
        draw.line((x, 0, x + slope, layer.height), colour, line_px)
        if crossed:
            draw.line((x + slope, 0, x, layer.height), colour, line_px)


def _banner(layer: Image.Image, opacity: float, rng: np.random.Generator) -> None:
    """A bar with words along the top or the bottom."""
    high = max(int(layer.height * float(rng.uniform(0.07, 0.16))), 14)
    top = 0 if rng.random() < 0.4 else layer.height - high
    ground = _colour(max(opacity, 0.5), rng)
    draw = ImageDraw.Draw(layer)
    draw.rectangle((0, top, layer.width, top + high), ground)
    ink = (0, 0, 0, 255) if sum(ground[:3]) > 380 else (255, 255, 255, 255)
    draw.text((layer.width * 0.03, top + high * 0.15), _words(rng, 5), ink, font(max(int(high * 0.6), 10)))


_IN_LAYERS: tuple[Painter, ...] = (_text, _repeated_text, _date_stamp, _logo, _stripes, _banner)

MARKS: tuple[Fault, ...] = (
    *(_layered(painter) for painter in _IN_LAYERS),
    *(line_of_words, line_of_words, line_of_words, small_and_tiled, time_stamp),
    *(annotated, annotated, annotated, stickers),
    *(player, telephone, captioned_border, collage, hidden, bars_code),
)
"""Each takes the photo, an opacity of 0..1 and the draws, and gives the photo with the mark."""
