"""The command `dermgate-train`."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from inference.errors import InferenceError
from trainer.crossvalidation import command as cross_validate
from trainer.errors import BelowGate, TrainingError
from trainer.evaluation import command as evaluate
from trainer.handover.record import verdict
from trainer.loop import command as watch
from trainer.running import command as fit
from trainer.sorting import command as sort

EXIT_REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 refused or failed (said on standard error), 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parse(words)
    try:
        return _run(options, words)
    except BelowGate as refused:  # every check was shown already
        return _refused(verdict(refused.decision))
    except (TrainingError, InferenceError) as error:
        return _refused(str(error))
    except OSError as error:  # a full disk, a folder that cannot be written to
        return _refused(f"{error.filename or 'a file'}: {error.strerror or error}")


def _refused(words: str) -> int:
    Console(stderr=True).print(words, style="red", markup=False, highlight=False, soft_wrap=True)
    return EXIT_REFUSED


def _run(options: argparse.Namespace, words: list[str]) -> int:
    if options.command == "fit":
        return fit.run(options, Console(), _parse, words[1:])
    if options.command == "sort":
        return sort.run(options, Console())
    if options.command == "watch":
        return watch.run(options, Console(), _parse)
    if options.command == "cross-validate":
        return cross_validate.run(options, Console())
    evaluate.run(options, Console())
    return 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    return _parser().parse_args(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dermgate-train", description="Fits, checks and hands over Dermgate's models."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    fit.add_arguments(commands.add_parser("fit", help="fit a model; hand it to a model store if it is good enough"))
    evaluate.add_arguments(commands.add_parser("evaluate", help="try the served models on labelled photos"))
    cross_validate.add_arguments(
        commands.add_parser("cross-validate", help="say what a disease model of these photos would reach")
    )
    watch.add_arguments(commands.add_parser("watch", help="fit anew when doctors have labelled enough photos"))
    sort.add_arguments(commands.add_parser("sort", help="sort photos into usable and unusable by rules"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
