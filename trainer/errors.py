"""What can stop a training run, as one small tree.

TrainingError
├── BadData       labels or photos that cannot be trained on; says which and why
├── BelowGate     the model is not good enough: nothing is handed over
└── ExportDiffers the exported file does not answer as the network did
"""


class TrainingError(Exception):
    """Anything a run ends with that the person who started it can act on."""


class BadData(TrainingError):
    """The labels or the photos cannot be used."""


class BelowGate(TrainingError):
    """The model did not pass its gate; the message says what each class lacks."""


class ExportDiffers(TrainingError):
    """The exported file and the network it came from give different answers."""
