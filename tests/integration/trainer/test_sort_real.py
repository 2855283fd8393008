"""The rules on real photos: few usable ones refused, the soft ones and what is no skin caught; the time it takes."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.trainer.sorting.drawn import skin, with_discs
from trainer.reading import read_picture
from trainer.sorting.measuring import examine, examine_view
from trainer.sorting.thresholds import BUNDLED, read_thresholds
from trainer.sorting.verdict import judge
from trainer.sorting.views import view_of_image

PHOTOS = Path(__file__).parents[4] / "shared" / "data" / "skin-real"
needs_photos = pytest.mark.skipif(not PHOTOS.is_dir(), reason="the real photos are not here")


def rows(suitability: str) -> list[Path]:
    with (PHOTOS / "labels.csv").open(encoding="utf-8", newline="") as lines:
        return [PHOTOS / row["file"] for row in csv.DictReader(lines) if row["suitability"] == suitability]


def refused_share(paths: list[Path]) -> float:
    bounds = read_thresholds(BUNDLED)
    pictures = (read_picture(path.read_bytes(), path.name) for path in paths)
    return float(np.mean([not judge(examine(picture).measures, bounds).usable for picture in pictures]))


@needs_photos
def test_soft_photos_are_refused_at_full_and_at_half_size() -> None:
    bounds = read_thresholds(BUNDLED)
    for path in rows("out_of_focus"):
        with Image.open(path) as photo:
            whole = photo.convert("RGB")
        half = whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.LANCZOS)
        for size in (whole, half):
            assert judge(examine_view(view_of_image(size)).measures, bounds).label == "out_of_focus"


@needs_photos
def test_few_usable_photos_are_refused() -> None:
    assert refused_share(rows("presumed_usable")[::3]) <= 0.17


@needs_photos
def test_most_of_what_is_no_skin_is_refused() -> None:
    assert refused_share([path for path in rows("not_skin") if path.parent.name == "not-skin"][::2]) >= 0.75


def test_a_photo_of_1600_by_1200_is_measured_quickly() -> None:
    """The bound is loose: shared machines are slow at times."""
    photo = with_discs(skin(1600, 1200), [(0.5, 0.5)], 0.4)
    examine_view(view_of_image(photo))
    spent = []
    for _ in range(5):
        begun = time.thread_time()
        examine_view(view_of_image(photo))
        spent.append(time.thread_time() - begun)
    assert min(spent) < 0.4
