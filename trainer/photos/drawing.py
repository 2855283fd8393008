"""Patients drawn with replacement: intervals over them know that photos of one patient resemble each other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
_AT_ONCE = 50


def patient_draws(patients: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each of `patients` was drawn, float64 [50, patients] at a time, 1000 draws in all."""
    rng = np.random.default_rng(seed)
    even = np.full(patients, 1 / patients)
    for _ in range(DRAWS // _AT_ONCE):
        yield rng.multinomial(patients, even, _AT_ONCE).astype(np.float64)
