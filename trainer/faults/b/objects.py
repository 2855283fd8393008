"""Things that lie in a clinic's photos and are no fault: a ruler, ink on the skin, hairs, a plain border."""

import numpy as np
from PIL import Image, ImageDraw

from trainer.faults.b.watermark.strokes import letter
from trainer.faults.primitives import clouds, mixed, photo_of, pixels

_FINER = 2  # thin things are drawn at this many times the size and shrunk: smooth edges


def ruler(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A strip with ticks and numbers along one side, in the light of the photo."""
    wide = max(round(min(photo.size) * float(rng.uniform(0.07, 0.13))), 10)
    long = max(photo.size) * 2
    strip = Image.new("RGB", (long, wide), ((250, 250, 246), (238, 222, 120), (225, 232, 240))[int(rng.integers(3))])
    draw = ImageDraw.Draw(strip)
    millimetre = max(wide / float(rng.uniform(6, 12)), 2.0)
    for tick in range(int(long / millimetre)):
        reach = wide * (0.45 if tick % 10 == 0 else 0.32 if tick % 5 == 0 else 0.2)
        draw.line((tick * millimetre, 0, tick * millimetre, reach), (30, 30, 34), max(1, wide // 40))
        if tick % 10 == 0:
            _number(draw, str(tick // 10 % 30), (tick * millimetre + 2, wide * 0.5), wide * 0.3)
    away = round(photo.height * float(rng.uniform(0.0, 0.04)))
    layer, mask = Image.new("RGB", photo.size), Image.new("L", photo.size)
    place = (-round(long * float(rng.uniform(0.05, 0.3))), photo.height - wide - away)
    layer.paste(strip, place)
    mask.paste(255, (0, place[1], photo.width, place[1] + wide))
    lean, turns = float(rng.normal(0, 2)), int(rng.integers(4))
    layer, mask = (_turned(each, lean, turns, photo.size) for each in (layer, mask))
    shade = np.float32(0.35 + 0.65 * float(pixels(photo).mean()) / 160) * (1 + 0.04 * clouds(rng, photo.size, 60))
    lit = np.clip(pixels(layer) * np.minimum(shade, 1.05)[..., None], 0, 255).astype(np.float32)
    return photo_of(mixed(pixels(photo), lit, np.asarray(mask, dtype=np.float32) / np.float32(255)))


def label(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A sticker with a ruled scale on the skin at one corner, curved light over it."""
    side = min(photo.size)
    wide, high = round(side * float(rng.uniform(0.16, 0.3))), round(side * float(rng.uniform(0.08, 0.14)))
    sticker = Image.new("RGBA", (wide * _FINER, high * _FINER), (244, 242, 236, 255))
    draw = ImageDraw.Draw(sticker)
    step = sticker.width / int(rng.integers(8, 25))
    for tick in range(1, int(sticker.width / step)):
        reach = sticker.height * (0.4 if tick % 5 == 0 else 0.22)
        draw.line((tick * step, 0, tick * step, reach), (40, 40, 44, 255), max(1, round(step / 8)))
    sticker = sticker.rotate(float(rng.normal(0, 12)), Image.Resampling.BICUBIC, expand=True).reduce(_FINER)
    layer = Image.new("RGBA", photo.size)
    corner = rng.choice([0.01, 0.99], 2) + rng.normal(0, 0.01, 2)
    place = (round((photo.width - sticker.width) * corner[0]), round((photo.height - sticker.height) * corner[1]))
    layer.paste(sticker, place)
    shade = np.float32(0.35 + 0.65 * float(pixels(photo).mean()) / 170) * (1 + 0.05 * clouds(rng, photo.size, 80))
    lit = np.clip(pixels(layer.convert("RGB")) * np.minimum(shade, 1.0)[..., None], 0, 255).astype(np.float32)
    cover = np.asarray(layer.getchannel("A"), dtype=np.float32) / np.float32(255)
    return photo_of(mixed(pixels(photo), lit, cover))


def ink_mark(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A surgeon's dots, arrow or ring in violet, blue or black, rubbed off in places."""
    mask = Image.new("L", (photo.width * _FINER, photo.height * _FINER))
    draw = ImageDraw.Draw(mask)
    side = min(mask.size)
    line_px = max(2, round(side * float(rng.uniform(0.006, 0.016))))
    middle = np.array(mask.size) * rng.uniform(0.45, 0.55, 2)
    reach, start = side * float(rng.uniform(0.3, 0.46)), float(rng.uniform(0, 6.3))
    turn = np.linspace(start, start + float(rng.choice([0.5, 2.0, 6.4])), 40)
    wobble = reach * (1 + 0.05 * np.sin(turn * 3 + start))
    ring = [
        (float(middle[0] + r * np.cos(t)), float(middle[1] + r * np.sin(t))) for r, t in zip(wobble, turn, strict=True)
    ]
    if rng.random() < 0.65:
        draw.line(ring, 255, line_px, joint="curve")
    else:
        for x, y in ring[:: int(rng.integers(6, 14))]:
            draw.ellipse((x - line_px, y - line_px, x + line_px, y + line_px), 255)
    colour = ((60, 30, 130), (40, 60, 160), (25, 25, 35))[int(rng.integers(3))]
    rubbed = np.clip(0.75 + 0.35 * clouds(rng, photo.size, max(min(photo.size) / 20, 2)), 0.1, 0.95)
    cover = np.asarray(mask.reduce(_FINER), dtype=np.float32) / np.float32(255) * rubbed
    stained = pixels(photo) * (0.25 + 0.75 * np.array(colour, dtype=np.float32) / 255)
    return photo_of(mixed(pixels(photo), stained.astype(np.float32), cover))


def hairs(photo: Image.Image, count: int, rng: np.random.Generator) -> Image.Image:
    """`count` bent hairs that lie much the same way, dark or fair, thin at their ends."""
    mask = Image.new("L", (photo.width * _FINER, photo.height * _FINER))
    draw = ImageDraw.Draw(mask)
    lie, side = float(rng.uniform(0, 2 * np.pi)), min(mask.size)
    share = np.linspace(0, 1, 16)
    for _ in range(count):
        heading = lie + float(rng.normal(0, 0.35)) + share * float(rng.normal(0, 1.2))
        step = side * float(rng.uniform(0.1, 0.45)) / len(share)
        x = float(rng.uniform(-0.1, 1)) * mask.width + np.cumsum(np.cos(heading)) * step
        y = float(rng.uniform(-0.1, 1)) * mask.height + np.cumsum(np.sin(heading)) * step
        points = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        draw.line(points[:12], 255, max(1, round(side * 0.0035)), joint="curve")
        draw.line(points[11:], 200, max(1, round(side * 0.002)))
    colour = ((22, 16, 14), (60, 40, 25), (200, 190, 180))[int(rng.integers(3))]
    cover = np.asarray(mask.reduce(_FINER), dtype=np.float32) / np.float32(255) * np.float32(rng.uniform(0.5, 0.9))
    return photo_of(mixed(pixels(photo), np.broadcast_to(np.array(colour, dtype=np.float32), (*cover.shape, 3)), cover))


def border(photo: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    """A plain frame of `share` of the short side, white, black or grey, its inner corners round or not: no words."""
    ground = int(rng.choice([255, 0, 0, 128, 240]))
    view = Image.new("RGB", photo.size, (ground, ground, ground))
    wide = max(round(min(photo.size) * share), 1)
    mask = Image.new("L", photo.size)
    box = (wide, wide, photo.width - 1 - wide, photo.height - 1 - wide)
    ImageDraw.Draw(mask).rounded_rectangle(box, wide * int(rng.choice([0, 0, 2])), 255)
    view.paste(photo, (0, 0), mask)
    return view


def _number(draw: ImageDraw.ImageDraw, text: str, place: tuple[float, float], high: float) -> None:
    unit = high / 6
    for index, sign in enumerate(text):
        for stroke in letter(sign):
            points = stroke * unit + (place[0] + index * unit * 5.5, place[1])
            draw.line([(float(x), float(y)) for x, y in points], (30, 30, 34), max(1, round(unit / 2)))


def _turned(layer: Image.Image, lean: float, turns: int, size: tuple[int, int]) -> Image.Image:
    turned = layer.rotate(lean, Image.Resampling.BILINEAR).rotate(90 * turns, expand=True)
    return turned.resize(size, Image.Resampling.BILINEAR)
