"""A family of faults: one independent way to make each of them, so that a model can be tried on ways it never saw."""

from collections.abc import Mapping
from dataclasses import dataclass

from trainer.faults.fault import Fault


@dataclass(frozen=True, slots=True)
class Family:
    """Ways to spoil a photo, by reason code, and ways that leave it usable.

    `harmless` are the operations of the family's faults at a degree that a dermatologist accepts; their severity of
    0..1 runs from hardly visible to the most that is still acceptable. Without them a model would learn to see the
    operation (a seam, a resampled grain) instead of the fault.
    """

    name: str
    faults: Mapping[str, Fault]
    harmless: tuple[Fault, ...]
