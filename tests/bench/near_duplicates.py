"""How far copies of photos and other photos lie apart, on real photos, and how long it takes to compare many.

    python -m tests.bench.near_duplicates PHOTOS_FOLDER LABELS_CSV

Prints, for pairs of different patients, pairs of one lesion, and copies made in several ways: how many pairs the hash
takes for near-duplicates, how many the correlation does, how many both do. trainer.photos.duplicates cites this.
"""

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from trainer.photos.claims import Seen
from trainer.photos.csv_source import read_csv
from trainer.photos.duplicates import LEAST_CORRELATION, near_duplicates
from trainer.photos.hamming import REACH
from trainer.photos.looking import look
from trainer.photos.perceptual import Thumbs, correlations, distances, perceptual_hashes, thumb

COPIES = 3  # every third photo is copied
MANY = 20_000


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Recompressed."""
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality)
    return Image.open(io.BytesIO(target.getvalue())).convert("RGB")


def smaller(image: Image.Image, by: int, how: Image.Resampling) -> Image.Image:
    """Scaled down."""
    return image.resize((image.width // by, image.height // by), how)


def cropped(image: Image.Image, share: float) -> Image.Image:
    """So much cut off each side."""
    x, y = round(image.width * share), round(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG 30": lambda image: jpeg(image, 30),
    "half size, JPEG 80": lambda image: jpeg(smaller(image, 2, Image.Resampling.BICUBIC), 80),
    "a third by nearest pixel, JPEG 60": lambda image: jpeg(smaller(image, 3, Image.Resampling.NEAREST), 60),
    "224 x 224, JPEG 75": lambda image: jpeg(image.resize((224, 224)), 75),
    "blurred by 2 pixels": lambda image: jpeg(image.filter(ImageFilter.GaussianBlur(2)), 85),
    "turned, JPEG 50": lambda image: jpeg(image.transpose(Image.Transpose.ROTATE_90), 50),
    "20 % brighter, clipped": lambda image: jpeg(image.point(lambda value: min(255, int(value * 1.2))), 85),
    "1 % cropped off each side": lambda image: jpeg(cropped(image, 0.01), 85),
    "3 % cropped off each side": lambda image: jpeg(cropped(image, 0.03), 85),
}


def tell(what: str, bits: NDArray[np.uint8], alike: NDArray[np.float32]) -> None:
    """Print a line of the table."""
    near, like = bits <= REACH, alike >= LEAST_CORRELATION
    print(
        f"{what:<36} n={len(bits):<7} hash within {REACH}: {near.sum()} (closest {bits.min()}, furthest {bits.max()}); "
        f"correlation from {LEAST_CORRELATION}: {like.sum()} ({alike.min():.3f}-{alike.max():.3f}); "
        f"both: {(near & like).sum()}"
    )


def compared(thumbs: Thumbs, pairs: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Distance of the hashes and correlation of each pair, the best over the variants."""
    hashes = perceptual_hashes(thumbs)
    bits = distances(hashes[pairs[:, 0]], hashes[pairs[:, 1], :1]).min(1)
    parts = np.array_split(pairs, len(pairs) // 4096 + 1)
    return bits, np.concatenate([correlations(thumbs, part) for part in parts])


def tell_pairs(seen: list[Seen]) -> None:
    """Photos against each other."""
    thumbs = np.stack([each.thumb for each in seen])
    pairs = np.stack(np.triu_indices(len(seen), 1), axis=1)
    patients = np.array([each.claim.patient_id for each in seen])
    lesions = np.array([f"{each.claim.patient_id}/{each.claim.lesion_id}" for each in seen])
    hashes = np.array([each.sha256 for each in seen])
    different_bytes = hashes[pairs[:, 0]] != hashes[pairs[:, 1]]
    same_patient = patients[pairs[:, 0]] == patients[pairs[:, 1]]
    same_lesion = lesions[pairs[:, 0]] == lesions[pairs[:, 1]]
    for what, which in (
        ("different patients", ~same_patient),
        ("one patient, another lesion", same_patient & ~same_lesion & different_bytes),
        ("one lesion taken twice", same_lesion & different_bytes),
    ):
        tell(what, *compared(thumbs, pairs[which]))


def tell_copies(seen: list[Seen]) -> None:
    """Photos against copies of themselves."""
    chosen = seen[::COPIES]
    for what, way in WAYS.items():
        copies = [thumb(way(Image.open(each.claim.path).convert("RGB"))) for each in chosen]
        thumbs = np.stack([*(each.thumb for each in chosen), *copies])
        places = np.arange(len(chosen))
        tell(what, *compared(thumbs, np.stack([places, places + len(chosen)], axis=1)))


def tell_time(seen: list[Seen]) -> None:
    """Many thumbs made of these by mixing two and adding a slant."""
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, len(seen), MANY) for _ in range(2))
    thumbs = np.stack([each.thumb for each in seen]).astype(np.float32)
    share = rng.uniform(0.3, 0.7, (MANY, 1, 1)).astype(np.float32)
    mixed = (share * thumbs[first] + (1 - share) * thumbs[second]).clip(0, 255).astype(np.uint8)
    started = time.perf_counter()
    found = near_duplicates(mixed)
    print(f"{MANY} mixed thumbs: {len(found)} near-duplicates found in {time.perf_counter() - started:.1f} s")


def main() -> None:
    """Measure."""
    photos, labels = Path(sys.argv[1]), Path(sys.argv[2])
    seen = [each for each in look(read_csv(labels, photos).claims) if isinstance(each, Seen)]
    tell_pairs(seen)
    tell_copies(seen)
    tell_time(seen)


if __name__ == "__main__":
    main()
