"""What a watcher is asked to do, as values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from inference.manifest import Task
from trainer.loop.gathering import Base, Rules
from trainer.photos.claims import Claims
from trainer.running.asked import Asked

AskFit = Callable[[Claims, Path], Asked]
"""What a fit of these photos is asked, to run in a folder."""


@dataclass(frozen=True, slots=True)
class Letting:
    """How a model that the gate let through comes to serve: at once, after so many hours in the shadow and at least
    `photos` judged there, or (neither) when somebody promotes it."""

    promote: bool = False
    shadow_hours: float | None = None
    photos: int = 0


@dataclass(frozen=True, slots=True)
class Watched:
    """One watcher: whose labels, which task of which store, from how many new samples on a round begins."""

    task: Task
    gateway: str
    key: str | None = field(repr=False)
    store: Path
    cache: Path
    folder: Path
    new: int
    rules: Rules
    letting: Letting
    ask_fit: AskFit
    base: Base | None = None
