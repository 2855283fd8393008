"""`dermgate-train watch`: its options, and the watcher's days."""

import argparse
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from inference.errors import InferenceError
from inference.store import TASKS
from trainer.arguments import positive, share, share_below_one
from trainer.errors import BadData, BadPolicy, TrainingError
from trainer.fitting.errors import Interrupted
from trainer.loop.asking import AskFit, Letting, Watched
from trainer.loop.errors import BookDamaged
from trainer.loop.gathering import Base, Rules, base_claims
from trainer.loop.locking import watching
from trainer.loop.step import Step
from trainer.photos.claims import Claims
from trainer.photos.errors import CacheBusy, LabelsUnreachable, NotAllowed
from trainer.photos.gateway_cache import open_cache
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_source import key_from_environment
from trainer.running import command as fit
from trainer.running.asked import Asked, Source

if TYPE_CHECKING:
    from trainer.loop.rounds import Watcher

EXIT_REFUSED = 1
_ROUNDS = Path("runs")
_SHARED = ("threshold", "policy", "store", "demonstration", "credit", *fit.RECIPE_AND_MAKING)

Parse = Callable[[Sequence[str]], Namespace]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    _add_labels(parser)
    _add_rules(parser)
    _add_letting(parser)
    fit.add_gate(parser)
    fit.add_recipe_and_making(parser)


def _add_labels(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("labels and photos")
    group.add_argument("--gateway", required=True, metavar="URL", help="whose labels (key: DERMGATE_KEY, role trainer)")
    group.add_argument("--task", required=True, choices=TASKS)
    group.add_argument("--cache", required=True, type=Path, metavar="DIR", help="keep labels and pictures here")
    group.add_argument("--base", type=Path, metavar="DIR", help="photos that models were made from before")
    group.add_argument("--labels", type=Path, metavar="CSV", help="of the base photos; else a folder per class")
    group.add_argument("--facts", type=Path, metavar="CSV", help="facts about the base photos")
    group.add_argument("--rounds", type=Path, metavar="DIR", help="where rounds are kept; default runs/watch-TASK")
    group.add_argument("--credit", action="append", default=[], metavar="TEXT", help="of the data; may be repeated")


def _add_rules(parser: argparse.ArgumentParser) -> None:
    rules = Rules()
    group = parser.add_argument_group("when and what to learn")
    group.add_argument("--new", type=positive, default=100, metavar="N", help="new samples that begin a round")
    group.add_argument("--every", type=positive, default=3600, metavar="SECONDS", help="between looks; default 3600")
    group.add_argument("--once", action="store_true", help="look once and end, for cron or a systemd timer")
    group.add_argument("--votes", type=positive, default=rules.votes, metavar="N", help="doctors who must agree on one")
    group.add_argument(
        "--floor", type=positive, default=rules.floor, metavar="N", help="photos that a new disease needs; default 20"
    )
    group.add_argument(
        "--replay", type=share, default=rules.replay_share, metavar="SHARE",
        help="old photos make up at most this share of those trained on; 1: no bound",
    )  # fmt: skip
    group.add_argument(
        "--replay-most", type=positive, default=rules.replay_most, metavar="N", help="old photos at most"
    )
    group.add_argument(
        "--test-share", type=share_below_one, default=rules.hold_out.test, metavar="SHARE",
        help="of patients who are held out for ever; never change it",
    )  # fmt: skip


def _add_letting(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what a model that passes does")
    way = group.add_mutually_exclusive_group()
    way.add_argument("--promote", action="store_true", help="it serves at once")
    way.add_argument("--shadow", type=float, metavar="HOURS", help="it judges unseen for so long, then serves")
    group.add_argument("--shadow-photos", type=int, default=0, metavar="N", help="and until it has judged so many")


def run(options: Namespace, console: Console, parse: Parse) -> int:
    """Watch, or look once; 0, or 1 where a round that was looked at came to nothing. Raises TrainingError."""
    try:
        from trainer.loop.rounds import Watcher  # noqa: PLC0415 - needs torch, which is an extra
    except ModuleNotFoundError as error:
        raise TrainingError(f"{error.name} is missing: install dermgate with the extra 'train' to fit") from error
    watched = watched_of(options, parse)
    client = GatewayClient(watched.gateway, watched.key)
    _check_cache(watched, client)
    if not options.once:
        base_claims(watched.base, watched.task)  # what is none is said now: later it might mend, and is waited for
    with watching(watched.store, watched.task):
        watcher = Watcher(watched, console, client)
        if options.once:
            return EXIT_REFUSED if watcher.look() is Step.REFUSED else 0
        with suppress(KeyboardInterrupt):  # whatever was begun is gone on with
            while True:
                _look(watcher, console)
                time.sleep(options.every)
        return 0


def watched_of(options: Namespace, parse: Parse) -> Watched:
    """From options to values. Raises BadData, BadPolicy for what could never be fitted."""
    if options.labels is not None and options.base is None:
        raise BadData("--labels tells of the photos of --base DIR: name them")
    ask_fit = _asking(options, parse)
    ask_fit(Claims(()), Path())  # what cannot be asked is said now, not when the samples are there
    rules = Rules(
        votes=options.votes,
        floor=options.floor,
        replay_share=options.replay,
        replay_most=options.replay_most,
        hold_out=replace(Rules().hold_out, test=options.test_share),
    )
    return Watched(
        task=options.task,
        gateway=options.gateway,
        key=key_from_environment(),
        store=options.store,
        cache=options.cache,
        folder=options.rounds or _ROUNDS / f"watch-{options.task}",
        new=options.new,
        rules=rules,
        letting=Letting(options.promote, options.shadow, options.shadow_photos),
        ask_fit=ask_fit,
        base=None if options.base is None else Base(options.base, options.labels, options.facts),
    )


def _asking(options: Namespace, parse: Parse) -> AskFit:
    """What each round asks of a fit: the options that both commands have, as they were said."""
    said = parse(["fit", "--task", options.task, "--gateway", options.gateway, "--cache", str(options.cache)])
    for name in _SHARED:
        setattr(said, name, getattr(options, name))

    def ask(claims: Claims, folder: Path) -> Asked:
        asked = fit.asked_of(said)
        return replace(asked, run=folder, source=Source(None, claims=claims))

    return ask


def _check_cache(watched: Watched, client: GatewayClient) -> None:
    """What is no cache of this gateway is said now; one in use is free at some later look."""
    with suppress(CacheBusy), open_cache(watched.cache, client.url):
        pass


def _look(watcher: "Watcher", console: Console) -> None:
    """Look, and outlive what may be mended until the next time; what only another start can mend is raised."""
    try:
        watcher.look()
    except (NotAllowed, BadPolicy, BookDamaged, Interrupted):
        raise
    except LabelsUnreachable as error:
        _say(console, f"the next look may reach it: {error}")
    except (TrainingError, InferenceError) as error:  # a store or a cache that somebody is at work on
        _say(console, f"{error}; it is tried again at the next look")
    except OSError as error:  # a full disk
        _say(console, f"{error.filename or 'a file'}: {error.strerror or error}; it is tried again at the next look")


def _say(console: Console, words: str) -> None:
    console.print(words, markup=False, highlight=False, soft_wrap=True)
