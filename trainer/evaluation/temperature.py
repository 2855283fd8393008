"""Temperature scaling (Guo 2017): one number that makes a softmax as sure as it is right.

It is found on the tune side and judged on the test side; found and judged on the same photos it flatters.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.scored import Probabilities, Scored
from trainer.metrics import Floats, Indices, softmax

LOWEST, HIGHEST = 0.05, 20.0
Bound = Literal["lowest", "highest"]
_LEAST = 1e-12
_NEAR = 1e-3  # a temperature is kept to four places
_STEPS = 60  # golden section: the bracket shrinks by 0.618 a step, to 1e-12 of its width


def logits_of(scored: Scored) -> NDArray[np.float64]:
    """Logits [N, C] that give these probabilities, up to a constant in each row."""
    return np.asarray(np.log(np.maximum(scored.probabilities, _LEAST)))


def likeliest_temperature(logits: Floats, truth: Indices) -> float:
    """The temperature, 0.05 to 20, under which `truth` int64 [N] is likeliest given `logits` [N, C].

    1 for no photos, and where all are named right: ever surer would be ever likelier then, which tells nothing.
    The log likelihood is concave in 1 / temperature, so a golden-section search over it finds the one maximum.
    """
    if (np.argmax(logits, 1) == truth).all():
        return 1.0
    rows = np.arange(len(truth))

    def surprise(sharpness: float) -> float:
        scaled = np.asarray(logits, dtype=np.float64) * sharpness
        top = scaled.max(1)
        return float((np.log(np.exp(scaled - top[:, None]).sum(1)) + top - scaled[rows, truth]).mean())

    low, high = 1 / HIGHEST, 1 / LOWEST
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = surprise(left), surprise(right)
    for _ in range(_STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = surprise(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = surprise(right)
    return 2 / (low + high)


def bound_of(temperature: float) -> Bound | None:
    """The end of the search that a temperature stands at: no likeliest value then, but where looking stopped."""
    if temperature >= HIGHEST * (1 - _NEAR):
        return "highest"
    return "lowest" if temperature <= LOWEST * (1 + _NEAR) else None


def calibrated(tune: Scored, test: Scored) -> tuple[float, Scored]:
    """The temperature that the tune side asks for, on top of what the model has already, and the test side under it."""
    temperature = likeliest_temperature(logits_of(tune), tune.truth)
    return temperature, test.with_probabilities(_scaled(test, temperature))


def _scaled(scored: Scored, temperature: float) -> Probabilities:
    return np.asarray(softmax(logits_of(scored), temperature), dtype=np.float64)
