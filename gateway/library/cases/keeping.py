"""Reference cases come and go: rows, pictures, embeddings and the event, in the caller's unit of work."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from gateway.archive.settling import announce
from gateway.archive.tables import RemovedObjectRow
from gateway.database import UnitOfWork, now
from gateway.events.log import EventType, record
from gateway.library.cases.facts import CaseFacts, Source
from gateway.library.cases.sources import known_source_link
from gateway.library.tables import ReferenceCaseRow, ReferenceEmbeddingRow, ReferencePictureRow

MAX_PICTURES = 8
"""Pictures of one case."""


class UnknownCase(Exception):
    """There is no such reference case."""


class TooManyPictures(Exception):
    """The case has as many pictures as a case may have."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """An object of the storage that is written and not named by any row yet; of a video also the video's."""

    key: str
    media_type: str
    video_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A case that is to be added; `id` None lets one be made up, `source_link` is of the photo it was made of."""

    hospital: str
    facts: CaseFacts
    source: Source
    added_by: str
    pictures: Sequence[KeptPicture]
    id: str | None = None
    source_link: str | None = None
    posted_digest: str | None = None


def add_case(unit_of_work: UnitOfWork, case: NewCase) -> ReferenceCaseRow:
    """Add a case with its pictures, and say so."""
    facts = case.facts
    row = ReferenceCaseRow(
        id=case.id or uuid.uuid4().hex,
        hospital_id=case.hospital,
        disease=facts.disease,
        kind=facts.kind,
        sex=facts.sex,
        age_band=facts.age_band,
        body_site=facts.body_site,
        laterality=facts.laterality,
        features=dict(facts.features),
        source=case.source.value,
        source_link=case.source_link,
        posted_digest=case.posted_digest,
        added_by=case.added_by,
        added_at=now(),
    )
    announce(unit_of_work)
    unit_of_work.session.add(row)
    unit_of_work.session.flush()
    for number, picture in enumerate(case.pictures, 1):
        _add_row(unit_of_work.session, row, number, picture)
    _tell(unit_of_work, EventType.LIBRARY_CASE_ADDED, row)
    return row


def add_picture(unit_of_work: UnitOfWork, row: ReferenceCaseRow, picture: KeptPicture) -> int:
    """Add one more picture to a case whose row is locked; its number. Raises TooManyPictures."""
    session = unit_of_work.session
    last = session.scalar(select(func.max(ReferencePictureRow.number)).where(ReferencePictureRow.case_id == row.id))
    number = (last or 0) + 1
    if number > MAX_PICTURES:
        raise TooManyPictures(f"a reference case has {MAX_PICTURES} pictures at most")
    announce(unit_of_work)
    _add_row(session, row, number, picture)
    _tell(unit_of_work, EventType.LIBRARY_CASE_ADDED, row)
    return number


def withdraw(unit_of_work: UnitOfWork, row: ReferenceCaseRow) -> list[str]:
    """Take a case out of the library; the keys of its objects, to be swept once that is durable.

    What it said, its pictures and its embeddings go; its id stays, for who asks what became of it, and its link, so
    that the photo that somebody withdrew does not come back with the next answer.
    """
    session, moment = unit_of_work.session, now()
    pictures = session.scalars(select(ReferencePictureRow).where(ReferencePictureRow.case_id == row.id)).all()
    keys = [key for each in pictures for key in (each.object_key, each.video_key) if key is not None]
    session.add_all(RemovedObjectRow(object_key=key, hospital_id=row.hospital_id, removed_at=moment) for key in keys)
    session.execute(delete(ReferencePictureRow).where(ReferencePictureRow.case_id == row.id))
    session.execute(delete(ReferenceEmbeddingRow).where(ReferenceEmbeddingRow.case_id == row.id))
    row.withdrawn_at = moment
    row.sex = row.age_band = row.body_site = row.laterality = row.posted_digest = None
    row.features = {}
    _tell(unit_of_work, EventType.LIBRARY_CASE_WITHDRAWN, row)
    return keys


def withdraw_of_photo(unit_of_work: UnitOfWork, hospital: str, photo_id: str) -> list[str]:
    """Withdraw the case that was made of a photo, where there is one; as `withdraw`, but it may be made anew."""
    row = _case_of_photo(unit_of_work.session, hospital, photo_id)
    if row is None or row.withdrawn_at is not None:
        return []
    keys = withdraw(unit_of_work, row)
    row.source_link = None
    return keys


def forget_photo(unit_of_work: UnitOfWork, hospital: str, photo_id: str) -> list[str]:
    """The same for a photo that is deleted: nothing is left that could be found from it."""
    keys = withdraw_of_photo(unit_of_work, hospital, photo_id)
    row = _case_of_photo(unit_of_work.session, hospital, photo_id)
    if row is not None:
        row.source_link = None
    return keys


def case_of_link(session: Session, hospital: str, link: str) -> ReferenceCaseRow | None:
    """The case that was made of the photo of this link, locked where the session writes."""
    wanted = select(ReferenceCaseRow).where(
        ReferenceCaseRow.hospital_id == hospital, ReferenceCaseRow.source_link == link
    )
    return session.scalar(wanted.with_for_update())


def library_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of the keys that pictures of the library name."""
    wanted = list(keys)
    found = session.execute(
        select(ReferencePictureRow.object_key, ReferencePictureRow.video_key).where(
            or_(ReferencePictureRow.object_key.in_(wanted), ReferencePictureRow.video_key.in_(wanted))
        )
    )
    return {key for row in found for key in row if key is not None}


def _case_of_photo(session: Session, hospital: str, photo_id: str) -> ReferenceCaseRow | None:
    link = known_source_link(session, hospital, photo_id)
    return None if link is None else case_of_link(session, hospital, link)


def _add_row(session: Session, row: ReferenceCaseRow, number: int, picture: KeptPicture) -> None:
    session.add(
        ReferencePictureRow(
            case_id=row.id,
            number=number,
            hospital_id=row.hospital_id,
            object_key=picture.key,
            media_type=picture.media_type,
            video_key=picture.video_key,
        )
    )


def _tell(unit_of_work: UnitOfWork, event_type: EventType, row: ReferenceCaseRow) -> None:
    subject = f"reference_case/{row.id}"
    record(unit_of_work, event_type, hospital=row.hospital_id, subject=subject, data={"disease": row.disease})
