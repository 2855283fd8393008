"""Copies are found however they were made; other pictures are not taken for copies."""

import io
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.unit.trainer.photos.pictures import SIDE, drawn, encoded, thumbs
from trainer.photos import hamming
from trainer.photos.duplicates import near_duplicates
from trainer.photos.errors import BadLabels
from trainer.photos.hamming import REACH, close_pairs
from trainer.photos.perceptual import VARIANTS, distances, turned


def again(image: Image.Image, quality: int) -> Image.Image:
    """Recompressed."""
    return Image.open(io.BytesIO(encoded(image, quality)))


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: again(image, 30),
        lambda image: image.resize((SIDE // 2, SIDE // 2)),
        lambda image: image.resize((SIDE * 3, SIDE * 2)),
        lambda image: again(image.transpose(Image.Transpose.ROTATE_90), 60),
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.transpose(Image.Transpose.TRANSVERSE).resize((100, 100)),
        lambda image: image.filter(ImageFilter.GaussianBlur(1)),
        lambda image: image.convert("L").convert("RGB"),
    ],
)
def test_a_copy_is_found_among_others(copy: Callable[[Image.Image], Image.Image]) -> None:
    images = [drawn(number) for number in range(30)]
    assert near_duplicates(thumbs([*images, copy(images[7])])).tolist() == [[7, 30]]


def test_other_pictures_and_flat_ones_are_no_copies() -> None:
    flat = [Image.new("RGB", (SIDE, SIDE), colour) for colour in ("red", "red", "white")]
    assert near_duplicates(thumbs([*(drawn(number) for number in range(200)), *flat])).tolist() == []
    assert near_duplicates(np.empty((0, 32, 32), np.uint8)).shape == (0, 2)


def test_turning_is_a_group_of_eight() -> None:
    thumb = thumbs([drawn(1)])
    turns = {turned(thumb, variant).tobytes() for variant in range(VARIANTS)}
    assert len(turns) == VARIANTS
    assert {turned(turned(thumb, 3), variant).tobytes() for variant in range(VARIANTS)} == turns


def test_the_index_finds_exactly_what_comparing_all_with_all_finds() -> None:
    rng = np.random.default_rng(5)
    hashes = rng.integers(0, 2**64, (60, VARIANTS), dtype=np.uint64)
    flips = [np.uint64(sum(1 << int(bit) for bit in rng.choice(64, size=many, replace=False))) for many in range(12)]
    near = np.concatenate([hashes, *[(hashes[[many]] ^ flip) for many, flip in enumerate(flips)]])
    every = distances(near[:, :, None], near[None, None, :, 0].repeat(VARIANTS, 1)).min(1)
    expected = [[i, j] for i in range(len(near)) for j in range(i + 1, len(near)) if every[i, j] <= REACH]
    assert close_pairs(near).tolist() == expected
    assert len(expected) >= REACH + 1


def test_too_much_alike_is_refused_instead_of_taking_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "MAX_CANDIDATES", 1000)
    with pytest.raises(BadLabels, match="too many"):
        close_pairs(np.zeros((100, VARIANTS), np.uint64))


def test_many_photos_are_compared_in_seconds() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**64, (20_000, VARIANTS), dtype=np.uint64)
    hashes[19_999] = hashes[0]
    started = time.monotonic()
    assert [0, 19_999] in close_pairs(hashes).tolist()
    assert time.monotonic() - started < 15
