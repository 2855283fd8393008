"""Making planned examples: in several processes, once; kept in a cache if one is given."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path

import numpy as np
from rich.progress import track

from trainer.suitability.cache import Made, cache_path, load_made, save_made
from trainer.suitability.plan import Planned
from trainer.suitability.render import View, example


def made(planned: Sequence[Planned], view: View, workers: int, cache: Path | None) -> Made:
    """Give the examples of a plan, in its order, from the folder `cache` where they were made before."""
    if cache is None:
        return _make(planned, view, workers)
    path = cache_path(cache, planned, view)
    kept = load_made(path)
    if kept is None:
        kept = _make(planned, view, workers)
        save_made(path, kept)
    return kept


def _make(planned: Sequence[Planned], view: View, workers: int) -> Made:
    side, count, patch = view.image_size, view.patches.count, view.patches.size
    images = np.empty((len(planned), 3, side, side), dtype=np.uint8)
    patches = np.empty((len(planned), count, 3, patch, patch), dtype=np.uint8)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        examples = pool.map(partial(example, view=view), planned, chunksize=16)
        for index, (whole, cut) in enumerate(track(examples, "Making examples", len(planned))):
            images[index], patches[index] = whole, cut
    return Made(images, patches)


def _end_with_parent() -> None:
    """Have this worker end when the run is killed; it would wait for work for ever."""
    threading.Thread(target=_follow_parent, name="parent", daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
