"""Marks of families a and b show on any ground; what lies in the scene leaves most of the photo alone."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.faults.pictures import lesion_on_skin
from trainer.faults.a.marks.hangul import korean
from trainer.faults.a.things import jewellery_beside, paper_beside
from trainer.faults.a.watermark import MARKS as MARKS_A
from trainer.faults.b.objects import label
from trainer.faults.b.watermark.drawings import pointed_at
from trainer.faults.b.watermark.posts import before_and_after, instant_print, made_unknowable, stamped
from trainer.faults.b.watermark.syllables import syllables
from trainer.faults.fault import Fault


@pytest.mark.parametrize("number", range(len(MARKS_A)))
def test_every_mark_shows_on_light_and_on_dark_ground(number: int) -> None:
    for shade in (25, 225):
        photo = Image.new("RGB", (200, 150), (shade, shade, shade))
        views = [
            np.asarray(MARKS_A[number](photo, 0.38, np.random.default_rng(seed)), dtype=float) for seed in range(4)
        ]
        shown = [float((np.abs(view - shade).max(2) > 25).mean()) for view in views]
        assert float(np.median(shown)) > 0.003


@pytest.mark.parametrize("number", range(len(MARKS_A)))
@pytest.mark.parametrize("size", [(64, 64), (65, 301), (500, 64)])
def test_every_mark_fits_any_shape(number: int, size: tuple[int, int]) -> None:
    photo = Image.new("RGB", size, (190, 140, 110))
    for seed in range(3):
        assert MARKS_A[number](photo, 0.6, np.random.default_rng(seed)).size == size


@pytest.mark.parametrize("mark", [instant_print, before_and_after, stamped, made_unknowable, pointed_at])
def test_posts_and_drawings_take_many_odd_sizes(mark: Fault) -> None:
    for seed in range(25):
        size = (64 + 7 * seed, 67 + (53 * seed) % 190)
        assert mark(Image.new("RGB", size, (190, 140, 110)), 0.6, np.random.default_rng(seed)).size == size


def test_korean_is_written_in_both_families() -> None:
    for mask in (korean(4, 24, 2, np.random.default_rng(1)), syllables(4, 24, 2, np.random.default_rng(1))):
        assert mask.mode == "L"
        assert 0.03 < float((np.asarray(mask) > 128).mean()) < 0.6


@pytest.mark.parametrize("beside", [lambda p, _, r: paper_beside(p, r), lambda p, _, r: jewellery_beside(p, r),
                                    lambda p, _, r: label(p, r)])  # fmt: skip
def test_things_beside_the_lesion_leave_the_lesion_free(beside: Fault) -> None:
    photo = lesion_on_skin((240, 180))
    for seed in range(6):
        view = np.asarray(beside(photo, 0.5, np.random.default_rng(seed)), dtype=float)
        change = np.abs(view - np.asarray(photo, dtype=float)).max(2)
        assert change[60:120, 90:150].mean() < 8
        assert change.max() > 30
