"""`not_skin` from real pictures, where a folder of them is given."""

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.faults.family import Family
from trainer.faults.fault import Fault
from trainer.negatives.cutting import cut
from trainer.negatives.listing import Negative, read_bytes, read_list

_REAL_SHARE = 0.6  # the rest is drawn: a few dozen photographs are soon known by heart


@dataclass(frozen=True, slots=True)
class NotSkin:
    """A fault: a cut of one of `pictures` in `folder`, or now and then what `drawn` draws."""

    folder: Path
    pictures: tuple[Negative, ...]
    drawn: Fault

    def __call__(self, photo: Image.Image, severity: float, rng: np.random.Generator) -> Image.Image:
        """Give a picture of the photo's size; NoNegatives where a listed file is not there."""
        if rng.random() >= _REAL_SHARE:
            return self.drawn(photo, severity, rng)
        chosen = self.pictures[int(rng.integers(len(self.pictures)))]
        return cut(_decoded(self.folder, chosen), photo.size, rng)


def with_negatives(family: Family, folder: Path, split: str) -> Family:
    """The family with `not_skin` made of the pictures of one split (train, val, test) as well.

    Raises NoNegatives where the folder has no such pictures.
    """
    fault = NotSkin(folder, read_list(folder, split), family.faults["not_skin"])
    return replace(family, faults={**family.faults, "not_skin": fault})


@lru_cache(maxsize=12)
def _decoded(folder: Path, negative: Negative) -> Image.Image:
    with Image.open(io.BytesIO(read_bytes(folder, negative))) as file:
        return file.convert("RGB")
