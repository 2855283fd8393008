"""How many pictures are compared in memory, and by which means: exactly as long as they fit, else by an index.

The index beyond is FAISS's, which is optional (`pip install 'dermgate[large-library]'`). Without it the pictures that
fit are compared, and a warning says that the others are not.
"""

import importlib.util
import logging
from dataclasses import dataclass

from gateway.library.resemblance.vectors import ExactVectors, Vectors

logger = logging.getLogger(__name__)

EXACT_PICTURES = 100_000
MOST_PICTURES = 5_000_000
"""Where the index ends as well: 2 x D bytes a picture, 1.3 GB for embeddings of 128 numbers."""


def has_index() -> bool:
    """Whether the optional index can be used."""
    return importlib.util.find_spec("faiss") is not None


@dataclass(frozen=True, slots=True)
class Room:
    """The bounds: `exact` pictures in one float32 matrix (4 x D bytes each), `most` with the index."""

    exact: int = EXACT_PICTURES
    most: int = MOST_PICTURES

    @property
    def pictures(self) -> int:
        """Pictures that can be compared."""
        return max(self.exact, self.most) if has_index() else self.exact

    def vectors(self, width: int) -> Vectors:
        """What embeddings of so many numbers are kept in."""
        if not has_index():
            return ExactVectors(width)
        # Loaded where it is used alone: it is not there in most installations, and large.
        from gateway.library.resemblance.approximate import GrowingVectors  # noqa: PLC0415

        return GrowingVectors(width, self.exact)
