"""Embeddings in memory, compared exactly: one float32 matrix that grows."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.library.resemblance.embeddings import Vector

Rows = NDArray[np.intp]

_FEW = 0.25
"""Up to this share of the rows it is cheaper to gather those that are asked for than to multiply all of them."""
_FIRST_ROOM = 1024


class Vectors(Protocol):
    """Embeddings by row number; one thread appends, any may ask about rows that were appended before."""

    @property
    def width(self) -> int:
        """Numbers in each embedding."""

    def append(self, vectors: Vector) -> None:
        """Add rows: float32 [N, D], of unit length."""

    def best(self, query: Vector, rows: Rows, most: int) -> tuple[Rows, Vector]:
        """Of these rows (sorted) at most so many whose cosine with the query [D] is the largest, in no order."""


class ExactVectors:
    """All of them in one matrix [rows, D]: 4 x D bytes for each row that there is room for."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.count = 0
        self._matrix = np.empty((0, width), dtype=np.float32)

    def all(self) -> Vector:
        """Every row [N, D]."""
        return self._matrix[: self.count]

    def append(self, vectors: Vector) -> None:
        """Add rows; where there is no room, all are moved to twice of it."""
        count = self.count + len(vectors)
        if count > len(self._matrix):
            grown = np.empty((max(count, 2 * len(self._matrix), _FIRST_ROOM), self.width), dtype=np.float32)
            grown[: self.count] = self._matrix[: self.count]
            self._matrix = grown  # who asks meanwhile reads the old one, which has all that they know of
        self._matrix[self.count : count] = vectors
        self.count = count

    def best(self, query: Vector, rows: Rows, most: int) -> tuple[Rows, Vector]:
        """As in the protocol, exactly."""
        cosines = self._cosines(query, rows)
        if len(rows) <= most:
            return rows, cosines
        chosen = np.argpartition(cosines, len(cosines) - most)[-most:]
        return rows[chosen], cosines[chosen]

    def _cosines(self, query: Vector, rows: Rows) -> Vector:
        matrix = self._matrix
        if len(rows) == 0:
            return np.empty(0, dtype=np.float32)
        if len(rows) <= _FEW * self.count:
            return matrix[rows] @ query
        first, end = rows[0], rows[-1] + 1
        product: Vector = matrix[first:end] @ query
        return product if len(rows) == end - first else product[rows - first]
