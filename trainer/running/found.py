"""What there is to say of a fitted model's answers to the test side: from pictures alone, and with patients' facts."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.manifest import Metric, UnknownRule
from trainer.evaluation.comparing import Comparison, compare
from trainer.evaluation.findings import Findings, find
from trainer.evaluation.manifest import metrics_of
from trainer.evaluation.scored import Scored
from trainer.handover.examined import Examined

_TOLD = "the test side, with sex, age and body site where known"
_TOLD_KOREAN = "시험용 사진, 알려진 성별·나이·부위와 함께"
_OF_TOLD = (
    "accuracy", "balanced_accuracy", "within_first_3", "malignant_auc", "calibration_error", "referred_share",
    "referred_rightly", "malignant_not_referred",
)  # fmt: skip
"""Numbers with the patients' facts that stand in the manifest, beside all those of pictures alone."""


@dataclass(frozen=True, slots=True)
class FoundOut:
    """Findings of the pictures `alone`; of the same with what was `told` of the patients, and what that changes.

    The latter two are None of a model that is told nothing.
    """

    alone: Findings
    told: Findings | None = None
    comparison: Comparison | None = None

    @property
    def chapters(self) -> Sequence[Findings]:
        """The report's, in order."""
        return [self.alone] if self.told is None else [self.alone, self.told]

    def metrics(self) -> dict[str, Metric]:
        """The headline numbers, the recall of each label, and `with_context_...` of the most important ones."""
        recalls = {f"recall_{label}": numbers["recall"] for label, numbers in self.alone.labels.items()}
        told = {} if self.told is None else self.told.numbers
        with_context = {f"with_context_{name}": told[name] for name in _OF_TOLD if name in told}
        return metrics_of(self.alone.numbers | recalls | with_context)


def find_out(examined: Examined, tune: Scored, threshold: float, unknown: UnknownRule | None) -> FoundOut:
    """Work everything out; `tune` are answers to the tune side from pictures alone."""
    alone = find("the test side", examined.scored, threshold, examined.malignant, tune=tune, unknown=unknown)
    if examined.told is None:
        return FoundOut(alone)
    told = find(_TOLD, examined.told, threshold, examined.malignant, unknown=unknown, korean=_TOLD_KOREAN)
    return FoundOut(alone, told, compare(alone, told))
