"""What a model in the shadow costs the photos that are posted: POST to answer, with and without it.

    python -m tests.bench.shadow [--rounds N] [--posts N]

The gateway is the shipped process with the bundled models; the shadow of each is a second version with the same file.
Rounds alternate between shadow and none, so that a busy machine hits both. One caller posts without pause, then one
that pauses, as a few patients do: in the pauses the shadow judges. Aim: no more than the rounds differ by themselves.
"""

import argparse
import io
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from inference.bundling import install_bundled
from inference.manifest import read_manifest, write_manifest
from inference.store import TASKS, ModelStore
from tests.bench.posting import Poster
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK
from trainer.synthetic.album import USABLE, synthetic_photo

SIZE = (1600, 1200)
PAUSE_SECONDS = 0.4
NOTICED_SECONDS = 1.5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6, help="of each kind")
    parser.add_argument("--posts", type=int, default=25, help="in a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        store = _store(Path(name))
        with GatewayProcess(Path(name) / "gateway", models=store.root) as gateway:
            photo = _photo()
            for words, pause in (("without pause", 0.0), (f"every {PAUSE_SECONDS} s", PAUSE_SECONDS)):
                _compare(words, store, partial(_post, gateway.http_port, photo, options.posts, pause), options.rounds)
            for told in gateway.http.get("/api/v1/models").json()["shadows"]:
                print(told)


def _store(folder: Path) -> ModelStore:
    """The bundled models, and of each a second version with the same file."""
    store = ModelStore(folder / "models")
    install_bundled(store)
    for task in TASKS:
        made, version = folder / task, store.serving(task)
        shutil.copytree(store.folder(task, version), made, copy_function=shutil.copyfile)
        write_manifest(read_manifest(made).model_copy(update={"version": version + 1}), made)
        store.add(made)
    return store


def _compare(words: str, store: ModelStore, post: Callable[[], list[float]], rounds: int) -> None:
    post()
    times: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for shadowed in (False, True):
            _cast(store, shadowed=shadowed)
            times[shadowed] += post()
    without, beside = (statistics.median(times[shadowed]) for shadowed in (False, True))
    slow, slow_beside = (statistics.quantiles(times[shadowed], n=20)[-1] for shadowed in (False, True))
    print(f"{words}: median {without:.1f} ms, with a shadow {beside:.1f} ms ({beside / without:.3f} times)")
    print(f"{'':{len(words)}}  of 100 the 95th {slow:.1f} ms, with a shadow {slow_beside:.1f} ms")


def _cast(store: ModelStore, *, shadowed: bool) -> None:
    for task in TASKS:
        if shadowed:
            store.put_in_shadow(task, store.serving(task) + 1)
        else:
            store.end_shadow(task)
    time.sleep(NOTICED_SECONDS)


def _post(port: int, photo: bytes, posts: int, pause: float) -> list[float]:
    """Milliseconds of each POST."""
    times = []
    with closing(Poster(LOOPBACK, port)) as poster:
        for _ in range(posts):
            started = time.perf_counter()
            poster.post(photo)
            times.append((time.perf_counter() - started) * 1000)
            time.sleep(pause)
    return times


def _photo() -> bytes:
    target = io.BytesIO()
    synthetic_photo(USABLE, 4711, SIZE).save(target, "JPEG", quality=90)
    return target.getvalue()


if __name__ == "__main__":
    main()
