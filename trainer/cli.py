"""The command `dermgate-train`."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from inference.errors import InferenceError
from trainer.arguments import positive, share_below_one
from trainer.errors import TrainingError
from trainer.evaluate import add_arguments as add_evaluate_arguments
from trainer.evaluate import run as run_evaluate
from trainer.tasks import DISEASE, SUITABILITY

EXIT_REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 refused or failed (said on standard error), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except (TrainingError, InferenceError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        return EXIT_REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dermgate-train", description="Fits and checks Dermgate's models.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_fit_arguments(commands.add_parser("fit", help="fit a model and hand it to a model store"))
    add_evaluate_arguments(commands.add_parser("evaluate", help="try the served models on labelled photos"))
    return parser


def _add_fit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--task", choices=(SUITABILITY, DISEASE), required=True)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR", help="folder the labels' files lie in")
    parser.add_argument("--labels", type=Path, required=True, metavar="CSV", help="file, diagnosis, patient_id, ...")
    parser.add_argument("--store", type=Path, required=True, metavar="DIR", help="model store to hand the model to")
    parser.add_argument(
        "--threshold",
        type=share_below_one,
        default=0.8,
        help="accuracy on unseen photos must lie above it (default 0.8)",
    )
    parser.add_argument("--epochs", type=positive, default=None, help="default 14 for suitability, 60 for disease")
    parser.add_argument("--batch-size", type=positive, default=32)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--image-size", type=positive, default=224)
    parser.add_argument("--synthetic", type=int, default=400, help="drawn photos beside the real ones (suitability)")
    parser.add_argument("--usable", type=positive, default=2, help="usable examples of each photo (suitability)")
    parser.add_argument("--spoilt", type=positive, default=3, help="spoilt examples of each photo (suitability)")
    parser.add_argument("--threads", type=positive, default=1, help="of the fit")
    parser.add_argument("--workers", type=positive, default=1, help="processes that make examples")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep examples made here (suitability)")
    parser.add_argument("--demonstration", action="store_true", help="mark the model as not for real use")
    parser.add_argument("--credit", action="append", default=[], metavar="TEXT", help="of the data; may be repeated")
    parser.add_argument("--promote", action="store_true", help="let the model serve at once")


def _fit(options: argparse.Namespace) -> int:
    # Fitting needs torch, which comes with the extra `train`; the rest of this command does without.
    try:
        run = importlib.import_module("trainer.run").run
    except ModuleNotFoundError as error:
        raise TrainingError(f"{error.name} is missing: install dermgate with the extra 'train' to fit") from error
    run(options, Console())
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    run_evaluate(options, Console())
    return 0


_COMMANDS = {"fit": _fit, "evaluate": _evaluate}


if __name__ == "__main__":
    sys.exit(main())
