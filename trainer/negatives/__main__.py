"""`python -m trainer.negatives --out DIR`: real photographs that are not skin, from Debian's packages of wallpapers.

They are fetched when somebody trains and never handed on: the list names each picture's licence.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from trainer.negatives.collecting import collect
from trainer.negatives.errors import NoNegatives
from trainer.negatives.exclusion import NOTHING_EXCLUDED, read_excluded
from trainer.negatives.listing import LIST_NAME, Negative
from trainer.negatives.packages import PACKAGES, fetch


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, choose and write; return the exit code: 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        excluded = NOTHING_EXCLUDED if options.exclude is None else read_excluded(options.exclude)
        with TemporaryDirectory() as scratch:
            kept = collect(_unpacked(options.unpacked, Path(scratch)), options.out, excluded)
    except NoNegatives as error:
        Console(stderr=True).print(str(error), markup=False)
        return 1
    _tell(kept)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.negatives", description="Fetches photographs that are not skin, to train with."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=f"gets the pictures and {LIST_NAME}")
    parser.add_argument(
        "--unpacked", type=Path, metavar="DIR", help="packages unpacked already, a folder each; nothing is fetched"
    )
    parser.add_argument(
        "--exclude", type=Path, metavar="FILE", help="SHA-256 or perceptual hashes that must not come in, one a line"
    )
    return parser


def _unpacked(given: Path | None, scratch: Path) -> Mapping[str, Path]:
    if given is None:
        return {package: fetch(package, scratch) for package in PACKAGES}
    folders = {package: given / package for package in PACKAGES if (given / package).is_dir()}
    if not folders:
        raise NoNegatives(f"none of {', '.join(PACKAGES)} is a folder there")
    return folders


def _tell(kept: Sequence[Negative]) -> None:
    sides = Counter(one.split for one in kept)
    told = ", ".join(f"{count} {side}" for side, count in sorted(sides.items()))
    Console().print(f"{len(kept)} photographs that are not skin ({told})", markup=False)


if __name__ == "__main__":
    sys.exit(main())
