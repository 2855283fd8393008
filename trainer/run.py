"""From the options of `dermgate-train fit` to a run."""

import argparse
import shlex
from pathlib import Path

from rich.console import Console

from inference.patches import PatchPlan
from trainer.disease.job import fit_disease
from trainer.job import Job
from trainer.recipe import Recipe
from trainer.show import Progress
from trainer.suitability.job import fit_suitability
from trainer.suitability.plan import Mix
from trainer.suitability.render import View
from trainer.tasks import DISEASE, SUITABILITY

_EPOCHS = {SUITABILITY: 14, DISEASE: 60}
_RARITY = {SUITABILITY: 0.0, DISEASE: 0.5}  # the mix of made examples is meant as it is
_NO_PART_IN_IT = frozenset({"command", "workers", "cache", "promote", "credit"})  # do not change the model
_OF_SUITABILITY = frozenset({"synthetic", "usable", "spoilt"})
_PATCHES = PatchPlan(count=5, size=96)


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit what the options ask for; return the version handed over. Raises TrainingError or InferenceError."""
    progress = Progress(console)
    job = _job(options)
    if options.task == DISEASE:
        return fit_disease(job, options.image_size, progress)
    mix = Mix(options.synthetic, options.usable, options.spoilt, options.seed)
    return fit_suitability(job, View(options.image_size, _PATCHES), mix, progress)


def _job(options: argparse.Namespace) -> Job:
    recipe = Recipe(
        epochs=options.epochs or _EPOCHS[options.task],
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        seed=options.seed,
        threads=options.threads,
        rarity=_RARITY[options.task],
    )
    return Job(
        photos=options.photos,
        labels=options.labels,
        store=options.store,
        threshold=options.threshold,
        recipe=recipe,
        demonstration=options.demonstration,
        promote=options.promote,
        credits=tuple(options.credit),
        workers=options.workers,
        cache=options.cache,
        command=command_of(options),
    )


def command_of(options: argparse.Namespace) -> str:
    """The command that repeats the fit, with every choice in it and names in place of this machine's paths."""
    words = ["dermgate-train", "fit"]
    unsaid = _NO_PART_IN_IT | (_OF_SUITABILITY if options.task == DISEASE else frozenset())
    for name, value in sorted(vars(options).items()):
        if name in unsaid or value is None or value is False:
            continue
        option = f"--{name.replace('_', '-')}"
        words.append(option)
        if value is not True:
            words.append(name.upper() if isinstance(value, Path) else str(value))
    return shlex.join(words)
