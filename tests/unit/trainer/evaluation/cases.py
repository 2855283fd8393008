"""Small answers whose numbers can be worked out by hand, and random ones."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from trainer.evaluation.scored import Scored

LABELS = ("a", "b", "c")


def scored_of(
    rows: Sequence[Sequence[float]],
    truth: Sequence[int],
    *,
    labels: tuple[str, ...] = LABELS,
    patients: Sequence[str] | None = None,
    subgroups: dict[str, tuple[str, ...]] | None = None,
) -> Scored:
    """Answers from plain lists; every photo of a patient of its own unless said."""
    names = tuple(f"{number}.jpg" for number in range(len(truth)))
    probabilities = np.asarray(rows, dtype=np.float64).reshape(len(truth), len(labels))
    said = tuple(patients) if patients is not None else ("",) * len(truth)
    return Scored(labels, probabilities, np.asarray(truth, dtype=np.int64), said, names, subgroups or {})


def drawn_scored(seed: int, photos: int, *, patients: int = 0, labels: tuple[str, ...] = LABELS) -> Scored:
    """A model that is calibrated: the truth is drawn from its own probabilities."""
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(len(labels), 0.6), photos)
    truth = np.array([rng.choice(len(labels), p=row) for row in rows], dtype=np.int64)
    said = [str(rng.integers(patients)) for _ in range(photos)] if patients else None
    return scored_of(rows.tolist(), truth.tolist(), labels=labels, patients=said)


seeds = st.integers(0, 2**32 - 1)
