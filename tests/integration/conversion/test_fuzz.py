"""Damaged and hostile files at every way in: a picture or a refusal, within a set time and a set memory.

Each batch runs in a process of its own, whose address space is limited: what asks for more fails there, and the test
with it. 500 files of a fixed seed always, 10 000 in the long run.
"""

import contextlib
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import PictureError
from inference import errors
from inference.picture import decode_picture, picture_size
from tests.integration.conversion.kinds import KINDS, SPECIAL
from tests.unit.conversion.samples import scene

MAX_PIXELS = 1_000_000
ADDRESS_SPACE_BYTES = 3 << 30
"""Libraries and thread stacks take more than one of them before anything is decoded."""
PEAK_BYTES = 400 << 20
SECONDS_OF_CPU = 2.0
FEW, MANY = 500, 10_000
REPOSITORY = Path(__file__).parents[3]


def seeds() -> list[bytes]:
    small = scene(40, 56)
    return [*(kind.write(small, 1, None) for kind in KINDS.values()), *(make() for make in SPECIAL.values())]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with a few bytes changed, mostly in its front where structure is; sometimes cut, doubled or spliced."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        front = chance.random() < 0.7
        at = chance.randrange(min(len(spoilt), 600) if front else len(spoilt))
        spoilt[at : at + chance.choice((0, 1, 1, 2, 4))] = chance.choice(
            (chance.randbytes(1), chance.randbytes(4), b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff", b"\0")
        )
    if chance.random() < 0.1:
        del spoilt[chance.randrange(len(spoilt)) :]
    return bytes(spoilt)


def survive(count: int, seed: int) -> float:
    """Hand so many damaged files to every way in; the longest time one took, in seconds of CPU."""
    chance = random.Random(seed)
    files = seeds()
    longest = 0.0
    for _ in range(count):
        data = mutated(chance.choice(files), chance)
        started = time.process_time()
        with contextlib.suppress(PictureError):
            clean_picture(data, max_pixels=MAX_PIXELS)
        for enter in (picture_size, lambda data: decode_picture(data, max_pixels=MAX_PIXELS, min_side=1)):
            with contextlib.suppress(errors.PictureError):
                enter(data)
        longest = max(longest, time.process_time() - started)
    return longest


def run_limited(count: int, seed: int) -> None:
    """Run a batch in another process with little memory; that process asserts time and peak memory itself."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.integration.conversion.test_fuzz", str(count), str(seed)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=3000,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_five_hundred_damaged_files_do_no_harm() -> None:
    run_limited(FEW, seed=20)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_damaged_files_do_no_harm(seed: int) -> None:
    run_limited(MANY // 4, seed)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    longest = survive(int(sys.argv[1]), int(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert longest <= SECONDS_OF_CPU, f"one file took {longest:.1f} s"
    assert peak <= PEAK_BYTES, f"{peak >> 20} MiB at the most"
    print(f"longest {longest:.2f} s, peak {peak >> 20} MiB")


if __name__ == "__main__":
    main()
