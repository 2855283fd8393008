"""Time of `dermgate convert` for a folder of 12-megapixel JPEG, over the floor measured in the same run.

    python -m tests.bench.convert [--rounds N] [--photos N] [--jobs N]

The floor is what cannot be left out of each photo: reading it, scanning its markers to the end of the image, writing
as many bytes and syncing them; by a program that has nothing else to do and to import, in as many processes. The
command is the shipped one, from its start to its end. Beside it DCMTK's `img2dcm`, one process a photo and as many at a
time, which syncs nothing. Rounds go through all three, so that a busy machine hits each; medians are compared, of time
on the clock and of processor time. The photos are a few drawn ones with a camera's noise, so that a JPEG of 12
megapixels takes the 4 MB that phones need for it, copied; each copy carries its number in a comment.
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import numpy as np
from PIL import Image

from tests.peers import require
from trainer.synthetic.album import USABLE, synthetic_photo

SIZE = (4032, 3024)
QUALITY = 90
NOISE = 7.0
"""Standard deviation in grey levels, alike in the three channels."""
DRAWN = 4
FLOOR = """
import os, sys

def floor(source, target):
    with open(source, "rb", buffering=0) as file:
        data = file.read()
    at = 2
    while data[at + 1] != 0xDA:  # every segment to the start of the scan
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    end = data.find(b"\\xff\\xd9", at) + 2
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.write(descriptor, memoryview(data)[:end])
    os.fsync(descriptor)
    os.close(descriptor)

folder, out, jobs = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = sorted(os.listdir(folder))
children = []
for job in range(jobs):
    child = os.fork()
    if not child:
        for name in names[job::jobs]:
            floor(os.path.join(folder, name), os.path.join(out, name))
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and of processors."""

    clock: float
    processor: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "photos")
        size = _make_photos(folder, options.photos)
        programs = {
            "floor": lambda out: _run(sys.executable, "-S", "-E", "-c", FLOOR, folder, out, options.jobs),
            "dermgate convert": lambda out: _convert(folder, out, options.jobs),
            "img2dcm": lambda out: _img2dcm(folder, out, options.jobs),
        }
        rounds = [
            {program: _timed(run, Path(name, "out")) for program, run in programs.items()}
            for _ in range(options.rounds)
        ]
    _print(rounds, options.photos, size, options.jobs)


def _make_photos(folder: Path, count: int) -> int:
    """Write the photos; returns their bytes. None is left for the system to write while others are timed."""
    folder.mkdir()
    drawn = []
    for seed in range(min(DRAWN, count)):
        drawn.append(_drawn(4711 + seed))
    for number in range(count):
        data = drawn[number % len(drawn)]
        words = f"{number:06d}".encode()
        comment = b"\xff\xfe" + (2 + len(words)).to_bytes(2, "big") + words
        _write(folder / f"{number:06d}.jpg", data[:2] + comment + data[2:])
    return sum(path.stat().st_size for path in folder.iterdir())


def _drawn(seed: int) -> bytes:
    drawing = np.asarray(synthetic_photo(USABLE, seed, SIZE))
    noise = np.random.default_rng(seed).normal(0, NOISE, (*drawing.shape[:2], 1)).astype(np.float32)
    target = io.BytesIO()
    Image.fromarray(np.clip(drawing + noise, 0, 255).astype(np.uint8)).save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())


def _convert(folder: Path, out: Path, jobs: int) -> None:
    _run(sys.executable, "-m", "gateway.cli", "convert", folder, "-o", out, "--jobs", jobs)


def _img2dcm(folder: Path, out: Path, jobs: int) -> None:
    program = require("img2dcm")
    with ThreadPoolExecutor(jobs) as threads:
        done = [threads.submit(_run, program, "-vlp", path, out / f"{path.stem}.dcm") for path in folder.iterdir()]
        for each in done:
            each.result()


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _timed(run: Callable[[Path], None], out: Path) -> Cost:
    out.mkdir()
    processor, clock = _processor_seconds(), time.perf_counter()
    run(out)
    cost = Cost(time.perf_counter() - clock, _processor_seconds() - processor)
    for path in out.iterdir():
        path.unlink()
    out.rmdir()
    return cost


def _processor_seconds() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print(rounds: Sequence[dict[str, Cost]], photos: int, size: int, jobs: int) -> None:
    print(f"{photos} photos of {SIZE[0]} x {SIZE[1]}, {size / 1e6:.0f} MB, {jobs} processes, {len(rounds)} rounds")
    clocks = {program: statistics.median(each[program].clock for each in rounds) for program in rounds[0]}
    processors = {program: statistics.median(each[program].processor for each in rounds) for program in rounds[0]}
    for program, clock in clocks.items():
        print(f"  {program:<17} {clock:7.2f} s, {processors[program]:6.2f} s of processors")
    ratios = [each["dermgate convert"].clock / each["floor"].clock for each in rounds]
    print(f"dermgate convert over floor: {clocks['dermgate convert'] / clocks['floor']:.2f} (aim: 1.3 or less)")
    print(f"  round by round {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    print(f"  of processors  {processors['dermgate convert'] / processors['floor']:.2f}")


if __name__ == "__main__":
    main()
