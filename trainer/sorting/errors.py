"""What can stop the sorter, within the trainer's tree.

TrainingError
└── SortingError
    ├── BadThresholds     the file of thresholds cannot be used; says where
    └── GatewayRefused    the gateway did not answer as its API says
"""

from trainer.errors import TrainingError


class SortingError(TrainingError):
    """Anything the sorter ends with that the person who started it can act on."""


class BadThresholds(SortingError):
    """The thresholds cannot be used; the message names the place."""


class GatewayRefused(SortingError):
    """The gateway cannot be reached, or refused; the message says what was asked and never what a photo shows."""
