"""Small pictures on disk, no two alike unless asked, and CSV files that name them."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.photos.claims import Claim, Seen
from trainer.photos.perceptual import thumb

SIDE = 128


def drawn(number: int) -> Image.Image:
    """A picture of soft blobs, another for each number."""
    coarse = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, quality: int = 90, kind: str = "JPEG") -> bytes:
    """A picture as a file's bytes."""
    target = io.BytesIO()
    image.save(target, kind, quality=quality)
    return target.getvalue()


def put(folder: Path, name: str, number: int) -> Path:
    """Write picture `number` under a folder; its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(drawn(number)))
    return path


def csv_file(folder: Path, header: str, *rows: str, name: str = "labels.csv") -> Path:
    """A CSV file."""
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def labelled(folder: Path, header: str, *rows: str, suffix: str = "") -> Path:
    """A CSV file and a picture for each of its rows, named in the first column."""
    for number, row in enumerate(rows):
        put(folder, row.split(",")[0] + suffix, number)
    return csv_file(folder, header, *rows)


def seen(number: int, sha256: str = "", **said: object) -> Seen:
    """A photo that was looked at."""
    name = str(said.pop("name", f"{number}.jpg"))
    claim = Claim(path=Path(name), name=name, place=name, **said)  # type: ignore[arg-type]  # facts by name
    return Seen(sha256 or f"{number:064x}", claim, thumb(drawn(number)))


def thumbs(images: Sequence[Image.Image]) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Their thumbs, stacked."""
    return np.stack([thumb(image) for image in images])
