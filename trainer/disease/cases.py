"""What all examples of a disease model share, whatever stands for the picture: labels, and facts about patients."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from inference.manifest import ContextVocabulary
from trainer.disease.context import Evidence, drawn, encoded, evidence, facts_of
from trainer.fitting.examples import Batch
from trainer.photos.photo import LabelledPhoto


class CaseExamples(ABC):
    """Photos with a diagnosis and what is known of their patients."""

    def __init__(self, photos: Sequence[LabelledPhoto], labels: tuple[str, ...], vocabulary: ContextVocabulary) -> None:
        self._labels, self._vocabulary = labels, vocabulary
        self._facts = facts_of(photos, vocabulary)
        self._targets = torch.tensor([labels.index(photo.diagnosis or "") for photo in photos], dtype=torch.int64)

    @property
    def classes(self) -> int:
        """How many labels there are."""
        return len(self._labels)

    @property
    def targets(self) -> Tensor:
        """Index of the diagnosis of each photo within the labels."""
        return self._targets

    def evidence(self) -> Evidence:
        """How much each fact speaks for each label among these photos."""
        return evidence(self._facts, self._targets.numpy(), self._vocabulary, self.classes)

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """All photos as they are, without context: what the picture alone says."""
        return self._as_they_are(batch_size, torch.zeros((len(self._targets), self._vocabulary.width)))

    def with_context(self, batch_size: int) -> Iterator[Batch]:
        """All photos as they are, with what is known of the patient; what is not known stays unknown."""
        return self._as_they_are(batch_size, torch.from_numpy(encoded(self._facts, self._vocabulary)))

    @abstractmethod
    def _seen(self, chosen: Tensor) -> Tensor:
        """What the network takes for the pictures of some photos as they are; `chosen` are their places."""

    def _drawn_context(self, rng: np.random.Generator) -> Tensor:
        """Context [N, K] of all photos, its gaps filled and then thinned, for one epoch."""
        return torch.from_numpy(encoded(drawn(self._facts, rng), self._vocabulary))

    def _as_they_are(self, batch_size: int, context: Tensor) -> Iterator[Batch]:
        for chosen in torch.split(torch.arange(len(self._targets)), batch_size):
            yield (self._seen(chosen), context[chosen]), self._targets[chosen]
