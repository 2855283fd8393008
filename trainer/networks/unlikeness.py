"""How unlike the photos that a network was fitted to a picture is, from what its features leave unexplained.

Features of photos that are alike lie near a subspace. What of a picture's features lies outside of it, the residual,
grows with how strange the picture is, whatever the softmax says (the residual of ViM, Wang 2022).
"""

import torch
from torch import Tensor, nn

CALLED_UNKNOWN = 0.02
"""Share of known photos that unlikeness reaches `UNKNOWN_FROM` for."""

UNKNOWN_FROM = 0.5
"""The unlikeness from which on a picture is unlike anything known."""

_DIMENSIONS = 128
_LEAST_PHOTOS_A_DIMENSION = 4


class Unlikeness(nn.Module):
    """From pooled features [N, F] to unlikeness [N], 0 like .. 1 unlike; two known photos in a hundred reach 0.5."""

    mean: Tensor
    basis: Tensor
    edge: Tensor
    spread: Tensor

    def __init__(self, fitted_to: Tensor, tuned_by: Tensor) -> None:
        """The subspace of the features `fitted_to` [N, F]; the scale from `tuned_by` [M, F], of other known photos.

        Photos fitted to lie nearer to the subspace than any others, so they cannot tell what is usual.
        """
        super().__init__()
        mean = fitted_to.mean(0)
        _, _, directions = torch.linalg.svd((fitted_to - mean).double(), full_matrices=False)
        kept = max(1, min(_DIMENSIONS, len(fitted_to) // _LEAST_PHOTOS_A_DIMENSION, fitted_to.shape[1] // 2))
        self.register_buffer("mean", mean)
        self.register_buffer("basis", directions[:kept].T.float().contiguous())
        usual = self._residual(tuned_by)
        edge = torch.quantile(usual, 1 - CALLED_UNKNOWN)
        self.register_buffer("edge", edge)
        self.register_buffer("spread", (edge - usual.median()).clamp(min=1e-6) / 2)

    def forward(self, features: Tensor) -> Tensor:
        """A sigmoid over how far the residual lies beyond the edge of what is usual."""
        return torch.sigmoid((self._residual(features) - self.edge) / self.spread)

    def _residual(self, features: Tensor) -> Tensor:
        centred = features - self.mean
        outside: Tensor = centred - centred @ self.basis @ self.basis.T
        length: Tensor = torch.linalg.vector_norm(outside, dim=1)
        return length
