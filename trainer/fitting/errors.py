"""What can stop a fit, as one small tree.

TrainingError
└── FittingError
    ├── CannotResume the checkpoint is absent, unreadable, or of another recipe, network or data
    ├── Interrupted  the run was told to stop; the message says how to go on
    └── Diverged     the loss is no number any more
"""

from trainer.errors import TrainingError


class FittingError(TrainingError):
    """The fit did not come to its end."""


class CannotResume(FittingError):
    """There is nothing to go on from, or it belongs to another run."""


class Interrupted(FittingError):
    """Told to stop; what was fitted up to the last whole epoch is kept."""


class Diverged(FittingError):
    """The loss is infinite or not a number: a smaller learning rate, or cleaner data, is needed."""
