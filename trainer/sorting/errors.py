"""What can stop the sorter, within the trainer's tree.

TrainingError
└── SortingError
    └── BadThresholds     the file of thresholds cannot be used; says where

What a gateway refuses is LabelsUnreachable of trainer.photos.errors.
"""

from trainer.errors import TrainingError


class SortingError(TrainingError):
    """Anything the sorter ends with that the person who started it can act on."""


class BadThresholds(SortingError):
    """The thresholds cannot be used; the message names the place."""
