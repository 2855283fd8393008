"""What judging a photo costs on one core, and what our code adds to the bare runs of the model.

    python -m tests.bench.inference [--rounds N] [--photo FILE] [--model FOLDER]

The first table is one photo of 1600 x 1200 on one core and one thread: decoded, preprocessed, run, read. The
two ratios hold `judge` on a prepared picture against bare `session.run` on the same inputs: one caller,
then 16 at once. Rounds alternate between the two, so that a busy machine hits both; medians are compared.
"""

import argparse
import io
import itertools
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from inference.bundling import BUNDLED
from inference.contract import IMAGE, PATCHES
from inference.graph import PROBABILITIES
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from inference.suitability import judge
from trainer.synthetic.album import USABLE, synthetic_photo

SIZE = (1600, 1200)
QUALITY = 90
MAX_PIXELS = 220_000_000
CALLERS = 16
CALLS_EACH = 4


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--photo", type=Path, help="a JPEG to use instead of a synthetic one")
    parser.add_argument("--model", type=Path, help="folder of a suitability model; default: the bundled one")
    options = parser.parse_args()
    photo = options.photo.read_bytes() if options.photo else _photo()
    folder = options.model or _bundled()
    _print_ratio("16 callers at once", *_many_callers(load_model(folder), photo, max(options.rounds // 4, 5)))
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    model = load_model(folder, threads=1)
    _print_ratio("one caller", *_one_caller(model, photo, options.rounds))
    _print_steps(model, photo, options.rounds)


def _one_caller(model: LoadedModel, photo: bytes, rounds: int) -> tuple[float, float]:
    picture = _prepared(photo)
    inputs = _inputs(model, picture)
    pairs = [
        (_timed(lambda: judge(model, picture)), _timed(lambda: model.session.run([PROBABILITIES], inputs)))
        for _ in range(rounds)
    ]
    return _medians(pairs)


def _many_callers(model: LoadedModel, photo: bytes, rounds: int) -> tuple[float, float]:
    """Milliseconds a call, with `CALLERS` threads calling at once."""
    pictures = [_prepared(photo) for _ in range(CALLERS)]
    for picture in pictures:
        judge(model, picture)
    inputs = [_inputs(model, picture) for picture in pictures]

    def judged(index: int) -> None:
        for _ in range(CALLS_EACH):
            judge(model, pictures[index])

    def bare(index: int) -> None:
        for _ in range(CALLS_EACH):
            model.session.run([PROBABILITIES], inputs[index])

    with ThreadPoolExecutor(CALLERS) as pool:
        pairs = [
            (
                _timed(lambda: list(pool.map(judged, range(CALLERS)))),
                _timed(lambda: list(pool.map(bare, range(CALLERS)))),
            )
            for _ in range(rounds + 1)
        ]
    ours, floor = _medians(pairs[1:])
    return ours / (CALLERS * CALLS_EACH), floor / (CALLERS * CALLS_EACH)


def _print_ratio(who: str, ours: float, floor: float) -> None:
    print(f"{who}: judge {ours:.2f} ms, bare session.run {floor:.2f} ms; ratio {ours / floor:.3f} (aim: 1.15 or less)")


def _print_steps(model: LoadedModel, photo: bytes, rounds: int) -> None:
    manifest = model.manifest
    steps: dict[str, list[float]] = {"decode": [], "preprocess": [], "run and read": [], "all of it": []}
    for _ in range(rounds):
        started = time.perf_counter()
        picture = _prepared(photo)
        decoded = time.perf_counter()
        _inputs(model, picture)
        preprocessed = time.perf_counter()
        judge(model, picture)
        ended = time.perf_counter()
        marks = (started, decoded, preprocessed, ended)
        for step, (before, after) in zip(steps, [*itertools.pairwise(marks), (started, ended)], strict=True):
            steps[step].append((after - before) * 1000)
    print(f"{manifest.name} on one core: {SIZE[0]} x {SIZE[1]}, {len(photo) / 1e6:.2f} MB; medians of {rounds}")
    for step, times in steps.items():
        print(f"  {step:<14} {statistics.median(times):6.1f} ms")
    print(f"aim for all of it: 40 ms or less; the model file has {_megabytes(model):.1f} MB (aim: 15 or less)")


def _megabytes(model: LoadedModel) -> float:
    return (model.folder / "model.onnx").stat().st_size / 1e6


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _medians(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def _prepared(photo: bytes) -> PreparedPicture:
    return PreparedPicture(decode_picture(photo, max_pixels=MAX_PIXELS))


def _inputs(model: LoadedModel, picture: PreparedPicture) -> dict[str, Tensor]:
    manifest = model.manifest
    inputs = {IMAGE: picture.whole(manifest.image_size, manifest.preprocessing)}
    if manifest.patches is not None:
        inputs[PATCHES] = picture.patches(manifest.patches.plan())
    return inputs


def _bundled() -> Path:
    store = ModelStore(BUNDLED)
    return store.folder("suitability", store.versions("suitability")[-1])


def _photo() -> bytes:
    target = io.BytesIO()
    synthetic_photo(USABLE, 4711, SIZE).save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


if __name__ == "__main__":
    main()
