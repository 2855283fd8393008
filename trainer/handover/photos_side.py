"""Photos of one side of the split as a network and its file take them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from inference.contract import input_shapes
from inference.preprocess import Tensor as Array
from inference.runtime import LoadedModel
from trainer.evaluation.answers import Answers, gathered

BATCH = 16


class InOrder(Protocol):
    """Examples that can be gone through in order; `trainer.fitting.examples.Examples` are such."""

    @property
    def targets(self) -> Tensor:
        """Index of the label of each example, int64 [N]."""

    def in_order(self, batch_size: int) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        """All examples once, in order, unchanged: the network's inputs, and the labels."""


@runtime_checkable
class WithContext(InOrder, Protocol):
    """Examples that can be gone through with what is known of the patients as well."""

    def with_context(self, batch_size: int) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        """As `in_order`, but with the facts that are known."""


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """The same examples, in order with what is known of the patients."""

    examples: WithContext

    @property
    def targets(self) -> Tensor:
        return self.examples.targets

    def in_order(self, batch_size: int) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        return self.examples.with_context(batch_size)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Examples with the names of the inputs, in the network's order.

    A file that takes fewer inputs than the examples give takes the first of them.
    """

    examples: InOrder
    inputs: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.examples.targets)

    def told(self) -> "Side | None":
        """The same photos with what is known of their patients; None where nothing but pictures is looked at."""
        return Side(_Told(self.examples), self.inputs) if isinstance(self.examples, WithContext) else None

    def batches(self, most: int | None = None, size: int = BATCH) -> Iterator[dict[str, Tensor]]:
        """Named inputs, float32 and batch first, of the first `most` examples or of all."""
        left = len(self) if most is None else min(most, len(self))
        for inputs, _ in self.examples.in_order(size):
            if left <= 0:
                return
            yield {name: tensor[:left].float() for name, tensor in zip(self.inputs, inputs, strict=False)}
            left -= len(inputs[0])


def as_arrays(batch: dict[str, Tensor]) -> dict[str, Array]:
    """The same batch for ONNX Runtime."""
    return {name: tensor.contiguous().numpy() for name, tensor in batch.items()}


def ask(model: LoadedModel, side: Side) -> Answers:
    """What the file answers to every photo of a side. Raises ModelFailed.

    It is given the inputs that it takes; an older architecture may take fewer than the side has.
    """
    taken = input_shapes(model.manifest)
    given = ({name: batch[name] for name in taken} for batch in side.batches())
    return gathered((model.run(as_arrays(batch)) for batch in given), len(model.manifest.labels))
