"""What each epoch cost and gave: a value and its line in `epochs.csv`."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Epoch:
    """`number` counts from 1 over all stages; accuracies 0..1; `tune_*` on examples not fitted on.

    `learning_rate` is the head's at the epoch's last step. `best` says that no epoch before was better.
    """

    number: int
    stage: str
    seconds: float
    step_milliseconds: float
    loss: float
    accuracy: float
    tune_loss: float
    tune_accuracy: float
    tune_balanced_accuracy: float
    learning_rate: float
    best: bool

    def as_json(self) -> dict[str, Any]:
        """All of it by name."""
        return asdict(self)


def epochs_csv(epochs: Sequence[Epoch]) -> str:
    """All epochs as CSV with a header, numbers to six significant digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Epoch)])
    for epoch in epochs:
        writer.writerow([_cell(value) for value in asdict(epoch).values()])
    return text.getvalue()


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
