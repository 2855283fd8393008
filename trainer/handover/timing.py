"""How long files take for one photo, measured so that they compare: in turns, on one thread, medians."""

import time
from collections.abc import Sequence

import numpy as np

from inference.runtime import LoadedModel
from trainer.handover.photos_side import Side, as_arrays

ROUNDS = 41
_WARM = 3


def milliseconds_each(models: Sequence[LoadedModel], side: Side, rounds: int = ROUNDS) -> tuple[float, ...]:
    """Median milliseconds of one photo for each model, asked in turns so that a busy machine slows all alike.

    The models were loaded with one thread. Raises ValueError where the side has no photo, ModelFailed.
    """
    photo = next(side.batches(1, 1), None)
    if photo is None:
        raise ValueError("without a photo there is nothing to time")
    inputs = as_arrays(photo)
    seconds = np.empty((_WARM + rounds, len(models)))
    for turn in range(len(seconds)):
        for place, model in enumerate(models):
            begun = time.perf_counter()
            model.run(inputs)
            seconds[turn, place] = time.perf_counter() - begun
    return tuple((np.median(seconds[_WARM:], axis=0) * 1000).tolist())
