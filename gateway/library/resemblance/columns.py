"""What the rows of the embeddings can be filtered by: a few bytes a row, beside each other in arrays."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.library.resemblance.context import Narrowing
from gateway.library.resemblance.embeddings import EmbeddedPicture

_UNKNOWN = -1
_FIRST_ROOM = 1024
_ROW = np.dtype(
    [
        ("hospital", "i4"),
        ("disease", "i4"),
        ("sex", "i1"),
        ("band", "i2"),
        ("site", "i4"),
        ("case", "i4"),
        ("here", "?"),
    ]
)
_SEXES = {"F": 0, "M": 1, "O": 2}

Mask = NDArray[np.bool_]


class _Codes:
    """Words as small numbers, in the order in which they came."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}

    def of(self, word: Hashable) -> int:
        return self._codes.setdefault(word, len(self._codes))

    def known(self, words: Iterable[Hashable]) -> list[int]:
        return [self._codes[word] for word in words if word in self._codes]


class Columns:
    """The facts of each row. One thread appends and drops; any may ask, about a number of rows that it knows of."""

    def __init__(self) -> None:
        self._hospitals, self._diseases, self._sites, self._cases = _Codes(), _Codes(), _Codes(), _Codes()
        self._columns = {name: np.empty(0, dtype=_ROW[name]) for name in _ROW.names or ()}
        self._rows_of: dict[str, list[int]] = {}
        self.case_ids: list[str] = []
        self.pictures: list[int] = []
        self.dropped = 0

    def append(self, pictures: Sequence[EmbeddedPicture]) -> None:
        """Add a row for each."""
        count = len(self.case_ids)
        self._make_room(count + len(pictures))
        for row, picture in enumerate(pictures, count):
            self._write(row, picture)
            self._rows_of.setdefault(picture.case_id, []).append(row)
            self.case_ids.append(picture.case_id)
            self.pictures.append(picture.picture)

    def drop(self, case_id: str) -> None:
        """Let no row of a case be found any more."""
        rows = self._rows_of.pop(case_id, [])
        self._columns["here"][rows] = False
        self.dropped += len(rows)

    def candidates(self, count: int, hospitals: frozenset[str] | None, disease: str | None) -> NDArray[np.intp]:
        """Rows below `count`, sorted, of these hospitals (None: of all) and this disease (None: of any)."""
        mask = self._columns["here"][:count].copy()
        if disease is not None:
            mask &= self._is_one_of("disease", count, self._diseases.known([disease]))
        if hospitals is not None:
            mask &= self._is_one_of("hospital", count, self._hospitals.known(hospitals))
        return np.flatnonzero(mask)

    def narrowed(
        self, rows: NDArray[np.intp], narrowing: Narrowing, within: Mapping[str, frozenset[str]]
    ) -> NDArray[np.intp]:
        """Those of the rows that fit; `within` tells what is a part of a site."""
        mask = np.ones(len(rows), dtype=bool)
        if narrowing.sex is not None:
            mask &= self._columns["sex"][rows] == _SEXES.get(narrowing.sex, _UNKNOWN - 1)
        if narrowing.bands is not None:
            mask &= np.isin(self._columns["band"][rows], list(narrowing.bands))
        if narrowing.site is not None:
            sites = self._sites.known(within.get(narrowing.site, frozenset({narrowing.site})))
            mask &= np.isin(self._columns["site"][rows], sites)
        return rows[mask]

    def count_cases(self, rows: NDArray[np.intp]) -> int:
        """How many cases the rows are of."""
        return len(np.unique(self._columns["case"][rows]))

    def _is_one_of(self, name: str, count: int, codes: Sequence[int]) -> Mask:
        column = self._columns[name][:count]
        if len(codes) == 1:
            return np.equal(column, codes[0])
        return np.isin(column, codes)

    def _make_room(self, count: int) -> None:
        room = len(self._columns["here"])
        if count <= room:
            return
        grown = max(count, 2 * room, _FIRST_ROOM)
        for name, column in self._columns.items():
            wider = np.zeros(grown, dtype=column.dtype)
            wider[:room] = column
            self._columns[name] = wider

    def _write(self, row: int, picture: EmbeddedPicture) -> None:
        values = {
            "hospital": self._hospitals.of(picture.hospital),
            "disease": self._diseases.of(picture.disease),
            "sex": _SEXES.get(picture.sex or "", _UNKNOWN),
            "band": _UNKNOWN if picture.age_band is None else picture.age_band,
            "site": _UNKNOWN if picture.body_site is None else self._sites.of(picture.body_site),
            "case": self._cases.of(picture.case_id),
            "here": True,
        }
        for name, value in values.items():
            self._columns[name][row] = value
