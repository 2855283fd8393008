"""The one command that makes the bundled demonstration models: `python -m trainer.demonstration PHOTOS --labels CSV`.

They are put beside those of the version before, which is taken out of the package by hand.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.bundling import BUNDLED
from trainer.cli import main as train
from trainer.tasks import DISEASE, SUITABILITY

CREDIT = (
    "PAD-UFES-20, Pacheco et al., Mendeley Data V1 (2020), doi:10.17632/zr7vgbcyr2.1, CC BY 4.0; "
    "photos resized, none of them shown here"
)

RECIPES: dict[str, tuple[str, ...]] = {
    SUITABILITY: (
        *("--threshold", "0.75", "--epochs", "24", "--batch-size", "64"),
        *("--synthetic", "400", "--usable", "4", "--spoilt", "6", "--cuts", "16"),
    ),
    DISEASE: (
        *("--threshold", "0.5", "--epochs", "150", "--batch-size", "16", "--learning-rate", "2e-3"),
        *("--image-size", "160"),
    ),
}
"""What each demonstration model asks for beyond the defaults of `dermgate-train fit`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the models asked for and put them into the store; return the first exit code that is not 0."""
    options = _parser().parse_args(arguments)
    for task in options.task or RECIPES:
        code = train(words_for(task, options))
        if code:
            return code
    return 0


def words_for(task: str, options: argparse.Namespace) -> list[str]:
    """The words of `dermgate-train` that make the model of one task."""
    places = ["--labels", str(options.labels), "--store", str(options.store)]
    marks = ["--demonstration", "--credit", CREDIT]
    return ["fit", str(options.photos), "--task", task, *places, *marks, *RECIPES[task], *_passed_on(task, options)]


def _passed_on(task: str, options: argparse.Namespace) -> list[str]:
    words = ["--run", str(options.runs / task)] if options.runs else []
    if task == SUITABILITY:  # the other makes no examples
        words += ["--workers", str(options.workers)]
        words += ["--cache", str(options.cache)] if options.cache else []
        words += ["--negatives", str(options.negatives)] if options.negatives else []
    return words


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.demonstration", description="Makes the demonstration models that come with the package."
    )
    parser.add_argument("photos", type=Path, metavar="PHOTOS", help="the folder of PAD-UFES-20's photos")
    parser.add_argument("--labels", type=Path, required=True, metavar="CSV")
    parser.add_argument("--store", type=Path, default=BUNDLED, metavar="DIR", help="default: inside the package")
    parser.add_argument("--task", choices=tuple(RECIPES), action="append", help="default: both")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="gets a folder for each task; default runs/TASK-TIME")
    parser.add_argument("--workers", default="1", help="processes that make examples; changes nothing else")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep examples made here")
    parser.add_argument("--negatives", type=Path, metavar="DIR", help="of `python -m trainer.negatives`")
    return parser


if __name__ == "__main__":
    sys.exit(main())
