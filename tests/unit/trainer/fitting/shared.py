"""A network just large enough to be fitted, and examples that colour alone tells apart."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from trainer.fitting.epoch import Epoch
from trainer.fitting.examples import Batch
from trainer.fitting.machine import seed_for
from trainer.fitting.recipe import Recipe, Stage
from trainer.fitting.task import FittingTask
from trainer.networks.backbone import Backbone, Origin
from trainer.networks.disease import DiseaseNetwork

SIDE = 6


class Colours:
    """Two classes; one is redder. `changed` adds what augmentation would."""

    classes = 2

    def __init__(self, count: int, seed: int, *, changed: bool = True) -> None:
        draws = torch.Generator().manual_seed(seed)
        self.targets = torch.arange(count) % 2
        self._images = torch.rand(count, 3, SIDE, SIDE, generator=draws) * 0.6
        self._images[self.targets == 1, 0] += 0.15
        self._changed = changed

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        for chosen in torch.split(torch.from_numpy(rng.permutation(len(self.targets))), batch_size):
            shift = torch.from_numpy(rng.normal(0, 0.02 * self._changed, (len(chosen), 1, 1, 1)).astype(np.float32))
            yield (self._images[chosen] + shift, torch.zeros(len(chosen), 5)), self.targets[chosen]

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        for chosen in torch.split(torch.arange(len(self.targets)), batch_size):
            yield (self._images[chosen], torch.zeros(len(chosen), 5)), self.targets[chosen]


def point(before: int, after: int, *, norm: bool) -> nn.Sequential:
    """A 1x1 convolution, its batch norm if wished, and a bend."""
    return nn.Sequential(nn.Conv2d(before, after, 1), *([nn.BatchNorm2d(after)] if norm else []), nn.LeakyReLU(0.3))


def small_network(seed: int, *, norm: bool = True, dropout: float = 0.1) -> DiseaseNetwork:
    """Ten stages of 40 channels under a disease head."""
    torch.manual_seed(seed)
    stages: list[nn.Module] = [point(3 if index == 0 else 40, 40, norm=norm) for index in range(10)]
    backbone = Backbone(Origin("small", pretrained=False), stages, 40)
    return DiseaseNetwork(backbone, 2, 5, dropout=dropout)


def recipe_of(*stages: Stage, **choices: object) -> Recipe:
    """One thread, float32, batches of eight."""
    fixed: dict[str, object] = {"batch_size": 8, "threads": 1, "precision": "fp32", "device": "cpu"}
    return Recipe(stages, **(fixed | choices))  # type: ignore[arg-type]  # each choice is checked by the recipe's users


def small_task(recipe: Recipe, *, norm: bool = True, dropout: float = 0.1, count: int = 36) -> FittingTask:
    """A fresh network and the same examples each time."""
    network = small_network(recipe.seed, norm=norm, dropout=dropout)
    seed_for(recipe, 0)
    return FittingTask(network, Colours(count, 1), Colours(16, 2), recipe, "colours")


class Recorder:
    """A Watcher that remembers what it heard."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.epochs: list[Epoch] = []
        self.steps = 0
        self.closed = False

    def say(self, words: str) -> None:
        self.words.append(words)

    def begin_epoch(self, number: int, stage: str, steps: int) -> None:
        pass

    def step(self, step: int, loss: float, accuracy: float, milliseconds: float) -> None:
        self.steps += 1

    def end_epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)

    def close(self) -> None:
        self.closed = True


def state_bytes(network: nn.Module) -> bytes:
    """All of a network's tensors, one behind the other."""
    return b"".join(_raw(tensor) for tensor in network.state_dict().values())


def _raw(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().contiguous().numpy().tobytes()
