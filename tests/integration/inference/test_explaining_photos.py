"""Maps of the bundled disease model over real photos: what is called clear lies on the lesion."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.explaining.saliency import MOST_RUNS, explain_disease
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import load_model
from inference.store import ModelStore
from trainer.sorting.lesion import find_lesions

ROOT = Path(__file__).resolve().parents[3]
PHOTOS = ROOT.parent / "shared" / "data" / "skin-real" / "skin"
_TOLERANCE = 0.05


def on_the_lesion(image: Image.Image, row: float, column: float) -> bool:
    lesions = find_lesions(np.asarray(image.resize((224, 224))))
    near = np.argwhere(lesions.counted) / 224 - (row, column)
    return bool(len(near)) and float(np.abs(near).max(1).min()) <= _TOLERANCE


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no real photos here")
def test_of_real_photos_clear_maps_lie_on_the_lesion() -> None:
    store = ModelStore(ROOT / "inference" / "bundled")
    model = load_model(store.folder("disease", max(store.versions("disease"))), threads=1)
    clear, hits = 0, 0
    for file in sorted(PHOTOS.glob("*.jpg"))[::9]:
        picture = decode_picture(file.read_bytes(), max_pixels=10_000_000)
        prepared = PreparedPicture(picture)
        first = rank(model, prepared, UNKNOWN_CONTEXT, 0.5, 0.1).diseases[0]
        found = explain_disease(model, prepared, UNKNOWN_CONTEXT, first.code)
        assert found.runs <= MOST_RUNS
        assert found.probability == pytest.approx(first.probability, abs=1e-4)
        if found.clear:
            row, column = np.unravel_index(int(found.plane.argmax()), found.plane.shape)
            clear += 1
            hits += on_the_lesion(picture.image, (row + 0.5) / 56, (column + 0.5) / 56)
    assert clear >= 3
    assert hits >= 0.7 * clear
