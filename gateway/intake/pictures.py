"""Where the pictures of submissions lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.archive.storage import Kind, ObjectStorage, named_key
from gateway.archive.tables import RemovedObjectRow
from gateway.database import UnitOfWork, now
from gateway.intake.tables import SubmissionRow


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture's bytes: a whole file of `media_type`."""

    data: bytes
    media_type: str


class NoPicture(Exception):
    """There is no picture of this photo yet."""


def read_picture(storage: ObjectStorage, row: SubmissionRow) -> StoredPicture:
    """The picture of a submission; raises NoPicture, UnknownObject."""
    if row.picture_key is None:
        raise NoPicture("the photo is still being processed, or was no picture")
    with storage.open(row.picture_key) as stream:
        stream.seek(row.picture_offset)
        return StoredPicture(stream.read(row.picture_length), row.picture_media_type)


def picture_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of the keys that submissions name, as pictures, uploads that wait, or what was explained of them."""
    wanted = list(keys)
    found = session.execute(
        select(SubmissionRow.picture_key, SubmissionRow.upload_key).where(
            or_(SubmissionRow.picture_key.in_(wanted), SubmissionRow.upload_key.in_(wanted))
        )
    )
    return {key for row in found for key in row if key is not None} | _explanation_keys(session, wanted)


def _explanation_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Those of the keys under which explanations of submissions may lie: they are the submissions' own ids."""
    ids = [key.partition(".")[0] for key in keys if key.endswith(f".{Kind.EXPLANATION}")]
    if not ids:
        return set()
    known = session.scalars(select(SubmissionRow.id).where(SubmissionRow.id.in_(ids)))
    return {named_key(one, Kind.EXPLANATION) for one in known}


def give_up_objects(unit_of_work: UnitOfWork, row: SubmissionRow) -> list[str]:
    """Take the objects that are the submission's own out of its row; `sweep_removed` once that is durable.

    An accepted JPEG lies within its DICOM object, which is the archive's to remove.
    """
    keys = [key for key in (row.upload_key, row.picture_key) if key is not None and not key.endswith(Kind.DICOM)]
    _remove(unit_of_work, row, keys)
    row.upload_key = row.picture_key = None
    return keys


def give_up_all(unit_of_work: UnitOfWork, row: SubmissionRow) -> list[str]:
    """The same for a submission that is deleted, with what was explained of it."""
    explanation = named_key(row.id, Kind.EXPLANATION)
    _remove(unit_of_work, row, [explanation])
    return [*give_up_objects(unit_of_work, row), explanation]


def _remove(unit_of_work: UnitOfWork, row: SubmissionRow, keys: Iterable[str]) -> None:
    for key in keys:
        unit_of_work.session.add(RemovedObjectRow(object_key=key, hospital_id=row.hospital_id, removed_at=now()))
