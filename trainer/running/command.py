"""`dermgate-train fit`: its options, and from options to what is asked."""

import argparse
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from inference.manifest import Task
from inference.rules import SUITABILITY_LABELS
from inference.store import TASKS
from trainer.arguments import positive, share_below_one
from trainer.errors import BadData, TrainingError
from trainer.faults.registry import FAMILIES
from trainer.fitting.durable import write_text
from trainer.fitting.recipe import Recipe, from_scratch, pretrained, pretrained_tail
from trainer.handover.policy import Policy, bundled_policy, read_policy, threshold_alone
from trainer.running.asked import Asked, Source
from trainer.suitability.plan import Families, Making, Mix
from trainer.synthetic.album import FAMILIES as SCENE_FAMILIES
from trainer.tasks import DISEASE, SUITABILITY

DEFAULT_STORE = Path("var/models")
"""Where a gateway started in the same folder looks, unless its settings say otherwise."""

ARGUMENTS_NAME = "arguments.json"
_RUNS = Path("runs")
_EPOCHS = {SUITABILITY: 14, DISEASE: 60}
_HEAD_EPOCHS = {SUITABILITY: 10, DISEASE: 20}
_VARIANTS = {SUITABILITY: 2, DISEASE: 4}  # made examples are many and unlike each other already
_RARITY = {SUITABILITY: 0.0, DISEASE: 0.5}  # the mix of made examples is meant as it is
_NO_PART_IN_IT = frozenset({"command", "workers", "cache", "promote", "credit", "run", "resume"})
"""Options that do not change the model."""

RECIPE_AND_MAKING = (
    "backbone", "epochs", "tail_epochs", "all_epochs", "tail_blocks", "minutes", "patience", "batch_size",
    "learning_rate", "optimiser", "precision", "image_size", "threads", "seed",
    "synthetic", "usable", "spoilt", "cuts", "negatives", "faults", "scenes", "workers",
)  # fmt: skip
"""Options, as they stand in a namespace, of how a model is fitted and of the examples that are made for it."""

Parse = Callable[[Sequence[str]], argparse.Namespace]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    _add_photos(parser)
    _add_outcome(parser)
    add_recipe_and_making(parser)


