"""Examples are made once; whatever would make another picture is another file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.patches import PatchPlan
from trainer.reading import read_picture
from trainer.suitability.cache import cache_path, load_made
from trainer.suitability.making import made
from trainer.suitability.plan import Families, Mix, Planned, plan
from trainer.suitability.render import View, sent

VIEW = View(32, PatchPlan(2, 16))
PLANNED = plan([], [], Families(("field",), ("a",)), Mix(1, 1, 1), 3)


def test_what_was_made_is_kept_and_not_made_again(tmp_path: Path) -> None:
    first = made(PLANNED, VIEW, 1, tmp_path)
    path = cache_path(tmp_path, PLANNED, VIEW)
    np.testing.assert_array_equal(first.images, made(PLANNED, VIEW, 1, None).images)
    changed = first._replace(images=np.zeros_like(first.images))
    with path.open("wb") as file:
        np.savez(file, images=changed.images, patches=changed.patches)
    assert not made(PLANNED, VIEW, 1, tmp_path).images.any(), "the kept file is what is used"


def test_another_view_is_another_file(tmp_path: Path) -> None:
    path = cache_path(tmp_path, PLANNED, VIEW)
    assert path != cache_path(tmp_path, PLANNED, View(48, VIEW.patches))
    assert path != cache_path(tmp_path, PLANNED, View(32, PatchPlan(2, 24)))
    assert load_made(path) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"label": "watermark"},
        {"making": "harmless"},
        {"scene": "relief"},
        {"scene_seed": 5},
        {"fault": "c"},
        {"severity": 0.5},
        {"seed": 5},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_example_is_another_file(tmp_path: Path, changed: dict[str, str | int | float]) -> None:
    others = tuple(replace(one, **changed) for one in PLANNED)  # type: ignore[arg-type]  # each value fits its field
    assert cache_path(tmp_path, others, VIEW) != cache_path(tmp_path, PLANNED, VIEW)


def test_a_photo_is_its_bytes_wherever_it_lies(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one.jpg", "same.jpg", "other.jpg"))
    for photo, data in ((one, b"one"), (same, b"one"), (other, b"other")):
        photo.write_bytes(data)

    def path_of(*photos: Path) -> Path:
        return cache_path(tmp_path, [_of(photo) for photo in photos], VIEW)

    assert path_of(one) == path_of(same)
    assert path_of(one) != path_of(other)
    assert path_of(one, other) != path_of(other, one)


def _of(photo: Path) -> Planned:
    return replace(PLANNED[0], photo=photo, origin=photo.name)


def _decoded(photo: Path, seed: int) -> Image.Image:
    planned = Planned("usable", "as_it_is", photo, "", "", 0, "a", 0.0, seed)
    return read_picture(sent(planned), photo.name).image


@pytest.mark.parametrize("seed", range(4))
def test_a_photo_is_sent_as_serving_shows_it(tmp_path: Path, seed: int) -> None:
    turned, deep, clear = (tmp_path / name for name in ("turned.jpg", "deep.png", "clear.png"))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (300, 200), (200, 150, 130)).save(turned, exif=exif.tobytes())
    Image.fromarray(np.full((240, 240), 0x8000, dtype=np.uint16)).save(deep)
    Image.new("RGBA", (240, 240), (0, 0, 0, 0)).save(clear)
    assert _decoded(turned, seed).height > _decoded(turned, seed).width
    assert 120 < np.asarray(_decoded(deep, seed)).mean() < 136
    assert np.asarray(_decoded(clear, seed)).mean() > 250


@pytest.mark.parametrize("seed", range(6))
def test_a_strip_is_sent_no_narrower_than_can_be_read(tmp_path: Path, seed: int) -> None:
    strip = tmp_path / "strip.jpg"
    Image.new("RGB", (96, 3000), (200, 150, 130)).save(strip)
    assert min(_decoded(strip, seed).size) >= 96
