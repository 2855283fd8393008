"""What a surgeon's pen leaves round a lesion: part of a ring, dots, an arrow, a letter. Common, and no watermark."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import grains
from trainer.synthetic.props.place import Place

_INKS = ((1.3, 1.9, 0.35), (1.5, 1.1, 0.25), (1.8, 1.7, 1.5), (1.5, 0.45, 0.9))  # density: violet, blue, black, green
_FINER = 2
_LARGEST_SIDE = 900


def pen_mark(picture: Picture, rng: np.random.Generator, place: Place) -> None:
    """Draw a mark round the subject, in place; the ink absorbs, and skips the furrows."""
    height, width = picture.shape[:2]
    radius = max(place.diameter_mm * place.px_per_mm * float(rng.uniform(0.65, 0.95)), 6.0)
    reach = math.ceil(radius * 1.7)
    left, top = round(place.x * width) - reach, round(place.y * height) - reach
    rows, columns = slice(max(top, 0), min(top + 2 * reach, height)), slice(max(left, 0), min(left + 2 * reach, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    line = float(np.clip(rng.uniform(0.5, 1.3) * place.px_per_mm, 1.2, radius * 0.16))
    mask = _drawn(rng, reach, radius, line)
    region = picture[rows, columns]
    share = np.asarray(mask, dtype=np.float32)[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ] / np.float32(255)
    worn = 0.8 + 0.35 * grains(rng, (share.shape[1], share.shape[0]), max(line / 2, 1.3))
    density = share * np.clip(worn, 0.1, 1.3) * np.float32(rng.uniform(0.45, 1.0))
    ink = np.array(_INKS[int(rng.integers(len(_INKS)))], dtype=np.float32)
    region *= np.exp(-density[..., None] * ink)


def _drawn(rng: np.random.Generator, reach: int, radius: float, line: float) -> Image.Image:
    """Where the pen went, [2 * reach, 2 * reach], 0..255; large ones are drawn smaller and enlarged."""
    scale = min(_FINER, _LARGEST_SIDE / (2 * reach))
    side = max(8, round(2 * reach * scale))
    mask = Image.new("L", (side, side))
    pen = _Pen(ImageDraw.Draw(mask), rng, side / 2, radius * scale, max(1, round(line * scale)))
    (pen.ring, pen.ring, pen.dots, pen.arrow, pen.letter)[int(rng.integers(5))]()
    return mask.filter(ImageFilter.GaussianBlur(max(0.6, line * scale / 6))).resize((2 * reach, 2 * reach))


class _Pen:
    """The marks, each round the middle of the square."""

    def __init__(
        self, draw: ImageDraw.ImageDraw, rng: np.random.Generator, middle: float, radius: float, width: int
    ) -> None:
        self._draw, self._rng, self._middle, self._radius, self._width = draw, rng, middle, radius, width

    def ring(self) -> None:
        """Part of a ring or all of it, whole or dashed."""
        rng = self._rng
        turns = np.linspace(0, float(rng.uniform(2.2, 6.6)), 60) + float(rng.uniform(0, 6.3))
        wobble = 1 + 0.07 * np.sin(turns * int(rng.integers(1, 4)) + float(rng.uniform(0, 6)))
        points = [self._at(float(turn), float(out)) for turn, out in zip(turns, wobble, strict=True)]
        if rng.random() < 0.3:
            for start in range(0, len(points) - 4, 7):
                self._draw.line(points[start : start + 4], fill=255, width=self._width, joint="curve")
        else:
            self._draw.line(points, fill=255, width=self._width, joint="curve")

    def dots(self) -> None:
        """Dots at the corners."""
        count = int(self._rng.integers(2, 9))
        first = float(self._rng.uniform(0, 6.3))
        for number in range(count):
            x, y = self._at(first + 2 * math.pi * number / count, 1 + 0.1 * float(self._rng.normal()))
            size = self._width * float(self._rng.uniform(0.8, 1.4))
            self._draw.ellipse((x - size, y - size, x + size, y + size), fill=255)

    def arrow(self) -> None:
        """An arrow that points at the lesion."""
        turn = float(self._rng.uniform(0, 6.3))
        tip, end = self._at(turn, 1.0), self._at(turn + 0.05, 1.55)
        self._draw.line([end, tip], fill=255, width=self._width)
        for bend in (-0.22, 0.22):
            self._draw.line([self._at(turn + bend, 1.22), tip], fill=255, width=self._width)

    def letter(self) -> None:
        """A letter or a number beside it."""
        x, y = self._at(float(self._rng.uniform(0, 6.3)), 1.25)
        sign = "ABCDX1234567890"[int(self._rng.integers(15))]
        font = ImageFont.load_default(max(8.0, self._radius * 0.55))
        self._draw.text((x, y), sign, fill=255, font=font, anchor="mm", stroke_width=max(0, self._width // 3))

    def _at(self, turn: float, out: float) -> tuple[float, float]:
        radius = self._radius * out
        return self._middle + radius * math.cos(turn), self._middle + radius * math.sin(turn)
