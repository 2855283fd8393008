"""What the frozen part of a backbone says of all photos, computed once for every fold and seed.

Folds and seeds differ in what is fitted behind the cut. Before it all of them compute the same, and that is most of
the work: here it is done once, for some drawn (augmented) passes over all photos and for the photos as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from inference.manifest import ContextVocabulary
from trainer.disease.cases import CaseExamples
from trainer.disease.examples import DiseaseExamples
from trainer.errors import BadData
from trainer.fitting.examples import Batch
from trainer.fitting.machine import Machine
from trainer.networks.backbone import Backbone
from trainer.networks.modes import evaluating
from trainer.photos.photo import LabelledPhoto

_BATCH = 32
_MOST_BYTES = 8_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    """Maps at the cut in 16 bits: `plain` [N, C, h, w] of the photos as they are, `passes` [V, N, C, h, w] drawn."""

    plain: Tensor
    passes: Tensor


def frozen(backbone: Backbone, cut: int, examples: DiseaseExamples, passes: int, machine: Machine) -> Frozen:
    """Run the stages before `cut` over all examples, as they are and `passes` times drawn, the same each time.

    Raises BadData where more than 8 GB would have to be kept.
    """
    with evaluating(backbone), torch.no_grad():
        first = _maps(backbone, cut, next(examples.pictures(_BATCH))[:1], machine)
        _require_room(first.nbytes * len(examples.targets) * (passes + 1), passes)
        plain = torch.cat([_maps(backbone, cut, batch, machine) for batch in examples.pictures(_BATCH)])
        kept = torch.empty((passes, *plain.shape), dtype=plain.dtype)
        for number in track(range(passes), description="Reading photos in other lights and turns"):
            start = 0
            for batch in examples.drawn_pictures(np.random.default_rng([number, cut]), _BATCH):
                kept[number, start : start + len(batch)] = _maps(backbone, cut, batch, machine)
                start += len(batch)
    return Frozen(plain, kept)


def _require_room(needed: int, passes: int) -> None:
    if needed > _MOST_BYTES:
        raise BadData(
            f"{needed / 1e9:.1f} GB would be kept of {passes} passes, more than {_MOST_BYTES / 1e9:.0f}: "
            "ask for fewer --passes or --blocks"
        )


def _maps(backbone: Backbone, cut: int, pictures: Tensor, machine: Machine) -> Tensor:
    with machine.computing():
        return backbone.begin(machine.take(pictures), cut).half().cpu().contiguous()


def maps_of(backbone: Backbone, cut: int, pictures: Tensor, machine: Machine) -> Tensor:
    """Maps at the cut of pictures [M, 3, H, W] as they are, in 16 bits."""
    with evaluating(backbone), torch.no_grad():
        return torch.cat([_maps(backbone, cut, part, machine) for part in torch.split(pictures, _BATCH)])


class FrozenExamples(CaseExamples):
    """Some of the photos as a network behind the cut takes them: maps in place of pictures."""

    def __init__(
        self,
        features: Frozen,
        rows: Sequence[int],
        photos: Sequence[LabelledPhoto],
        labels: tuple[str, ...],
        vocabulary: ContextVocabulary,
    ) -> None:
        """`rows` [n] are the places of `photos` [n] within the features."""
        super().__init__(photos, labels, vocabulary)
        self._features, self._rows = features, torch.tensor(rows, dtype=torch.int64)

    def shuffled(self, rng: np.random.Generator, batch_size: int) -> Iterator[Batch]:
        """All photos in a drawn order, each from one of the drawn passes."""
        context = self._drawn_context(rng)
        of_pass = torch.from_numpy(rng.integers(len(self._features.passes), size=len(self._rows)))
        for chosen in torch.split(torch.from_numpy(rng.permutation(len(self._rows))), batch_size):
            maps = self._features.passes[of_pass[chosen], self._rows[chosen]].float()
            yield (maps, context[chosen]), self._targets[chosen]

    def _seen(self, chosen: Tensor) -> Tensor:
        return self._features.plain[self._rows[chosen]].float()
