"""What is particular to a task, as a run needs it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from inference.manifest import ContextVocabulary, Manifest, Patches, Task, UnknownRule
from trainer.evaluation.answers import Answers
from trainer.evaluation.scored import Scored
from trainer.fitting.examples import Examples
from trainer.handover.photos_side import Side
from trainer.networks.backbone import Backbone
from trainer.networks.staged import StagedNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One side of the split as a network takes it, and whose photos these are; each of the tuples of length N."""

    examples: Examples
    patients: tuple[str, ...]
    names: tuple[str, ...]
    subgroups: Mapping[str, tuple[str, ...]]

    def scored(self, labels: tuple[str, ...], answers: Answers) -> Scored:
        """The answers to this side with what is known of its photos."""
        truth = self.examples.targets.numpy()
        return Scored(
            labels, answers.probabilities, truth, self.patients, self.names, self.subgroups, answers.unlikeness
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Fitted on; tuned by; looked at once, at the end."""

    train: Shown
    tune: Shown
    test: Shown


@dataclass(frozen=True, slots=True)
class Words:
    """What the model card says beyond numbers."""

    intended_use: str
    made_from: tuple[str, ...]
    limits: tuple[str, ...]
    unseen: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """What only one kind of model has in its manifest."""

    patches: Patches | None = None
    context: ContextVocabulary | None = None
    unknown: UnknownRule | None = None


class Assignment(ABC):
    """One task on one data set: examples, network, threshold, words."""

    task: Task
    labels: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    architecture: str
    image_size: int
    malignant: tuple[str, ...] = ()
    sides: Sides

    @abstractmethod
    def network(self, backbone: Backbone) -> StagedNetwork:
        """The network that is to be fitted."""

    @abstractmethod
    def served(self, network: StagedNetwork, temperature: float) -> nn.Module:
        """The network as it is served: probabilities out, the temperature inside."""

    @property
    def priors(self) -> tuple[float, ...]:
        """How much likelier each label is in use than among the examples; the served network answers for use."""
        return (1.0,) * len(self.labels)

    @abstractmethod
    def threshold(self, tune: Scored) -> float:
        """What the manifest says as threshold, from the answers to the tune side."""

    @abstractmethod
    def particulars(self, tune: Scored) -> Particulars:
        """What the manifest says of this kind of model alone."""

    @abstractmethod
    def test_as_taken_by(self, manifest: Manifest) -> Side:
        """The test side as another model of the task takes it, in the same order."""

    @abstractmethod
    def words(self) -> Words:
        """What the card says."""

    def side(self, shown: Shown) -> Side:
        """A side with the names of the inputs."""
        return Side(shown.examples, self.inputs)

    def trained_on(self) -> dict[str, int]:
        """How many training examples each label has."""
        counts = Counter(self.sides.train.examples.targets.tolist())
        return {label: counts[index] for index, label in enumerate(self.labels)}
