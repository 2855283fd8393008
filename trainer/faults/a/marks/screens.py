"""Pictures of pictures: a player, a telephone's bars, a captioned border, two photos in one, something hidden."""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from trainer.faults.a.marks.captions import laid, lettered, phrase
from trainer.faults.fonts import font


def player(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A button to play in the middle, often a bar of progress below."""
    layer = Image.new("RGBA", photo.size)
    draw = ImageDraw.Draw(layer)
    x, y, reach = photo.width / 2, photo.height / 2, min(photo.size) * float(rng.uniform(0.07, 0.16))
    ground = ((0, 0, 0), (255, 0, 0), (255, 255, 255))[int(rng.integers(3))]
    ink = (20, 20, 20, 255) if ground[1] else (255, 255, 255, 255)
    draw.rounded_rectangle(
        (x - reach * 1.3, y - reach, x + reach * 1.3, y + reach), reach * 0.5, (*ground, _level(opacity, 0.6))
    )
    draw.polygon(((x - reach * 0.4, y - reach * 0.5), (x - reach * 0.4, y + reach * 0.5), (x + reach * 0.5, y)), ink)
    if rng.random() < 0.7:
        done, base = photo.width * float(rng.uniform(0.1, 0.9)), photo.height * 0.95
        line_px = max(2, min(photo.size) // 90)
        draw.line((photo.width * 0.03, base, photo.width * 0.97, base), (230, 230, 230, 200), line_px)
        draw.line((photo.width * 0.03, base, done, base), (255, 0, 0, 255), line_px)
        draw.ellipse((done - 2 * line_px, base - 2 * line_px, done + 2 * line_px, base + 2 * line_px), (255, 0, 0, 255))
    return _over(photo, layer)


def telephone(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A status line above, sometimes an app's title under it and signs along the bottom."""
    layer = Image.new("RGBA", photo.size)
    draw = ImageDraw.Draw(layer)
    high = max(round(photo.height * float(rng.uniform(0.04, 0.065))), 11)
    shade, ink = ((0, 0, 0), (255, 255, 255)) if rng.random() < 0.5 else ((250, 250, 250), (20, 20, 20))
    ground = (*shade, _level(opacity, 0.8))
    draw.rectangle((0, 0, photo.width, high), ground)
    face = font(max(round(high * 0.65), 8))
    draw.text(
        (high * 0.4, high * 0.5), f"{int(rng.integers(1, 13))}:{int(rng.integers(60)):02d}", ink, face, anchor="lm"
    )
    draw.text((photo.width - high * 0.4, high * 0.5), f"LTE {int(rng.integers(5, 101))}%", ink, face, anchor="rm")
    if rng.random() < 0.6:
        draw.rectangle((0, high, photo.width, high * 2.6), ground)
        draw.text((high, high * 1.8), "< " + phrase(rng, 2), ink, font(max(round(high * 0.8), 8)), anchor="lm")
    if rng.random() < 0.6:
        draw.rectangle((0, photo.height - high * 1.8, photo.width, photo.height), ground)
        for share in np.linspace(0.12, 0.88, int(rng.integers(3, 6))):
            draw.regular_polygon(
                (photo.width * float(share), photo.height - high * 0.9, high * 0.5),
                int(rng.integers(3, 9)),
                0,
                None,
                ink,
            )
    return _over(photo, layer)


def captioned_border(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """Bars above and below, or on both sides, with words on one of them."""
    shade = int(rng.choice([0, 0, 255, 250, 30]))
    bar = round(photo.height * float(rng.uniform(0.09, 0.2)))
    view = Image.new("RGB", photo.size, (shade, shade, shade))
    view.paste(ImageOps.fit(photo, (photo.width, photo.height - 2 * bar)), (0, bar))
    mask = lettered(phrase(rng), round(bar * float(rng.uniform(0.3, 0.55))), rng)
    mask.thumbnail((photo.width * 9 // 10, max(bar * 4 // 5, 1)))
    y = (photo.height - bar if rng.random() < 0.6 else 0) + (bar - mask.height) // 2
    return laid(view, mask, (round((photo.width - mask.width) * float(rng.random())), y), max(opacity, 0.8), rng)


def collage(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """Two or more views side by side with a seam: the photo whole and near, before and after."""
    upright = rng.random() < 0.6
    parts = int(rng.choice([2, 2, 3]))
    seam = max(2, round(min(photo.size) * float(rng.uniform(0.006, 0.03))))
    along = photo.width if upright else photo.height
    view = Image.new("RGB", photo.size, _seam_colour(photo, rng))
    cuts = [round(along * k / parts) for k in range(parts + 1)]
    for index, (start, end) in enumerate(pairwise(cuts)):
        size = (end - start - seam, photo.height) if upright else (photo.width, end - start - seam)
        piece = ImageOps.fit(_another_view(photo, index, rng), size)
        view.paste(piece, (start + seam // 2, 0) if upright else (0, start + seam // 2))
    return view


def hidden(photo: Image.Image, _opacity: float, rng: np.random.Generator) -> Image.Image:
    """A part made unknowable: in coarse squares, blurred in a hard box, or blacked out."""
    wide, high = (round(side * float(rng.uniform(0.16, 0.45))) for side in photo.size)
    x, y = (int(rng.integers(0, side - part + 1)) for side, part in zip(photo.size, (wide, high), strict=True))
    box = (x, y, x + wide, y + high)
    view, part = photo.copy(), photo.crop(box)
    kind = int(rng.integers(3))
    if kind == 0:
        cells = int(rng.integers(5, 11)), int(rng.integers(5, 11))
        coarse = np.asarray(part.resize(cells, Image.Resampling.BOX), dtype=np.float32)
        # What lies under such squares is a face or a name: they differ from each other more than skin does.
        squares = coarse + rng.normal(0, 26, (*coarse.shape[:2], 1))
        part = Image.fromarray(np.clip(squares, 0, 255).astype(np.uint8)).resize(part.size, Image.Resampling.NEAREST)
    elif kind == 1:
        part = ImageOps.posterize(part.filter(ImageFilter.GaussianBlur(max(min(wide, high) / 6, 2))), 6)
        ImageDraw.Draw(part).rectangle((0, 0, wide - 1, high - 1), outline=_seam_colour(photo, rng), width=2)
    else:
        part = Image.new("RGB", part.size, _seam_colour(photo, rng))
    view.paste(part, (x, y))
    return view


def bars_code(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A bar code with its number, or a square of data cells, on white."""
    side = round(min(photo.size) * float(rng.uniform(0.14, 0.3)))
    wide = side if rng.random() < 0.4 else round(side * 1.6)
    label = Image.new("RGB", (wide + 8, side + 8), (255, 255, 255))
    if wide == side:
        cells = rng.integers(0, 2, (int(rng.choice([10, 14, 18, 24])),) * 2).astype(np.uint8) * np.uint8(255)
        cells[:, 0] = cells[-1, :] = 0
        label.paste(Image.fromarray(cells).resize((side, side), Image.Resampling.NEAREST), (4, 4))
    else:
        edges = np.repeat(rng.integers(0, 2, 95), 1).astype(np.uint8)[None, :] * np.uint8(255)
        label.paste(Image.fromarray(edges).resize((wide, max(side * 3 // 4, 1)), Image.Resampling.NEAREST), (4, 4))
        number = "".join(str(digit) for digit in rng.integers(0, 10, 12))
        ImageDraw.Draw(label).text(
            (wide / 2 + 4, side * 0.9 + 4), number, (0, 0, 0), font(max(side // 6, 8)), anchor="mm"
        )
    label.thumbnail((photo.width * 9 // 10, photo.height * 9 // 10))
    place = tuple(int(rng.integers(0, a - b + 1)) for a, b in zip(photo.size, label.size, strict=True))
    view = photo.copy()
    view.paste(label, (place[0], place[1]), Image.new("L", label.size, _level(opacity, 0.75)))
    return view


def _another_view(photo: Image.Image, index: int, rng: np.random.Generator) -> Image.Image:
    if index == 0:
        return photo
    share = float(rng.uniform(0.35, 0.8))
    wide, high = round(photo.width * share), round(photo.height * share)
    x, y = int(rng.integers(0, photo.width - wide + 1)), int(rng.integers(0, photo.height - high + 1))
    near = photo.crop((x, y, x + wide, y + high))
    return ImageOps.mirror(near).point([round(min(value * 1.08, 255)) for value in range(256)] * 3)


def _seam_colour(photo: Image.Image, rng: np.random.Generator) -> tuple[int, int, int]:
    """White or black, whichever is seen; either where both are."""
    mean = float(np.asarray(photo.convert("L").resize((1, 1), Image.Resampling.BOX))[0, 0])
    light = mean < 90 or (mean < 190 and rng.random() < 0.6)
    return (255, 255, 255) if light else (0, 0, 0)


def _level(opacity: float, least: float) -> int:
    return round(255 * max(opacity, least))


def _over(photo: Image.Image, layer: Image.Image) -> Image.Image:
    return Image.alpha_composite(photo.convert("RGBA"), layer).convert("RGB")
