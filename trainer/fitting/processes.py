"""Several processes that fit one network together: each takes a share of every batch, gradients are summed.

Started by `torchrun`, which says in the environment who is who; without it a process is alone.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from trainer.fitting.meeting import meet

_PATIENCE = timedelta(minutes=30)  # one process may compute features or write while the others wait


@dataclass(frozen=True, slots=True)
class Team:
    """Which of how many processes this one is."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """Whether this process reports and writes."""
        return self.rank == 0

    def share(self, batch: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """This process's consecutive part of each tensor of a batch."""
        return tuple(tensor.tensor_split(self.size)[self.rank] for tensor in batch)

    def sum_gradients(self, weights: Sequence[nn.Parameter], told: Tensor) -> Tensor:
        """Sum every gradient over all processes, in one message with `told` [K], whose sum is given back."""
        if self.size == 1:
            return told
        parts = [one.grad.flatten() if one.grad is not None else one.new_zeros(one.numel()) for one in weights]
        message = torch.cat([*(part.float() for part in parts), told.float()])
        dist.all_reduce(message)
        at = 0
        for one in weights:
            one.grad = message[at : at + one.numel()].view_as(one).to(one.dtype)
            at += one.numel()
        return message[at:]

    def longest(self, seconds: float) -> float:
        """The largest over all processes, so that all decide alike."""
        value = torch.tensor([seconds], dtype=torch.float64, device=_message_device())
        if self.size > 1:
            dist.all_reduce(value, dist.ReduceOp.MAX)
        return float(value)

    def average(self, counts: Sequence[Tensor]) -> None:
        """Give all processes the mean of each tensor, in place: what each one's batch norms counted."""
        if self.size == 1:
            return
        for tensor in counts:
            dist.all_reduce(tensor)
            tensor.div_(self.size)

    def align(self, network: nn.Module) -> None:
        """Give all processes the first one's weights and counts."""
        if self.size > 1:
            for tensor in network.state_dict().values():
                dist.broadcast(tensor, 0)


@contextmanager
def joined() -> Iterator[Team]:
    """Join the processes that torchrun started (gloo on processors, nccl on CUDA); alone where it did not."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team()
        return
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    if backend == "nccl":
        torch.cuda.set_device(local_rank)
    meet(backend, int(os.environ["RANK"]), size, _PATIENCE)
    try:
        yield Team(dist.get_rank(), dist.get_world_size(), local_rank)
    finally:
        dist.destroy_process_group()


def _message_device() -> torch.device:
    nccl = dist.is_initialized() and dist.get_backend() == "nccl"
    return torch.device("cuda", torch.cuda.current_device()) if nccl else torch.device("cpu")
