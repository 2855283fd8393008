"""Words over a photo in many types: hollow, thin, fat, by hand, Korean, as a caption, a time stamp, small and tiled."""

import string

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from trainer.faults.a.marks.hangul import korean
from trainer.faults.fonts import font

Ink = tuple[int, int, int]

_SMALLEST_PX = 9


def phrase(rng: np.random.Generator, most: int = 3) -> str:
    """One to `most` invented words."""
    letters = np.array(list(string.ascii_lowercase))
    words = ["".join(rng.choice(letters, int(rng.integers(2, 9)))) for _ in range(int(rng.integers(1, most + 1)))]
    text = str(rng.choice([" ", " ", "_", "."])).join(words)
    return (text, text.title(), text.upper(), "@" + text, f"{text} {int(rng.integers(2100))}")[int(rng.integers(5))]


def lettered(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    """A mask ("L") of the text, or of as much Korean, in any type."""
    high_px = max(high_px, _SMALLEST_PX)
    kind = int(rng.integers(6))
    if kind == 0:
        return korean(
            min(max(len(text) // 2, 2), 9), high_px, max(1, round(high_px * float(rng.uniform(0.06, 0.14)))), rng
        )
    if kind == 1:
        return _hollow(text, high_px)
    if kind == 2:
        return _by_hand(text, high_px, rng)
    fat_px = round(high_px * float(rng.uniform(0.05, 0.12))) if kind == 3 else 0
    return _typed(text, high_px, fat_px)


def showing(photo: Image.Image, box: tuple[int, int, int, int], rng: np.random.Generator) -> Ink:
    """White, black or a loud colour that stands off what is under the box."""
    under = np.asarray(photo.crop(box).resize((1, 1), Image.Resampling.BOX), dtype=np.float32)[0, 0]
    inks: tuple[Ink, ...] = (
        *((255, 255, 255), (255, 255, 255), (0, 0, 0), (255, 235, 0), (255, 0, 0), (0, 255, 255)),
        *((30, 60, 255), (0, 230, 60), (255, 0, 200), (120, 120, 120), (60, 0, 90)),
    )
    order = rng.permutation(len(inks))
    apart = [float(np.linalg.norm(under - np.array(inks[k], dtype=np.float32))) for k in order]
    return inks[order[next((k for k, far in enumerate(apart) if far > 150), int(np.argmax(apart)))]]


def laid(
    photo: Image.Image, mask: Image.Image, place: tuple[int, int], opacity: float, rng: np.random.Generator
) -> Image.Image:
    """The photo with the mask in an ink that shows; what is too large for it is shrunk."""
    mask.thumbnail((max(photo.width * 24 // 25, 1), max(photo.height * 24 // 25, 1)))
    x = min(max(place[0], 0), photo.width - mask.width)
    y = min(max(place[1], 0), photo.height - mask.height)
    ink = showing(photo, (x, y, x + mask.width, y + mask.height), rng)
    cover = mask.point([round(value * opacity) for value in range(256)])
    view = photo.copy()
    if rng.random() < 0.25:
        edge = (0, 0, 0) if sum(ink) > 300 else (255, 255, 255)
        view.paste(edge, (x + max(1, mask.height // 24), y + max(1, mask.height // 24)), cover)
    view.paste(ink, (x, y), cover)
    return view


def line_of_words(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """One line in any type, small to large, anywhere, leaning sometimes."""
    mask = lettered(phrase(rng), round(min(photo.size) * 0.032 * 7 ** float(rng.random())), rng)
    if rng.random() < 0.25:
        mask = mask.rotate(float(rng.uniform(-60, 60)), Image.Resampling.BILINEAR, expand=True)
    small = mask.height < 0.06 * min(photo.size)
    place = (round(photo.width * float(rng.uniform(0, 0.7))), round(photo.height * float(rng.uniform(0.02, 0.95))))
    return laid(photo, mask, place, max(opacity, 0.7) if small else max(opacity, 0.4), rng)


def small_and_tiled(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """A word over and over on a slant, small and pale."""
    stamp = lettered(phrase(rng, 2), round(min(photo.size) * float(rng.uniform(0.032, 0.06))), rng)
    gap = round(stamp.height * float(rng.uniform(0.8, 3)))
    side = round(1.45 * max(photo.size))
    whole = Image.new("L", (side, side))
    for row, y in enumerate(range(0, side, stamp.height + gap)):
        for x in range(-(row % 3) * stamp.width // 3, side, stamp.width + 2 * gap):
            whole.paste(stamp, (x, y))
    turned = whole.rotate(float(rng.choice([-1, 1]) * rng.uniform(15, 50)), Image.Resampling.BILINEAR)
    left, top = (side - photo.width) // 2, (side - photo.height) // 2
    mask = turned.crop((left, top, left + photo.width, top + photo.height))
    ink = showing(photo, (0, 0, *photo.size), rng)
    view = photo.copy()
    view.paste(ink, (0, 0), mask.point([round(value * max(0.8 * opacity, 0.3)) for value in range(256)]))
    return view


def time_stamp(photo: Image.Image, opacity: float, rng: np.random.Generator) -> Image.Image:
    """One to four lines of numbers in a corner, as cameras and map tools leave them."""
    high = max(round(min(photo.size) * float(rng.uniform(0.032, 0.06))), _SMALLEST_PX)
    day = f"{int(rng.integers(1999, 2031))}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}"
    hour = f"{int(rng.integers(24)):02d}:{int(rng.integers(60)):02d}:{int(rng.integers(60)):02d}"
    place = f"{rng.uniform(-90, 90):.5f}, {rng.uniform(-180, 180):.5f}"
    lines = (f"{day} {hour}", place, f"IMG_{int(rng.integers(10000)):04d}.JPG", phrase(rng, 2))[
        : int(rng.integers(1, 5))
    ]
    mask = Image.new("L", (round(high * 0.62 * max(map(len, lines))) + high, round(high * 1.3 * len(lines)) + 2))
    draw = ImageDraw.Draw(mask)
    for row, line in enumerate(lines):
        draw.text((1, row * high * 1.3), line, 255, font(high))
    corner = (photo.width * int(rng.integers(2)), photo.height * int(rng.integers(2)))
    return laid(photo, mask, corner, max(opacity, 0.75), rng)


def _typed(text: str, high_px: int, fat_px: int) -> Image.Image:
    face = font(high_px)
    left, top, right, bottom = face.getbbox(text, stroke_width=fat_px)
    mask = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(mask).text((1 - left, 1 - top), text, 255, face, stroke_width=fat_px)
    return mask


def _hollow(text: str, high_px: int) -> Image.Image:
    """Outlines only: the fat type less the plain one."""
    line_px = max(1, high_px // 18)
    face = font(high_px)
    left, top, right, bottom = face.getbbox(text, stroke_width=line_px)
    fat, thin = (Image.new("L", (int(right - left) + 2, int(bottom - top) + 2)) for _ in range(2))
    for mask, stroke in ((fat, line_px), (thin, 0)):
        ImageDraw.Draw(mask).text((1 - left, 1 - top), text, 255, face, stroke_width=stroke)
    return ImageChops.subtract(fat, thin)


def _by_hand(text: str, high_px: int, rng: np.random.Generator) -> Image.Image:
    """Letters that dance: each a little turned, larger or lower than the one before."""
    letters = []
    for sign in text[:16]:
        letter = _typed(sign if sign != " " else "-", round(high_px * float(rng.uniform(0.8, 1.2))), 0)
        letters.append(letter.rotate(float(rng.normal(8, 9)), Image.Resampling.BILINEAR, expand=True))
    wide = sum(letter.width for letter in letters) + high_px
    mask = Image.new("L", (wide, max(letter.height for letter in letters) + high_px // 2))
    x = 0
    for letter in letters:
        mask.paste(letter, (x, int(rng.integers(high_px // 3 + 1))), letter)
        x += round(letter.width * float(rng.uniform(0.75, 0.95)))
    return mask
