"""What keeps a watcher from its work, beside what stops any run.

trainer.errors.TrainingError
├── AlreadyWatched   another watcher looks after this task of this store
├── BadData
│   └── BaseUnusable what --base, --labels or --facts name cannot be used
├── BookDamaged      the book in which the watcher keeps where it stands cannot be used
└── WouldForget      a model made of these photos would not know diseases that the one that serves knows
"""

from collections.abc import Sequence

from trainer.errors import BadData, TrainingError


class AlreadyWatched(TrainingError):
    """Another watcher looks after this task of this store."""


class BaseUnusable(BadData):
    """The base set cannot be used; the message may name its files, and what stands in a cell of its labels."""


class BookDamaged(TrainingError):
    """The watcher's book cannot be read, or is of another task."""


class WouldForget(TrainingError):
    """There are no photos to train on of classes that the serving model knows."""

    def __init__(self, classes: Sequence[str]) -> None:
        super().__init__(
            f"what serves knows {', '.join(classes)}, and there is no photo of it to train on: a model made now would "
            "not know it any more. Name photos with --base, or leave more room for old ones (--replay, --replay-most)"
        )
        self.classes = tuple(classes)
