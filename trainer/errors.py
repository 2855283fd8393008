"""What can stop a training run, as one small tree.

TrainingError
├── BadData            labels or photos that cannot be trained on; says which and why
├── BadPolicy          the gate's policy cannot be used; `faults` name each place
├── BelowGate          the model is not good enough: nothing is handed over; carries the gate's decision
├── ExportDiffers      the exported file does not answer as the network did
└── NothingToQuantise  no layer of the model gains from int8
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.handover.decision import Decision


class TrainingError(Exception):
    """Anything a run ends with that the person who started it can act on."""


class BadData(TrainingError):
    """The labels or the photos cannot be used."""


class BadPolicy(TrainingError):
    """The gate's policy cannot be used; each of `faults` says where and why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the policy cannot be used:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


class BelowGate(TrainingError):
    """The model did not pass its gate; the message says what each class lacks, `decision` holds every check."""

    def __init__(self, message: str, decision: "Decision") -> None:
        super().__init__(message)
        self.decision = decision


class ExportDiffers(TrainingError):
    """The exported file and the network it came from give different answers."""


class NothingToQuantise(TrainingError):
    """There is no int8 file of this model to be had; the float32 one is as good as before."""
