"""Which cases a picture resembles: cosine of embeddings, among the cases that its patient's facts leave."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.conversion.codes.tables import current_codes
from gateway.library.cases.keeping import MAX_PICTURES
from gateway.library.resemblance.columns import Columns
from gateway.library.resemblance.context import Narrowing, ladder, sites_within
from gateway.library.resemblance.embeddings import EmbeddedPicture, Vector
from gateway.library.resemblance.room import Room
from gateway.library.resemblance.vectors import Vectors

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is compared, and with which cases.

    `embedding` is float32 [D] of unit length. `hospitals` are those whose cases the asker may see, None all; `disease`
    is a slug, None any. `sex`, `age_band` and `body_site` are the patient's, None where unknown. At most `limit` cases
    are wanted, and `enough` of them that fit leave no more to be widened for (None: `limit`).
    """

    embedding: Vector
    hospitals: frozenset[str] | None
    disease: str | None = None
    sex: str | None = None
    age_band: int | None = None
    body_site: str | None = None
    limit: int = 3
    enough: int | None = None


@dataclass(frozen=True, slots=True)
class Resembling:
    """A case, which of its pictures is the nearest, and how near: the cosine, 0..1, below 0 counts as 0."""

    case_id: str
    picture: int
    resemblance: float


@dataclass(frozen=True, slots=True)
class Similar:
    """The most resembling cases, the nearest first, and what they were narrowed down by."""

    cases: tuple[Resembling, ...]
    narrowing: Narrowing


class Comparing:
    """The library's pictures as one model sees them, in memory.

    One thread adds and drops; any may ask meanwhile, and is answered from what was there when it asked.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._vectors: Vectors | None = None  # how many numbers an embedding has is told by the first
        self._columns = Columns()
        self._count = 0
        self._is_full = False

    @property
    def pictures(self) -> int:
        """Pictures that are compared."""
        return self._count - self._columns.dropped

    @property
    def dropped(self) -> int:
        """Rows in memory of pictures that are there no more."""
        return self._columns.dropped

    def add(self, pictures: Sequence[EmbeddedPicture]) -> None:
        """Add pictures, as many as there is room for; raises ValueError where their embeddings have other widths."""
        left = self._room.pictures - self._count
        if len(pictures) > left and not self._is_full:
            self._is_full = True
            logger.warning("the library has more than the %d pictures that are compared", self._room.pictures)
        taken = pictures[:left]
        if not taken:
            return
        vectors = np.stack([picture.vector for picture in taken])
        if self._vectors is None:
            self._vectors = self._room.vectors(vectors.shape[1])
        if vectors.shape[1] != self._vectors.width:
            raise ValueError(f"an embedding has {vectors.shape[1]} numbers instead of {self._vectors.width}")
        self._vectors.append(vectors)
        self._columns.append(taken)
        self._count += len(taken)  # last: only then may anybody ask about them

    def drop(self, case_id: str) -> None:
        """Let a case be found no more."""
        self._columns.drop(case_id)

    def similar(self, question: Question) -> Similar:
        """The cases that resemble the question's picture most.

        Where too few fit all that is known of the patient, it is widened step by step (`context.ladder`), as far as
        that brings any more.
        """
        count = self._count
        rows = self._columns.candidates(count, question.hospitals, question.disease)
        codes = current_codes()
        within = sites_within(codes)
        steps = ladder(question.sex, question.age_band, question.body_site, codes.body_sites)
        step = next(steps)
        fitting = self._columns.narrowed(rows, step, within)
        for wider in steps:
            if self._are_enough(fitting, question.enough or question.limit):
                break
            more = self._columns.narrowed(rows, wider, within)
            if len(more) > len(fitting):
                step, fitting = wider, more
        return Similar(self._nearest(question, fitting), step)

    def _are_enough(self, rows: NDArray[np.intp], limit: int) -> bool:
        if not limit <= len(rows) < limit * MAX_PICTURES:
            return len(rows) >= limit
        return self._columns.count_cases(rows) >= limit

    def _nearest(self, question: Question, rows: NDArray[np.intp]) -> tuple[Resembling, ...]:
        if self._vectors is None:
            return ()
        rows, cosines = self._vectors.best(question.embedding, rows, question.limit * MAX_PICTURES)
        best: dict[str, Resembling] = {}
        for cosine, row in sorted(zip((-cosines).tolist(), rows.tolist(), strict=True)):
            case_id = self._columns.case_ids[row]
            near = min(max(-cosine, 0.0), 1.0)
            best.setdefault(case_id, Resembling(case_id, self._columns.pictures[row], near))
        return tuple(best.values())[: question.limit]
