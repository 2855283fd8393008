"""What can stop a run after its model was handed over.

TrainingError
└── NotPromoted   the model is in the store and does not serve, though it was asked to
"""

from trainer.errors import TrainingError


class NotPromoted(TrainingError):
    """The model only guesses: it stays a candidate; the message says how to let it serve all the same."""
