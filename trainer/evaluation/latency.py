"""How long one photo takes, step by step, through the code that serves."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from inference.manifest import MODEL_NAME
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel
from trainer.evaluation.answering import model_inputs
from trainer.evaluation.machine import Machine, this_machine
from trainer.reading import read_picture

MOST = 64
"""Photos timed at most; more say nothing new."""

WARM = 3


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Median and 95th percentile."""

    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Time of one photo from its bytes to probabilities. `photos` were timed, `pixels` is their median size."""

    decode: Milliseconds
    preprocess: Milliseconds
    run: Milliseconds
    total: Milliseconds
    photos: int
    pixels: int
    threads: int
    model_bytes: int
    machine: Machine


def measure(model: LoadedModel, files: Iterable[tuple[str, bytes]], threads: int) -> Latency:
    """Time up to 64 photos, given as (name, bytes), one after the other; the first three also warm up, untimed.

    `threads` is what the model was loaded with. Raises ValueError without photos, BadData for bytes that are no photo,
    ModelFailed.
    """
    timed = []
    for number, (name, data) in enumerate(islice(files, MOST)):
        if number < WARM:
            _timed(model, name, data)
        timed.append(_timed(model, name, data))
    if not timed:
        raise ValueError("without photos there is nothing to time")
    steps = np.array([times for times, _ in timed]) * 1000  # [n, 3]
    return Latency(
        decode=_spread(steps[:, 0]),
        preprocess=_spread(steps[:, 1]),
        run=_spread(steps[:, 2]),
        total=_spread(steps.sum(1)),
        photos=len(timed),
        pixels=int(np.median([pixels for _, pixels in timed])),
        threads=threads,
        model_bytes=(model.folder / MODEL_NAME).stat().st_size,
        machine=this_machine(),
    )


def _timed(model: LoadedModel, name: str, data: bytes) -> tuple[tuple[float, float, float], int]:
    """Seconds of each step, and the picture's pixels."""
    marks = [time.perf_counter()]
    picture = read_picture(data, name)
    marks.append(time.perf_counter())
    inputs = model_inputs(model, PreparedPicture(picture))
    marks.append(time.perf_counter())
    model.run(inputs)
    marks.append(time.perf_counter())
    decode, preprocess, run = np.diff(marks).tolist()
    return (decode, preprocess, run), picture.width * picture.height


def _spread(milliseconds: NDArray[np.float64]) -> Milliseconds:
    return Milliseconds(float(np.median(milliseconds)), float(np.quantile(milliseconds, 0.95)))
