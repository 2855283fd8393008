"""Examples are made once; whatever would make another picture is another file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.patches import PatchPlan
from trainer.suitability.cache import cache_path, load_made
from trainer.suitability.making import made
from trainer.suitability.plan import Families, Mix, Planned, plan
from trainer.suitability.render import View

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
