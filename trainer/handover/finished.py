"""A fitted and calibrated model with all that its hand-over needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from torch import nn

from inference.manifest import ContextVocabulary, Manifest, Metric, Patches, UnknownRule
from trainer.handover.decision import Decision
from trainer.handover.examined import Examined
from trainer.handover.photos_side import Side


@dataclass(frozen=True, slots=True)
class Papers:
    """What people read beside a model: the card in Markdown, and the report as one HTML page if there is one."""

    card: str
    report: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """What was fitted, and how to measure and describe whichever file of it is handed over.

    `served` gives `outputs` (probabilities, then a disease model's embedding) of the inputs that `test` names, with the
    temperature inside. `examined.scored` are its answers to the photos of `test`, in that order. `training` are the
    photos that int8 is calibrated on. `photos` are SHA-256 of all that had a part in the model. `measure` gives the
    metrics of the manifest, and `describe` the papers, of the answers of the very file that is handed over.
    """

    examined: Examined
    architecture: str
    served: nn.Module
    outputs: tuple[str, ...]
    training: Side
    test: Side
    image_size: int
    threshold: float
    temperature: float
    photos: frozenset[str]
    fingerprint: str
    demonstration: bool
    credits: tuple[str, ...]
    measure: Callable[[Examined], dict[str, Metric]]
    describe: Callable[[Manifest, Examined, Decision], Papers]
    patches: Patches | None = None
    context: ContextVocabulary | None = None
    unknown: UnknownRule | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
