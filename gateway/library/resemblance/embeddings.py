"""Embeddings of the library's pictures as rows: which are there, which are missing, by the model that made them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from gateway.database import UnitOfWork
from gateway.events.sequencer import append
from gateway.library.tables import ReferenceCaseRow, ReferenceEmbeddingRow, ReferencePictureRow

SEQUENCE = "reference_embeddings"
_PAGE = 2000

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MissingPicture:
    """A picture that a model has not embedded yet."""

    case_id: str
    number: int
    hospital: str
    object_key: str


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPicture:
    """A picture with its embedding, float32 [D] of unit length, and what its case can be filtered by.

    `number` follows the order in which embeddings became durable.
    """

    number: int
    case_id: str
    picture: int
    hospital: str
    disease: str
    sex: str | None
    age_band: int | None
    body_site: str | None
    vector: Vector


def missing(session: Session, model: str, limit: int) -> Sequence[MissingPicture]:
    """Pictures in the library that this model (its file's SHA-256) has not embedded, the newest cases first."""
    picture, case, made = ReferencePictureRow, ReferenceCaseRow, ReferenceEmbeddingRow
    same = and_(made.case_id == picture.case_id, made.picture == picture.number, made.model == model)
    rows = session.execute(
        select(picture.case_id, picture.number, picture.hospital_id, picture.object_key)
        .join(case, case.id == picture.case_id)
        .outerjoin(made, same)
        .where(made.number.is_(None), case.withdrawn_at.is_(None))
        .order_by(case.added_at.desc(), picture.case_id, picture.number)
        .limit(limit)
    )
    return [MissingPicture(row.case_id, row.number, row.hospital_id, row.object_key) for row in rows]


def add_embedding(unit_of_work: UnitOfWork, picture: MissingPicture, model: str, vector: Vector | None) -> bool:
    """Keep what a model made of a picture, None where it could make nothing; False where that is not wanted any more.

    That is so where the case was withdrawn meanwhile, which cannot happen until the transaction ends, or where another
    process was quicker.
    """
    session = unit_of_work.session
    still = ReferenceCaseRow.id == picture.case_id, ReferenceCaseRow.withdrawn_at.is_(None)
    if session.scalar(select(ReferenceCaseRow.id).where(*still).with_for_update()) is None:
        return False
    made = ReferenceEmbeddingRow
    there = made.case_id == picture.case_id, made.picture == picture.number, made.model == model
    if session.scalar(select(made.number).where(*there)) is not None:
        return False
    kept = None if vector is None else np.asarray(vector, dtype="<f4").tobytes()
    entry = {
        "hospital_id": picture.hospital,
        "case_id": picture.case_id,
        "picture": picture.number,
        "model": model,
        "vector": kept,
    }
    append(unit_of_work, SEQUENCE, ReferenceEmbeddingRow, entry)
    return True


def embedded_after(session: Session, model: str, after: int, limit: int = _PAGE) -> Sequence[EmbeddedPicture]:
    """Pictures that this model has embedded, numbered above `after`, in order; what was withdrawn is not among them."""
    made, case = ReferenceEmbeddingRow, ReferenceCaseRow
    rows = session.execute(
        select(made.number, made.case_id, made.picture, made.vector, made.hospital_id)
        .add_columns(case.disease, case.sex, case.age_band, case.body_site)
        .join(case, case.id == made.case_id)
        .where(made.model == model, made.number > after, made.vector.is_not(None), case.withdrawn_at.is_(None))
        .order_by(made.number)
        .limit(limit)
    )
    return [
        EmbeddedPicture(
            number=row.number,
            case_id=row.case_id,
            picture=row.picture,
            hospital=row.hospital_id,
            disease=row.disease,
            sex=row.sex,
            age_band=row.age_band,
            body_site=row.body_site,
            vector=np.frombuffer(row.vector, dtype="<f4"),
        )
        for row in rows
    ]


def all_embedded(session: Session, model: str, after: int = 0) -> Iterator[EmbeddedPicture]:
    """Every picture of `embedded_after`, a page at a time."""
    while page := embedded_after(session, model, after):
        yield from page
        after = page[-1].number


def count_cases(session: Session) -> int:
    """Cases in the library, of every hospital."""
    return session.scalar(select(func.count()).where(ReferenceCaseRow.withdrawn_at.is_(None))) or 0


def count_pictures(session: Session) -> int:
    """Pictures in the library, of every hospital."""
    return session.scalar(select(func.count()).select_from(ReferencePictureRow)) or 0


def count_embedded(session: Session) -> dict[str, int]:
    """Embeddings by model, those of pictures that could not be embedded among them."""
    made = ReferenceEmbeddingRow
    rows = session.execute(select(made.model, func.count()).group_by(made.model))
    return {row[0]: row[1] for row in rows}
