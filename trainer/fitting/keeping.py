"""Rows of tensors kept in memory, as small as they can be without changing, or halved if need be."""

import torch
from torch import Tensor

_LEVELS = 255


class Column:
    """`rows` rows of one tensor, filled from the first on.

    Samples of a picture, multiples of 1/255, are kept as bytes; other float32 numbers as they are, or as float16
    where `halved`. `take` gives back exactly what was put unless halved.
    """

    def __init__(self, rows: int, first: Tensor, *, halved: bool) -> None:
        self._bytes = _is_bytes(first)
        self._halved = halved and first.dtype == torch.float32 and not self._bytes
        kind = torch.uint8 if self._bytes else torch.float16 if self._halved else first.dtype
        self._kept = torch.empty((rows, *first.shape[1:]), dtype=kind)
        self._filled = 0

    def put(self, rows: Tensor) -> None:
        """Add rows behind those there are."""
        here = rows.detach().cpu()
        if self._bytes and not _is_bytes(here):
            self._kept, self._bytes = self._kept.float() / _LEVELS, False
        span = slice(self._filled, self._filled + len(here))
        self._kept[span] = torch.round(here * _LEVELS).to(torch.uint8) if self._bytes else here.to(self._kept.dtype)
        self._filled += len(here)

    def take(self, rows: Tensor) -> Tensor:
        """The rows of these numbers, in their order."""
        chosen = self._kept[rows]
        if self._bytes:
            return chosen.float() / _LEVELS
        return chosen.float() if self._halved else chosen


def kept_bytes(first: Tensor, *, halved: bool) -> int:
    """How many bytes one row would take."""
    each = 1 if _is_bytes(first) else 2 if halved and first.dtype == torch.float32 else first.element_size()
    return first[0].numel() * each


def _is_bytes(samples: Tensor) -> bool:
    if samples.dtype != torch.float32 or samples.dim() < 4:
        return False
    return torch.equal(torch.round(samples * _LEVELS).clamp(0, _LEVELS) / _LEVELS, samples)
