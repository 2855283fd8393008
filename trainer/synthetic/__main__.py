"""`python -m trainer.synthetic --out DIR --count N --seed S`: photos to try things with, and their labels."""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from trainer.arguments import share
from trainer.faults.registry import FAULTS
from trainer.synthetic.album import DEFAULT_FAMILY, FAMILIES, KINDS, USABLE, synthetic_photo
from trainer.synthetic.families import ANY

MAX_PHOTOS = 100_000
MAX_SEED = 2**31 - 1
MIN_SIDE, MAX_SIDE = 224, 6000
_QUALITY = 92


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the photos and labels.csv; return the exit code."""
    options = _parser().parse_args(arguments)
    kinds = _kinds(options.fault)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in track(range(options.count), "Drawing", disable=not sys.stderr.isatty()):
        kind, seed = kinds[number % len(kinds)], options.seed + number
        name = f"{seed:06d}-{kind}.jpg"
        photo = synthetic_photo(kind, seed, options.size, options.severity, options.family)
        photo.save(options.out / name, "JPEG", quality=_QUALITY)
        rows.append({"file": name, "suitability": kind, "seed": seed, "width": photo.width, "height": photo.height})
    _write_labels(options.out / "labels.csv", rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trainer.synthetic", description="Draws synthetic skin photos.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--count", type=_count, required=True, metavar="N", help=f"1 to {MAX_PHOTOS}")
    parser.add_argument("--seed", type=_seed, default=0, metavar="S", help="of the first photo; each next one adds 1")
    parser.add_argument(
        "--fault", choices=("none", "all", *FAULTS), default="none", help="all: good photos and each fault in turn"
    )
    parser.add_argument(
        "--family", choices=(ANY, *FAMILIES), default=DEFAULT_FAMILY, help="of scenes; any: all in turn (default field)"
    )
    parser.add_argument("--severity", type=share, default=0.8, help="of the faults made afterwards, 0 to 1")
    parser.add_argument("--size", type=_size, default=(1600, 1200), metavar="WxH", help="default 1600x1200")
    return parser


def _kinds(fault: str) -> tuple[str, ...]:
    if fault == "all":
        return KINDS
    return (USABLE,) if fault == "none" else (fault,)


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MAX_PHOTOS:
        raise argparse.ArgumentTypeError(f"must be 1 to {MAX_PHOTOS}")
    return count


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"must be 0 to {MAX_SEED}")
    return seed


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    size = int(width), int(height)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in size):
        raise argparse.ArgumentTypeError(f"each side must be {MIN_SIDE} to {MAX_SIDE} pixels")
    return size


def _write_labels(path: Path, rows: list[dict[str, str | int]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["file", "suitability", "seed", "width", "height"])
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
