"""Time of one 12-megapixel JPEG from POST to answer, over the floor measured in the same run.

    python -m tests.bench.intake [--rounds N] [--photo FILE]

The floor is what cannot be left out: decoding the photo as the served models' inputs need it (in full: the patches are
cut at native resolution), the two ONNX runs, writing and syncing as many bytes as the object has. The gateway is the
shipped process with the bundled models, its client a bare keep-alive socket on loopback. Rounds alternate between the
two, so that a busy machine hits both; medians are compared.
"""

import argparse
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.bundling import BUNDLED, install_bundled
from inference.context import UNKNOWN_CONTEXT, encode_context
from inference.contract import CONTEXT, IMAGE, PATCHES
from inference.manifest import Task
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.preprocess import Tensor
from inference.runtime import LoadedModel, load_model
from inference.store import ModelStore
from tests.bench.posting import Poster
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK
from trainer.synthetic.album import USABLE, synthetic_photo

SIZE = (4032, 3024)
QUALITY = 90
MAX_PIXELS = 220_000_000


class Floor:
    """The steps that cannot be left out, with everything around them prepared."""

    def __init__(self, photo: bytes, folder: Path) -> None:
        self._photo = photo
        self._path = folder / "floor"
        prepared = PreparedPicture(decode_picture(photo, max_pixels=MAX_PIXELS))
        self._runs = [(model, _inputs(model, prepared)) for model in (_model("suitability"), _model("disease"))]

    def decode(self) -> None:
        """Decode in full."""
        decode_picture(self._photo, max_pixels=MAX_PIXELS)

    def infer(self) -> None:
        """Both ONNX runs on prepared tensors."""
        for model, inputs in self._runs:
            model.run(inputs)

    def write(self) -> None:
        """A new file of the photo's size, written and synced."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            os.write(descriptor, self._photo)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            self._path.unlink()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--photo", type=Path, help="a JPEG to use instead of a synthetic one")
    options = parser.parse_args()
    photo = options.photo.read_bytes() if options.photo else _photo()
    with tempfile.TemporaryDirectory() as name, _gateway(Path(name)) as poster:
        floor = Floor(photo, Path(name))
        for _ in range(3):
            poster.post(photo)
        rounds = [_round(poster, floor, photo) for _ in range(options.rounds)]
    _print(rounds, len(photo))


@contextmanager
def _gateway(folder: Path) -> Iterator[Poster]:
    models = folder / "models"
    install_bundled(ModelStore(models))
    gateway = GatewayProcess(folder, models=models).start()
    poster = Poster(LOOPBACK, gateway.http_port)
    try:
        yield poster
    finally:
        poster.close()
        gateway.close()


def _round(poster: Poster, floor: Floor, photo: bytes) -> dict[str, float]:
    return {
        "decode": _timed(floor.decode),
        "two ONNX runs": _timed(floor.infer),
        "write and sync": _timed(floor.write),
        "POST to answer": _timed(lambda: poster.post(photo)),
    }


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _print(rounds: list[dict[str, float]], size: int) -> None:
    medians = {step: statistics.median(each[step] for each in rounds) for step in rounds[0]}
    print(f"photo: {SIZE[0]} x {SIZE[1]}, {size / 1e6:.1f} MB; medians of {len(rounds)} rounds, milliseconds")
    for step, milliseconds in medians.items():
        print(f"  {step:<16} {milliseconds:7.1f}")
    floors = [sum(value for step, value in each.items() if step != "POST to answer") for each in rounds]
    floor = statistics.median(floors)
    print(f"  {'floor':<16} {floor:7.1f}")
    print(f"ratio of medians, POST to answer over floor: {medians['POST to answer'] / floor:.2f} (aim: 1.3 or less)")


def _photo() -> bytes:
    target = io.BytesIO()
    synthetic_photo(USABLE, 4711, SIZE).save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def _model(task: Task) -> LoadedModel:
    store = ModelStore(BUNDLED)
    return load_model(store.folder(task, store.versions(task)[-1]))


def _inputs(model: LoadedModel, prepared: PreparedPicture) -> dict[str, Tensor]:
    manifest = model.manifest
    inputs = {IMAGE: prepared.whole(manifest.image_size, manifest.preprocessing)}
    if manifest.patches is not None:
        inputs[PATCHES] = prepared.patches(manifest.patches.plan())
    if manifest.context is not None:
        inputs[CONTEXT] = encode_context(UNKNOWN_CONTEXT, manifest.context)
    return inputs


if __name__ == "__main__":
    main()
