"""Pictures that must not come in: those kept aside to test with, known by what they look like or by their bytes."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.negatives.errors import NoNegatives
from trainer.photos.perceptual import Hashes, distances, perceptual_hashes, thumb

MAX_BYTES = 16 << 20
_SAME_BITS = 7  # of 64: the same picture scaled or coded again differs in fewer
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PERCEPTUAL = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Excluded:
    """SHA-256 hexadecimals, and perceptual hashes uint64 [N]."""

    sha256: frozenset[str]
    looks: Hashes

    def names(self, sha256: str, looks: Hashes) -> bool:
        """Whether a picture of these bytes, or one that looks like this, is excluded."""
        return sha256 in self.sha256 or alike(looks, self.looks)


NOTHING_EXCLUDED = Excluded(frozenset(), np.zeros(0, dtype=np.uint64))


def read_excluded(path: Path) -> Excluded:
    """Read a list: in each line a SHA-256 (64 hexadecimals) or a perceptual hash (16); `#` begins a remark.

    Raises NoNegatives for a file that cannot be read, is over 16 MB, or has another line.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NoNegatives(f"{path.name} is longer than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoNegatives(f"{path.name} cannot be read as a list of hashes") from error
    lines = [(number, line.partition("#")[0].strip().lower()) for number, line in enumerate(text.splitlines(), 1)]
    for number, line in lines:
        if line and not _SHA256.fullmatch(line) and not _PERCEPTUAL.fullmatch(line):
            raise NoNegatives(f"{path.name}, line {number}: neither a SHA-256 nor a perceptual hash")
    looks = [int(line, 16) for _, line in lines if len(line) == 16]
    return Excluded(frozenset(line for _, line in lines if len(line) == 64), np.array(looks, dtype=np.uint64))


def looks_of(picture: Image.Image) -> Hashes:
    """The perceptual hashes [8] of a picture in the ways to turn and mirror it, the first as it is."""
    return np.asarray(perceptual_hashes(thumb(picture)[None])[0], dtype=np.uint64)


def alike(looks: Hashes, others: Hashes) -> bool:
    """Whether a picture with `looks` [8] is one of `others` [N], scaled, coded again, turned or mirrored."""
    return bool(len(others) and (distances(*np.broadcast_arrays(looks[:, None], others[None])) <= _SAME_BITS).any())
