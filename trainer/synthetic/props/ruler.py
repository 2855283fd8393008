"""A paper or plastic scale laid beside the lesion: ticks for millimetres, numbers for centimetres."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from trainer.synthetic.props.place import Place

_FINER = 2
_STOCKS = ((244, 243, 238), (236, 232, 216), (250, 250, 250), (232, 214, 96), (205, 222, 235), (38, 38, 40))
_MIN_PX_PER_MM = 2.2
_MAX_CENTIMETRES = 80


def ruler(rng: np.random.Generator, length: int, depth: int, place: Place) -> Image.Image | None:
    """A strip of RGBA, `length` x `depth` pixels, to scale; None where its ticks could not be told apart."""
    millimetre = place.px_per_mm * _FINER
    broad = min(float(rng.uniform(7, 16)) * millimetre, depth * _FINER * 0.9)
    if place.px_per_mm < _MIN_PX_PER_MM or broad < 5 * millimetre:
        return None
    strip = Image.new("RGBA", (length * _FINER, depth * _FINER))
    draw = ImageDraw.Draw(strip)
    stock = _STOCKS[int(rng.integers(len(_STOCKS)))]
    ink = (235, 235, 235) if sum(stock) < 200 else tuple(int(level) for level in rng.integers(10, 70, 3))
    off = float(rng.uniform(0.0, 0.25)) * (strip.height - broad)
    top = strip.height - broad - off
    start = float(rng.uniform(-0.2, 0.35)) * strip.width
    end = strip.width * 1.5 if rng.random() < 0.6 else start + float(rng.uniform(0.5, 0.9)) * strip.width
    draw.rectangle((start, top, end, top + broad), fill=(*stock, 255))
    _ticks(draw, rng, (start + 2 * millimetre, min(end, strip.width * 1.2), top, broad), millimetre, ink)
    turned = strip.rotate(float(rng.normal(0, 2.5)), Image.Resampling.BILINEAR, center=(strip.width / 2, top))
    return turned.reduce(_FINER)


def _ticks(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    span: tuple[float, float, float, float],
    millimetre: float,
    ink: tuple[int, ...],
) -> None:
    """Ticks from the inner side of the strip: 1 mm short, 5 mm longer, 10 mm longest with its number."""
    start, end, top, broad = span
    font = ImageFont.load_default(max(8.0, min(broad * 0.38, 3.6 * millimetre)))
    line = max(1, round(millimetre * 0.14))
    first = int(rng.choice([0, 0, 0, int(rng.integers(1, 12))]))
    count = min(int((end - start) / millimetre), _MAX_CENTIMETRES * 10)
    for step in range(max(count, 0)):
        x = start + step * millimetre
        reach = 0.45 if step % 10 == 0 else 0.32 if step % 5 == 0 else 0.2
        draw.line([(x, top), (x, top + broad * reach)], fill=(*ink, 255), width=line)
        if step % 10 == 0:
            draw.text((x, top + broad * 0.5), str(first + step // 10), fill=(*ink, 255), font=font, anchor="mt")
