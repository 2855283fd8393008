"""Examples are made once; another plan or view is another file."""

from pathlib import Path

import numpy as np

from inference.patches import PatchPlan
from trainer.suitability.cache import cache_path, load_made
from trainer.suitability.making import made
from trainer.suitability.plan import Mix, plan
from trainer.suitability.render import View

VIEW = View(32, PatchPlan(2, 16))
PLANNED = plan([], Mix(1, 1, 1), 3)


def test_what_was_made_is_kept_and_not_made_again(tmp_path: Path) -> None:
    first = made(PLANNED, VIEW, 1, tmp_path)
    path = cache_path(tmp_path, PLANNED, VIEW)
    np.testing.assert_array_equal(first.images, made(PLANNED, VIEW, 1, None).images)
    changed = first._replace(images=np.zeros_like(first.images))
    with path.open("wb") as file:
        np.savez(file, images=changed.images, patches=changed.patches)
    assert not made(PLANNED, VIEW, 1, tmp_path).images.any(), "the kept file is what is used"


def test_another_plan_view_or_photo_is_another_file(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"one")
    of_photo = plan([photo], Mix(0, 1, 1), 3)
    paths = [
        cache_path(tmp_path, PLANNED, VIEW),
        cache_path(tmp_path, PLANNED, View(48, VIEW.patches)),
        cache_path(tmp_path, plan([], Mix(1, 1, 1), 4), VIEW),
        cache_path(tmp_path, of_photo, VIEW),
    ]
    photo.write_bytes(b"two")
    assert len({*paths, cache_path(tmp_path, of_photo, VIEW)}) == 5
    assert load_made(paths[0]) is None
