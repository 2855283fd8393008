"""How good and how quick explanations are, by the bundled models: python -m tests.bench.explanation

Where it is known what an answer has to stand on: does the map point there, and is it called clear only then? Marks and
softness are made on drawn scenes; lesions of real photos are found by the trainer's rules.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.explaining.planes import SIDE
from inference.explaining.saliency import Saliency, explain_disease, explain_fault
from inference.picture import Picture
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from inference.suitability import judge
from trainer.faults.registry import FAMILIES, spoil
from trainer.sorting.lesion import find_lesions
from trainer.synthetic.album import USABLE, synthetic_photo

BUNDLED = Path(__file__).resolve().parents[2] / "inference" / "bundled"
PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "data" / "skin-real" / "skin"
SIZE = (800, 600)
MOST_MARKED = 0.4
"""Of the frame: a mark over more of it is everywhere."""
_LEAST_CHANGE, _LEAST_COVERED = 20, 0.1
_TOLERANCE = 2
"""Places: a twenty-eighth of the frame."""

Truth = NDArray[np.bool_]
Explain = Callable[[PreparedPicture], Saliency | None]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A photo and the places [SIDE, SIDE] that its answer has to stand on."""

    photo: Image.Image
    truth: Truth


@dataclass(frozen=True, slots=True)
class Shot:
    """Whether one map pointed at the truth, whether it was called clear, the processor seconds it took."""

    hit: bool
    clear: bool
    seconds: float


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=12, help="drawn of each kind (default 12)")
    count = parser.parse_args().scenes
    suitability, disease = (_bundled(task) for task in ("suitability", "disease"))
    print(f"{'what':34} {'maps':>5} {'points there':>13} {'clear':>6} {'of clear, there':>16} {'CPU ms':>7}")
    _report(f"watermark, {suitability.manifest.name}", _fault(suitability, "watermark"), _marked(count))
    _report(f"half out of focus, {suitability.manifest.name}", _fault(suitability, "out_of_focus"), _half_soft(count))
    if PHOTOS.is_dir():
        _report(f"lesion, {disease.manifest.name}", lambda picture: _first_disease(disease, picture), _lesions(count))
    else:
        print("no real photos here: the disease model is not tried")
    return 0


def _report(what: str, explain: Explain, examples: Iterator[Example]) -> None:
    shots = [shot for example in examples if (shot := _shot(explain, example)) is not None]
    clear = [shot for shot in shots if shot.clear]
    took = statistics.median(shot.seconds for shot in shots) * 1000 if shots else float("nan")
    there, right = _share([shot.hit for shot in shots]), _share([shot.hit for shot in clear])
    print(f"{what:34} {len(shots):5} {there:>13} {_share([shot.clear for shot in shots]):>6} {right:>16} {took:7.0f}")


def _shot(explain: Explain, example: Example) -> Shot | None:
    picture = _prepared(example.photo)
    begun = time.process_time()
    saliency = explain(picture)
    seconds = time.process_time() - begun
    return None if saliency is None else Shot(_points_at(saliency, example.truth), saliency.clear, seconds)


def _points_at(saliency: Saliency, truth: Truth) -> bool:
    """Whether the map's highest place is in the truth, or beside it (the pointing game, Zhang 2016)."""
    row, column = np.unravel_index(int(saliency.plane.argmax()), saliency.plane.shape)
    rows = slice(max(0, row - _TOLERANCE), row + _TOLERANCE + 1)
    columns = slice(max(0, column - _TOLERANCE), column + _TOLERANCE + 1)
    return bool(truth[rows, columns].any())


def _fault(model: LoadedModel, code: str) -> Explain:
    """Explains photos that the model rejects for this fault, or names it beside others."""

    def explain(picture: PreparedPicture) -> Saliency | None:
        named = {reason.code for reason in judge(model, picture).reasons}
        return explain_fault(model, picture, code) if code in named else None

    return explain


def _first_disease(model: LoadedModel, picture: PreparedPicture) -> Saliency:
    first = rank(model, picture, UNKNOWN_CONTEXT, 0.5, 0.1).diseases[0]
    return explain_disease(model, picture, UNKNOWN_CONTEXT, first.code)


def _marked(count: int) -> Iterator[Example]:
    families = list(FAMILIES)
    for seed in range(count):
        scene = synthetic_photo(USABLE, 5000 + seed, SIZE, family="any")
        spoilt = spoil(scene, "watermark", 0.7, seed, families[seed % len(families)])
        if spoilt.size != scene.size:
            continue
        changed = np.abs(np.asarray(spoilt, np.int16) - np.asarray(scene, np.int16)).max(2) > _LEAST_CHANGE
        truth = _reduced(changed)
        if truth.mean() <= MOST_MARKED:
            yield Example(spoilt, truth)


def _half_soft(count: int) -> Iterator[Example]:
    width, height = SIZE
    halves = ((0, 0, width // 2, height), (width // 2, 0, width, height), (0, 0, width, height // 2))
    for seed in range(count):
        scene = synthetic_photo(USABLE, 7000 + seed, SIZE, family="any")
        box = halves[seed % len(halves)]
        soft = np.zeros((height, width), np.bool_)
        soft[box[1] : box[3], box[0] : box[2]] = True
        scene.paste(scene.filter(ImageFilter.GaussianBlur(6)).crop(box), box[:2])
        yield Example(scene, _reduced(soft))


def _lesions(count: int) -> Iterator[Example]:
    files = sorted(PHOTOS.glob("*.jpg"))
    for file in files[:: max(1, len(files) // (2 * count))]:
        photo = Image.open(file).convert("RGB")
        lesions = find_lesions(np.asarray(photo.resize((224, 224))))
        if lesions.regions:
            yield Example(photo, _reduced(lesions.main))


def _reduced(mask: Truth) -> Truth:
    shares = Image.fromarray(mask.astype(np.uint8) * 255).resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(shares) > _LEAST_COVERED * 255


def _prepared(photo: Image.Image) -> PreparedPicture:
    return PreparedPicture(Picture(photo, 1, photo.width, photo.height, "png"))


def _share(values: list[bool]) -> str:
    return f"{sum(values) / len(values):.2f}" if values else "-"


def _bundled(task: str) -> LoadedModel:
    store = ModelStore(BUNDLED)
    return load_model(store.folder(task, max(store.versions(task))), threads=1)


if __name__ == "__main__":
    sys.exit(main())
