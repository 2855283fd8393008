"""What is to be fitted, on what, and how: all that determines a model, in one value."""

from dataclasses import dataclass

from trainer.fitting.examples import Examples
from trainer.fitting.recipe import Recipe
from trainer.networks.staged import StagedNetwork


@dataclass(frozen=True, slots=True)
class FittingTask:
    """`fingerprint` names the data; a run is resumed on the same data only.

    The tune side is for early stopping and is no test: what is reported to others is measured elsewhere. `is_part`
    where the network is the rest of a larger one: by itself it may be too small to serve.
    """

    network: StagedNetwork
    training: Examples
    tune: Examples
    recipe: Recipe
    fingerprint: str = ""
    is_part: bool = False

    def steps(self, examples: Examples) -> int:
        """How many batches all examples of a side are."""
        return -(-len(examples.targets) // self.recipe.batch_size)
