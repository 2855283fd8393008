"""Dermatologists' answers become reference cases, and cases go when what they were made of does.

This follows the log of events. What a case's photos are, and what was said of them, is told by `PhotosOfCase`, which
is handed in: the library knows neither photos nor opinions.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import SYSTEM
from gateway.archive.errors import UnknownObject
from gateway.archive.settling import sweep_removed
from gateway.archive.storage import ObjectStorage
from gateway.database import Database, UnitOfWork
from gateway.events.following import Following, Overtaken
from gateway.events.log import Event, EventType
from gateway.library.cases.facts import CaseFacts, Source
from gateway.library.cases.keeping import KeptPicture, NewCase, add_case, case_of_link, forget_photo, withdraw_of_photo
from gateway.library.cases.pictures import PictureBytes, written
from gateway.library.cases.sources import known_source_link, source_link
from gateway.library.tables import ReferenceCaseRow

logger = logging.getLogger(__name__)

FOLLOWER = "library"
TYPES = (
    EventType.OPINION_READY,
    EventType.PHOTO_DELETED,
    EventType.INSTANCE_CORRECTED,
    EventType.INSTANCE_DELETED,
)


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """Where a photo's picture lies in the storage: a byte range of an object."""

    key: str
    offset: int
    length: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a photo becomes as a reference case."""

    facts: CaseFacts
    picture: PicturePlace


@dataclass(frozen=True, slots=True)
class CasePhoto:
    """A photo of a case; `candidate` is None where it must not, or not any more, be in the library."""

    id: str
    hospital: str
    sop_instance_uid: str | None
    candidate: Candidate | None


class PhotosOfCase(Protocol):
    """What is known above the library."""

    def of_case(self, session: Session, hospital: str, case_id: str) -> Sequence[CasePhoto]:
        """The photos of a case, by its id, with the disease that was said of it; none where nobody knows the case."""

    def of_study(self, session: Session, hospital: str, study_instance_uid: str) -> Sequence[CasePhoto]:
        """The same by the case's study."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A photo whose case is to be made, with its picture."""

    photo: CasePhoto
    facts: CaseFacts
    picture: PictureBytes


class Collecting:
    """Follows the log; `from_opinions` says whether opinions become cases."""

    def __init__(
        self, database: Database, storage: ObjectStorage, photos: PhotosOfCase, *, from_opinions: bool
    ) -> None:
        self._database = database
        self._storage = storage
        self._photos = photos
        self._from_opinions = from_opinions
        self._following = Following(database, FOLLOWER, TYPES)

    def work_once(self) -> bool:
        """Take the next events, in order; False where there was none. Raises StorageError, SQLAlchemyError."""
        events = self._following.next_events()
        for event in events:
            try:
                self._take(event)
            except Overtaken:
                return True
        return bool(events)

    def _take(self, event: Event) -> None:
        if event.type is EventType.PHOTO_DELETED:
            self._forget_photo(event)
        else:
            self._settle(event, self._photos_of(event))

    def _forget_photo(self, event: Event) -> None:
        with self._database.write() as unit_of_work:
            self._following.take(unit_of_work, event)
            keys = forget_photo(unit_of_work, event.hospital, event.subject.removeprefix("photo/"))
        sweep_removed(self._database, self._storage, keys)

    def _photos_of(self, event: Event) -> Sequence[CasePhoto]:
        with self._database.read() as session:
            if event.type is EventType.OPINION_READY:
                return self._photos.of_case(session, event.hospital, event.data["case_id"])
            return self._photos.of_study(session, event.hospital, event.data["study_instance_uid"])

    def _settle(self, event: Event, photos: Sequence[CasePhoto]) -> None:
        """Let the library hold what should be there of a case's photos, and nothing else of them.

        The case of a corrected photo is made anew whatever was corrected: what it said came from the photo.
        """
        corrected = event.subject if event.type is EventType.INSTANCE_CORRECTED else None
        gone = [photo for photo in photos if self._must_go(photo, corrected)]
        wanted = self._wanted(photos, gone) if self._from_opinions else []
        with (
            written(self._database, self._storage, [each.picture for each in wanted]) as pictures,
            self._database.write() as unit_of_work,
        ):
            self._following.take(unit_of_work, event)
            keys = [key for photo in gone for key in withdraw_of_photo(unit_of_work, photo.hospital, photo.id)]
            for each, picture in zip(wanted, pictures, strict=True):
                _add(unit_of_work, each, picture)
        sweep_removed(self._database, self._storage, keys)

    def _must_go(self, photo: CasePhoto, corrected: str | None) -> bool:
        case = self._case_of(photo)
        if case is None or case.withdrawn_at is not None:  # staff withdrew it: it stays out
            return False
        said = photo.candidate
        return said is None or said.facts.disease != case.disease or photo.sop_instance_uid == corrected

    def _wanted(self, photos: Iterable[CasePhoto], gone: Sequence[CasePhoto]) -> list[_Wanted]:
        missing = [photo for photo in photos if photo in gone or self._case_of(photo) is None]
        return [wanted for photo in missing if (wanted := self._with_picture(photo)) is not None]

    def _case_of(self, photo: CasePhoto) -> ReferenceCaseRow | None:
        with self._database.read() as session:
            link = known_source_link(session, photo.hospital, photo.id)
            if link is None:
                return None
            here = ReferenceCaseRow.hospital_id == photo.hospital
            return session.scalar(select(ReferenceCaseRow).where(here, ReferenceCaseRow.source_link == link))

    def _with_picture(self, photo: CasePhoto) -> _Wanted | None:
        if photo.candidate is None:
            return None
        place = photo.candidate.picture
        try:
            with self._storage.open(place.key) as stream:
                stream.seek(place.offset)
                picture = PictureBytes(stream.read(place.length), place.media_type)
        except UnknownObject:  # deleted at this moment: its event comes
            logger.info("a photo is gone before it became a reference case")
            return None
        return _Wanted(photo, photo.candidate.facts, picture)


def _add(unit_of_work: UnitOfWork, wanted: _Wanted, picture: KeptPicture) -> None:
    session, photo = unit_of_work.session, wanted.photo
    link = source_link(session, photo.hospital, photo.id)
    if case_of_link(session, photo.hospital, link) is not None:
        raise Overtaken("the photo's case is there already")
    case = NewCase(
        hospital=photo.hospital,
        facts=wanted.facts,
        source=Source.OPINION,
        added_by=SYSTEM.id,
        pictures=[picture],
        source_link=link,
    )
    row = add_case(unit_of_work, case)
    audit(session, SYSTEM, Action.EXPORTED, subject=f"reference_case/{row.id}", hospital=photo.hospital)
