"""What there is to report of a model that the gate refused: the same as of one that became a file."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from inference.contract import UNLIKENESS
from trainer.handover.examined import Examined
from trainer.handover.finished import Finished


def examined_in_full(finished: Finished) -> Examined:
    """What the gate saw, and how unlike all it knows the network finds each photo, where it tells.

    The gate asks before there is a file, and of the network the probabilities alone. Of the picture alone it tells how
    unlike it is, so that the patient's facts change nothing in it.
    """
    if UNLIKENESS not in finished.outputs:
        return finished.examined
    unlikeness, told = _unlikeness(finished), finished.examined.told
    return replace(
        finished.examined,
        scored=replace(finished.examined.scored, unlikeness=unlikeness),
        told=None if told is None else replace(told, unlikeness=unlikeness),
    )


def _unlikeness(finished: Finished) -> NDArray[np.float64]:
    """Of each photo of the test side, float64 [N], 0..1."""
    place, served = finished.outputs.index(UNLIKENESS), finished.served.eval()
    with torch.inference_mode():
        parts = [served(*batch.values())[place].numpy() for batch in finished.test.batches()]
    return np.concatenate(parts).astype(np.float64).clip(0, 1)  # float32 may stand a hair outside
