"""What a run is asked to do, as values."""

from dataclasses import dataclass, field
from pathlib import Path

from inference.manifest import Task
from trainer.fitting.recipe import Recipe
from trainer.handover.policy import Policy
from trainer.photos.claims import Claims
from trainer.suitability.plan import Making


@dataclass(frozen=True, slots=True)
class Source:
    """Where the labelled photos are: a folder (with a CSV file or a folder per class), or a running gateway.

    `facts` is a file with facts about the photos beside the labels. `cache` keeps a gateway's pictures. `sides` is the
    dataset.csv of a former run: its patients keep their sides, so that a growing data set's test side stays unseen.
    `claims` are photos that were gathered before, each on its side: then the rest does not count.
    """

    photos: Path | None
    labels: Path | None = None
    facts: Path | None = None
    gateway: str | None = None
    cache: Path | None = None
    sides: Path | None = None
    claims: Claims | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One run of `dermgate-train fit`.

    `backbone` is what trainer.networks.opening.open_backbone takes. `workers` processes make examples, kept in `cache`
    if one is given. `command` repeats the run, with names in place of this machine's paths.
    """

    task: Task
    source: Source
    store: Path
    run: Path
    recipe: Recipe
    policy: Policy
    image_size: int
    making: Making
    backbone: str | None = None
    resume: bool = False
    promote: bool = False
    demonstration: bool = False
    credits: tuple[str, ...] = ()
    workers: int = 1
    cache: Path | None = None
    command: str = field(default="dermgate-train fit")
