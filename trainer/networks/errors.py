"""What can be wrong with a network before it is fitted.

TrainingError
└── NetworkError
    ├── BadWeights  a file or folder of pretrained weights that is not what it should be; says which tensor and how
    └── TooSmall    fewer hidden layers or units than a model that serves must have
"""

from trainer.errors import TrainingError


class NetworkError(TrainingError):
    """The network cannot be built as asked."""


class BadWeights(NetworkError):
    """The pretrained weights cannot be read, or are not of a network known here."""


class TooSmall(NetworkError):
    """The network has too few hidden layers or units to be allowed to serve."""
