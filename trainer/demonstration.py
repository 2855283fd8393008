"""The one command that makes the bundled demonstration models: `python -m trainer.demonstration`."""

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
    SUITABILITY: ("--threshold", "0.75", "--epochs", "9", "--batch-size", "16", "--learning-rate", "2e-3"),
    DISEASE: ("--threshold", "0.5", "--epochs", "45"),
}
"""What each demonstration model asks for beyond the defaults of `dermgate-train fit`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the models asked for and put them into the store; return the first exit code that is not 0."""
    parser = argparse.ArgumentParser(prog="python -m trainer.demonstration", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR", help="PAD-UFES-20's photos")
    parser.add_argument("--labels", type=Path, required=True, metavar="CSV")
    parser.add_argument("--store", type=Path, default=BUNDLED, metavar="DIR", help="default: inside the package")
    parser.add_argument("--task", choices=tuple(RECIPES), action="append", help="default: both")
    parser.add_argument("--workers", default="1", help="processes that make examples; changes nothing else")
    parser.add_argument("--cache", metavar="DIR", help="keep examples made here")
    options = parser.parse_args(arguments)
    passed_on = ("--workers", options.workers, *(("--cache", options.cache) if options.cache else ()))
    for task in options.task or RECIPES:
        places = ("--photos", str(options.photos), "--labels", str(options.labels), "--store", str(options.store))
        marks = ("--demonstration", "--credit", CREDIT, *passed_on)
        code = train(["fit", "--task", task, *places, *RECIPES[task], *marks])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
