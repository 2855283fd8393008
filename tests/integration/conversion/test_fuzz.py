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
from PIL import Image

from gateway.conversion.clean import clean_picture
from gateway.conversion.errors import PictureError
from gateway.conversion.facts import SopClass
from gateway.conversion.glance import glance
from gateway.conversion.photo import photo_to_dicom
from inference import errors
from inference.picture import decode_picture, picture_size
from tests.integration.conversion.kinds import KINDS, SPECIAL, saved
from tests.unit.conversion.samples import display_profile, exif, facts, jpeg, scene, table_profile

MAX_PIXELS = 1_000_000
ADDRESS_SPACE_BYTES = 3 << 30
"""Libraries and thread stacks take more than one of them before anything is decoded."""
PEAK_BYTES = 400 << 20
SECONDS_OF_CPU = 2.0
FEW, MANY = 500, 10_000
REPOSITORY = Path(__file__).parents[3]


EDITS = (1, 1, 1, 2, 3, 6, 20)
VALUES = (
    b"\0",
    b"\1",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\0\0\0\1",
    b"\1\0\0\0",
    b"\x7f\xff",
)


def seeds() -> list[bytes]:
    """Every kind there is, as it is and with all that a picture may carry."""
    small, image = scene(40, 56), Image.fromarray(scene(40, 56))
    pages = [image, image.rotate(180), image]
    return [
        *(kind.write(small, 1, None) for kind in KINDS.values()),
        *(kind.write(small, 6, display_profile("P3")) for kind in KINDS.values() if kind.can_turn),
        *(make() for make in SPECIAL.values()),
        saved(image, "TIFF", save_all=True, append_images=pages, compression="tiff_lzw"),
        saved(image.convert("CMYK"), "JPEG", icc_profile=table_profile(4)),
        jpeg(small, progressive=True, restart_marker_rows=1, exif=exif(6, secrets=True)),
    ]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with a few to some bytes changed, mostly in its front where structure is; or with a piece of it moved,
    doubled or gone, or cut."""
    spoilt = bytearray(data)
    for _ in range(chance.choice(EDITS)):
        at = chance.randrange(min(len(spoilt), 600) if chance.random() < 0.6 else len(spoilt))
        kind = chance.random()
        if kind < 0.85:  # in place: offsets behind stay true
            value = chance.choice((*VALUES, chance.randbytes(1), chance.randbytes(4)))
            spoilt[at : at + len(value)] = value
        elif kind < 0.95:
            start = chance.randrange(len(spoilt))
            spoilt[at:at] = spoilt[start : start + chance.randrange(60)]
        else:
            del spoilt[at : at + chance.randrange(8)]
    if chance.random() < 0.05:
        del spoilt[chance.randrange(len(spoilt)) :]
    return bytes(spoilt)


def converted(data: bytes) -> None:
    """As `dermgate convert` and the intake go: what is taken becomes an object."""
    picture = clean_picture(data, max_pixels=MAX_PIXELS)
    sop_class = SopClass.MULTI_FRAME_TRUE_COLOR_SC if picture.frames > 1 else SopClass.VL_PHOTOGRAPHIC
    written = b"".join(photo_to_dicom(picture, facts(), sop_class).parts)
    assert clean_picture(picture.stream, max_pixels=MAX_PIXELS).rows == picture.rows
    assert len(written) > len(picture.codestream or picture.native or picture.stream)


def survive(count: int, seed: int) -> float:
    """Hand so many damaged files to every way in; the longest time one took, in seconds of CPU."""
    chance = random.Random(seed)
    files = seeds()
    longest, taken = 0.0, 0
    for _ in range(count):
        data = mutated(chance.choice(files), chance)
        started = time.process_time()
        with contextlib.suppress(PictureError):
            converted(data)
            taken += 1
        with contextlib.suppress(PictureError):
            glance(data)
        for enter in (picture_size, lambda data: decode_picture(data, max_pixels=MAX_PIXELS, min_side=1)):
            with contextlib.suppress(errors.PictureError):
                enter(data)
        longest = max(longest, time.process_time() - started)
    assert count / 10 < taken < count * 9 / 10, "damage that everything or nothing survives tests little"
    return longest


def peak_bytes() -> int:
    """The most memory this process held: not `ru_maxrss`, which begins with what its parent held (Linux, execve)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


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
    peak = peak_bytes()
    assert longest <= SECONDS_OF_CPU, f"one file took {longest:.1f} s"
    assert peak <= PEAK_BYTES, f"{peak >> 20} MiB at the most"
    print(f"longest {longest:.2f} s, peak {peak >> 20} MiB")


if __name__ == "__main__":
    main()