def add_recipe_and_making(parser: argparse.ArgumentParser) -> None:
    """Declare the options RECIPE_AND_MAKING, for every command that fits."""
    _add_recipe(parser)
    _add_making(parser)


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Declare which gate a model must pass and where it goes then, for every command that fits."""
    _add_gate(parser.add_argument_group("gate and hand-over"))


def _add_photos(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("photos")
    group.add_argument("photos", type=Path, nargs="?", metavar="DIR", help="a folder per class, or the CSV's photos")
    group.add_argument(
        "--labels", type=Path, metavar="CSV", help="our columns, ISIC, HAM10000, PAD-UFES-20, Fitzpatrick17k"
    )
    group.add_argument("--facts", type=Path, metavar="CSV", help="facts about the photos, where the labels have none")
    group.add_argument("--gateway", metavar="URL", help="take labels and pictures from a gateway (key: DERMGATE_KEY)")
    group.add_argument("--cache", type=Path, metavar="DIR", help="keep a gateway's pictures and made examples here")
    group.add_argument(
        "--sides", type=Path, metavar="CSV", help="dataset.csv of a former run: patients keep their sides"
    )
    group.add_argument("--task", choices=TASKS, help="default: told by the classes")
    group.add_argument("--credit", action="append", default=[], metavar="TEXT", help="of the data; may be repeated")


def _add_outcome(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("gate and hand-over")
    _add_gate(group)
    group.add_argument("--promote", action="store_true", help="let the model serve at once")
    group.add_argument("--run", type=Path, metavar="DIR", help="the run's folder; default runs/TASK-TIME")
    group.add_argument("--resume", type=Path, metavar="DIR", help="go on with the run in this folder, as it was asked")


def _add_gate(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--threshold", type=share_below_one, metavar="SHARE", help="accuracy on the test side must lie above it"
    )
    group.add_argument(
        "--policy", type=Path, metavar="TOML", help="all that a model must reach; without both, the bundled one"
    )
    group.add_argument("--store", type=Path, default=DEFAULT_STORE, metavar="DIR", help=f"default {DEFAULT_STORE}")
    group.add_argument("--demonstration", action="store_true", help="mark the model as not for real use")


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fit")
    group.add_argument(
        "--backbone",
        metavar="WEIGHTS",
        help="pretrained: a .pth file, the weights.pt of an earlier run, a transformers folder or hub id",
    )
    group.add_argument("--epochs", type=positive, metavar="N", help="from scratch, or of the head; default by task")
    group.add_argument(
        "--tail-epochs", type=int, default=0, metavar="N", help="then of the backbone's tail (default 0)"
    )
    group.add_argument("--all-epochs", type=int, default=0, metavar="N", help="then of everything (default 0)")
    group.add_argument(
        "--tail-blocks", type=positive, metavar="N", help="of the backbone that are its tail (default 4; 5 by itself)"
    )
    group.add_argument("--minutes", type=float, metavar="M", help="budget of wall time for the fit")
    group.add_argument("--patience", type=int, metavar="N", help="epochs without progress that end a stage; 0 never")
    group.add_argument("--batch-size", type=positive, default=32, metavar="N", help="default 32")
    group.add_argument("--learning-rate", type=float, metavar="RATE", help="from scratch, or of the head")
    group.add_argument("--optimiser", choices=("adam", "adamw"), default="adamw")
    group.add_argument("--precision", choices=("auto", "fp32", "bf16", "fp16"), default="auto")
    group.add_argument("--image-size", type=positive, default=224, metavar="PIXELS", help="default 224")
    group.add_argument("--threads", type=int, default=0, metavar="N", help="of the fit; 0: all cores")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, photos and machine: same model")


def _add_making(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("made examples (suitability)")
    group.add_argument(
        "--synthetic", type=int, metavar="N", help="drawn scenes; default as many as photos, 600 at most"
    )
    group.add_argument("--usable", type=positive, default=3, metavar="N", help="usable examples of each photo")
    group.add_argument("--spoilt", type=positive, default=5, metavar="N", help="spoilt examples of each photo")
    group.add_argument("--cuts", type=positive, default=12, metavar="N", help="cuts of each picture that is not skin")
    group.add_argument("--negatives", type=Path, metavar="DIR", help="of `python -m trainer.negatives`")
    group.add_argument(
        "--faults", type=_names(FAMILIES), default=tuple(FAMILIES), metavar="A,B", help="families of faults"
    )
    group.add_argument(
        "--scenes", type=_names(SCENE_FAMILIES), default=tuple(SCENE_FAMILIES), metavar="A,B", help="families of scenes"
    )
    group.add_argument(
        "--workers", type=positive, default=os.cpu_count() or 1, metavar="N", help="processes that make examples"
    )


def run(options: argparse.Namespace, console: Console, parse: Parse, words: Sequence[str]) -> int:
    """Fit what the options ask for; 0. `parse` reads the `words` of a former run, to go on with it.

    Raises TrainingError or InferenceError.
    """
    # Fitting needs torch, which comes with the extra `train`; the rest of the command does without.
    try:
        from trainer.fitting.run_folder import RunFolder  # noqa: PLC0415
        from trainer.running.run import run as run_it  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise TrainingError(f"{error.name} is missing: install dermgate with the extra 'train' to fit") from error
    if options.resume is not None:
        options = _resumed(options.resume, words, parse)
    asked = asked_of(options)
    if not asked.resume and _leads():
        RunFolder(asked.run).open(resume=False)
        write_text(asked.run / ARGUMENTS_NAME, json.dumps(_pinned(words, asked)))
    run_it(asked, console)
    return 0


def asked_of(options: argparse.Namespace) -> Asked:
    """From options to values. Raises BadData, BadPolicy."""
    task = options.task or _told_task(options)
    return Asked(
        task=task,
        source=Source(options.photos, options.labels, options.facts, options.gateway, options.cache, options.sides),
        store=options.store,
        run=options.run or _RUNS / f"{task}-{datetime.now().astimezone():%Y%m%d-%H%M%S}",
        recipe=_recipe(options, task),
        policy=_policy(options),
        image_size=options.image_size,
        making=_making(options),
        backbone=options.backbone,
        resume=options.resume is not None,
        promote=options.promote,
        demonstration=options.demonstration,
        credits=tuple(options.credit),
        workers=options.workers,
        cache=options.cache,
        command=command_of(options, task),
    )


def command_of(options: argparse.Namespace, task: Task) -> str:
    """The command that repeats the fit, with names in place of this machine's paths and addresses."""
    words = ["dermgate-train", "fit"]
    for name, value in sorted((vars(options) | {"task": task}).items()):
        if name in _NO_PART_IN_IT or value is None or value is False or value == []:
            continue
        if name == "photos":
            words.insert(2, "PHOTOS")
            continue
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words.append(_said(name, value))
    return shlex.join(words)


