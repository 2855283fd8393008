"""What is told of drift: values only."""

from collections.abc import Mapping
from dataclasses import dataclass

from trainer.loop.drift.shift import Shift


@dataclass(frozen=True, slots=True)
class Scores:
    """How the scores (0..1) of new photos lie beside old ones: the gap, the stability index, counts by tenths."""

    shift: Shift
    stability: float
    new: tuple[int, ...]
    old: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """New samples beside those that were learnt before, as `model` sees them.

    `words` say why something was not compared; what was not is None. `classes` is the total variation of the labels,
    `embedding` the mean discrepancy of the pictures' embeddings; these and the scores are beside `unlearnt_photos` old
    ones that no round trains on.
    """

    model: str
    new_photos: int
    old_photos: int
    new_classes: Mapping[str, int]
    old_classes: Mapping[str, int]
    words: str
    classes: Shift | None = None
    scores: Scores | None = None
    embedding: Shift | None = None
    unlearnt_photos: int = 0
