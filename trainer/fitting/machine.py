"""What a fit runs on: device, number format, threads, and the switches that make it repeatable."""

import os
import platform
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from trainer.fitting.recipe import Recipe

_FIRST_WITH_BFLOAT16 = (8, 0)  # compute capability of a CUDA device


@dataclass(frozen=True, slots=True)
class Machine:
    """Where tensors go, and in which format products are computed (`None`: float32 as they are)."""

    device: torch.device
    format: torch.dtype | None

    def computing(self) -> AbstractContextManager[Any]:
        """Compute products in the format chosen, sums and norms in float32."""
        return torch.autocast(self.device.type, self.format) if self.format else nullcontext()

    def take(self, tensor: Tensor) -> Tensor:
        """Bring a tensor here, pictures with their channels last: convolutions are fastest so."""
        here = tensor.to(self.device, non_blocking=True)
        return here.contiguous(memory_format=torch.channels_last) if here.dim() == 4 else here

    def settle(self, network: nn.Module) -> None:
        """Bring a network here in place, its weights laid out as `take` lays out pictures."""
        network.to(self.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's own signature

    @property
    def scales_gradients(self) -> bool:
        """Whether small gradients would vanish in the format and must be scaled."""
        return self.format == torch.float16


def prepare(recipe: Recipe, local_rank: int = 0) -> Machine:
    """Set threads and deterministic kernels for the process, and choose device and format."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it CUDA's products are not repeatable
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Fresh memory would be filled, for programs that read it before they write: a tenth of a step, for nothing here.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # made at run time
    torch.backends.cudnn.benchmark = False
    device = _device(recipe.device, local_rank)
    return Machine(device, _format(recipe.precision, device))


def seed_for(recipe: Recipe, epoch: int, rank: int = 0) -> None:
    """Fix the draws of torch for one epoch: a resumed run needs no state of them. Epoch 0 is before the first."""
    torch.manual_seed((recipe.seed * 1_000_003 + epoch) * 1_009 + rank)


def facts() -> dict[str, Any]:
    """The machine as the run folder names it: what it can do, neither its name nor its paths."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "bfloat16_products": _multiplies_bfloat16(),
        "cuda": torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
    }


def _device(wanted: str, local_rank: int) -> torch.device:
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device("cuda", local_rank) if torch.cuda.is_available() else torch.device("cpu")


def _format(wanted: str, device: torch.device) -> torch.dtype | None:
    if wanted != "auto":
        return {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[wanted]
    if device.type == "cuda":
        new = torch.cuda.get_device_capability(device) >= _FIRST_WITH_BFLOAT16
        return torch.bfloat16 if new else torch.float16
    return torch.bfloat16 if _multiplies_bfloat16() else None


def _multiplies_bfloat16() -> bool:
    """Whether this processor has matrix units for bfloat16; without them it is slower than float32."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))