def _said(name: str, value: Any) -> str:
    if name == "gateway" or isinstance(value, Path) or (name == "backbone" and os.sep in value):
        return name.upper()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _pinned(words: Sequence[str], asked: Asked) -> list[str]:
    """The words of the command with the run's folder among them, so that a resumed run finds itself."""
    return [*words, "--run", str(asked.run), "--task", asked.task]


def _leads() -> bool:
    """Whether this process writes: of several that torchrun started, the first."""
    return os.environ.get("RANK", "0") == "0"


def _resumed(folder: Path, given: Sequence[str], parse: Parse) -> argparse.Namespace:
    if [word for word in given if not word.startswith("--resume")] not in ([], [str(folder)]):
        raise BadData("a run goes on as it was asked: name nothing beside --resume DIR")
    try:
        words = json.loads((folder / ARGUMENTS_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadData(
            f"{folder.name} holds no run that can be gone on with: {ARGUMENTS_NAME} cannot be read"
        ) from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadData(f"{folder.name}: {ARGUMENTS_NAME} is not a list of words")
    options = parse(["fit", *words])
    options.run = options.resume = folder
    return options


def _told_task(options: argparse.Namespace) -> Task:
    """Suitability where every class is one of its labels, or where a gateway says the labels; else disease."""
    if options.gateway is not None:
        return SUITABILITY
    if options.photos is None:
        raise BadData("name a folder of photos, or a --gateway")
    if options.labels is not None:
        raise BadData("a CSV may say both: name the --task, suitability or disease")
    if not options.photos.is_dir():
        raise BadData(f"{options.photos.name} is no folder")
    folders = {entry.name for entry in options.photos.iterdir() if entry.is_dir() and not entry.name.startswith(".")}
    if folders <= {"train", "val", "test"}:
        folders = {entry.name for side in folders for entry in (options.photos / side).iterdir() if entry.is_dir()}
    known = {*SUITABILITY_LABELS, "unusable"}
    return "suitability" if folders and folders <= known else "disease"


def _policy(options: argparse.Namespace) -> Policy:
    if options.policy is not None:
        policy = read_policy(options.policy)
        return policy if options.threshold is None else policy.with_threshold(options.threshold)
    return bundled_policy() if options.threshold is None else threshold_alone(options.threshold)


def _recipe(options: argparse.Namespace, task: Task) -> Recipe:
    choices: dict[str, Any] = {
        "batch_size": options.batch_size,
        "optimiser": options.optimiser,
        "rarity": _RARITY[task],
        "seed": options.seed,
        "threads": options.threads,
        "precision": options.precision,
        "budget_seconds": options.minutes * 60 if options.minutes else None,
    }
    if options.patience is not None:
        choices["patience"] = options.patience
    try:
        if options.backbone is None:
            return from_scratch(options.epochs or _EPOCHS[task], options.learning_rate or 3e-3, **choices)
        if task == DISEASE and not (options.epochs or options.tail_epochs or options.all_epochs):
            return _tail_alone(options, choices)
        epochs = (options.epochs or _HEAD_EPOCHS[task], options.tail_epochs, options.all_epochs)
        recipe = pretrained(*epochs, options.tail_blocks or 4, variants=_VARIANTS[task], **choices)
    except ValueError as error:
        raise TrainingError(f"the recipe cannot be used: {error}") from error
    if options.learning_rate is None:
        return recipe
    head, *others = recipe.stages
    return replace(recipe, stages=(replace(head, learning_rate=options.learning_rate), *others))


def _tail_alone(options: argparse.Namespace, choices: Mapping[str, Any]) -> Recipe:
    given = {} if options.tail_blocks is None else {"blocks": options.tail_blocks}
    recipe = pretrained_tail(**given, **{name: value for name, value in choices.items() if name != "rarity"})
    if options.learning_rate is None:
        return recipe
    (stage,) = recipe.stages
    return replace(recipe, stages=(replace(stage, learning_rate=options.learning_rate),))


def _making(options: argparse.Namespace) -> Making:
    mix = Mix(options.synthetic, options.usable, options.spoilt, options.cuts, options.seed)
    return Making(mix, Families(options.scenes, options.faults), options.negatives)


def _names(known: Sequence[str] | dict[str, Any]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        strange = [name for name in names if name not in known]
        if strange:
            raise argparse.ArgumentTypeError(f"{', '.join(strange)} is none of {', '.join(known)}")
        return names

    return parse
