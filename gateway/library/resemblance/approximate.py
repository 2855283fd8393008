"""Embeddings beyond what is compared exactly: FAISS's inverted lists over half-precision vectors.

Chosen among the libraries of its kind because filters are tested inside its search (`IDSelector`), without a call back
into Python for each row as hnswlib's filters need, and because rows can be read back: where few rows are asked for,
they are gathered and compared one by one, which is exact but for the half precision and finds all of them. See
https://github.com/facebookresearch/faiss/wiki/Setting-search-parameters-for-one-query.
"""

import threading

import faiss
import numpy as np

from gateway.library.resemblance.embeddings import Vector
from gateway.library.resemblance.vectors import ExactVectors, Rows

LISTS = 1024
PROBED = 64
"""Lists that are looked through for one query."""
TRAINED_ON = 40_000
GATHERED = 20_000
"""Up to so many rows are compared one by one."""


class GrowingVectors:
    """Exact while there are at most `exact` rows, then moved into an index; as `vectors.Vectors`."""

    def __init__(self, width: int, exact: int) -> None:
        self.width = width
        self._exact = exact
        self._held: ExactVectors | IndexedVectors = ExactVectors(width)

    def append(self, vectors: Vector) -> None:
        """Add rows; the move takes some seconds, in which others are answered from what was there."""
        held = self._held
        if isinstance(held, ExactVectors) and held.count + len(vectors) > self._exact:
            moved = IndexedVectors(np.concatenate([held.all(), vectors]))
            self._held = moved
        else:
            held.append(vectors)

    def best(self, query: Vector, rows: Rows, most: int) -> tuple[Rows, Vector]:
        """As in the protocol; approximately once there is an index."""
        return self._held.best(query, rows, most)


class IndexedVectors:
    """An index over float32 [N, D] of unit length, 2 x D bytes a row, trained on a sample of its first rows."""

    def __init__(self, vectors: Vector) -> None:
        self.width = vectors.shape[1]
        self._lock = threading.Lock()  # FAISS lets many search, and nobody while somebody adds
        lists = max(1, min(LISTS, len(vectors) // 40))
        quantizer = faiss.IndexFlatIP(self.width)
        kind = faiss.ScalarQuantizer.QT_fp16
        self._index = faiss.IndexIVFScalarQuantizer(quantizer, self.width, lists, kind, faiss.METRIC_INNER_PRODUCT)
        self._index.cp.niter = 10
        sample = np.random.default_rng(0).permutation(len(vectors))[:TRAINED_ON]
        self._index.train(vectors[sample])
        self._index.add(vectors)
        self._index.make_direct_map()

    def append(self, vectors: Vector) -> None:
        """Add rows."""
        with self._lock:
            self._index.add(np.ascontiguousarray(vectors))

    def best(self, query: Vector, rows: Rows, most: int) -> tuple[Rows, Vector]:
        """The rows nearest to the query, nearly always; all of them where few are asked for."""
        with self._lock:
            if len(rows) <= max(GATHERED, most):
                return self._gathered(query, rows, most)
            return self._searched(query, rows, most)

    def _gathered(self, query: Vector, rows: Rows, most: int) -> tuple[Rows, Vector]:
        if len(rows) == 0:
            return rows, np.empty(0, dtype=np.float32)
        cosines: Vector = self._index.reconstruct_batch(rows) @ query
        chosen = np.argsort(-cosines)[:most]
        return rows[chosen], cosines[chosen]

    def _searched(self, query: Vector, rows: Rows, most: int) -> tuple[Rows, Vector]:
        mask = np.zeros(self._index.ntotal, dtype=bool)
        mask[rows] = True
        selector = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        how = faiss.SearchParametersIVF(sel=selector, nprobe=PROBED)
        cosines, found = self._index.search(query[None], most, params=how)
        there = found[0] >= 0
        return found[0][there], cosines[0][there]
