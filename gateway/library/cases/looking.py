"""What callers may do with reference cases: list, count, look, add, withdraw; each within the caller's hospitals.

Who acts for one patient alone may open a case that an answer names, by its id, which nobody can guess; such a caller
gets no list of them and no count. Cases of other hospitals are to nobody else but theirs: where cases are shared some
day, this is the place that has to know (`narrowing.visible`), and `resemblance.comparing.Question.hospitals` what is
compared.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access.audit import Action, audit
from gateway.access.caller import Caller, Permission, Scope
from gateway.archive.settling import sweep_removed
from gateway.archive.storage import ObjectStorage
from gateway.database import Database
from gateway.library.cases.counting import DiseaseCount, count_cases
from gateway.library.cases.facts import CaseFacts, Source
from gateway.library.cases.keeping import NewCase, UnknownCase, add_case, add_picture, withdraw
from gateway.library.cases.narrowing import CaseFilter, fits, visible
from gateway.library.cases.pictures import PictureBytes, read_picture, written
from gateway.library.tables import ReferenceCaseRow, ReferencePictureRow

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class InvalidCursor(Exception):
    """The cursor is none that a listing of cases gave."""


class CaseKeyReused(Exception):
    """This Idempotency-Key was used with another case."""


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case with its pictures, by number."""

    row: ReferenceCaseRow
    pictures: Sequence[ReferencePictureRow]


@dataclass(frozen=True, slots=True)
class CaseLibrary:
    """The reference cases as callers see them."""

    database: Database
    storage: ObjectStorage

    def page(
        self, caller: Caller, wanted: CaseFilter, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[FoundCase], str | None]:
        """One page, the newest first, and the next one's cursor; raises NotPermitted, InvalidCursor."""
        scope = caller.require_hospital_wide(Permission.READ_LIBRARY)
        place = tuple_(ReferenceCaseRow.added_at, ReferenceCaseRow.id)
        query = select(ReferenceCaseRow).where(visible(scope), *fits(wanted))
        if cursor is not None:
            query = query.where(place < _place(cursor))
        query = query.order_by(ReferenceCaseRow.added_at.desc(), ReferenceCaseRow.id.desc()).limit(limit + 1)
        with self.database.read() as session:
            rows = session.scalars(query).all()
            found = _with_pictures(session, rows[:limit])
        self._audit(caller, Action.QUERIED, "reference_cases", caller.home)
        return found, _cursor(rows[limit - 1]) if len(rows) > limit else None

    def counts(self, caller: Caller, wanted: CaseFilter) -> Sequence[DiseaseCount]:
        """How many cases of each disease fit; raises NotPermitted."""
        scope = caller.require_hospital_wide(Permission.READ_LIBRARY)
        with self.database.read() as session:
            found = count_cases(session, scope, wanted)
        self._audit(caller, Action.QUERIED, "reference_cases", caller.home)
        return found

    def one(self, caller: Caller, case_id: str) -> FoundCase:
        """A case; raises NotPermitted, UnknownCase."""
        scope = caller.require(Permission.READ_LIBRARY)
        with self.database.read() as session:
            row = _find(session, scope, case_id)
            (found,) = _with_pictures(session, [row])
        self._audit(caller, Action.ACCESSED, f"reference_case/{row.id}", row.hospital_id)
        return found

    def picture(self, caller: Caller, case_id: str, number: int) -> PictureBytes:
        """One picture of a case; raises NotPermitted, UnknownCase, UnknownObject."""
        scope = caller.require(Permission.READ_LIBRARY)
        with self.database.read() as session:
            row = _find(session, scope, case_id)
            picture = session.get(ReferencePictureRow, (row.id, number))
        if picture is None:
            raise UnknownCase("the reference case has no such picture")
        found = read_picture(self.storage, picture.object_key, picture.media_type)
        self._audit(caller, Action.ACCESSED, f"reference_case/{row.id}", row.hospital_id)
        return found

    def video(self, caller: Caller, case_id: str, number: int) -> str:
        """The key of the video that a picture is a frame of; raises NotPermitted, UnknownCase."""
        scope = caller.require(Permission.READ_LIBRARY)
        with self.database.read() as session:
            row = _find(session, scope, case_id)
            picture = session.get(ReferencePictureRow, (row.id, number))
        if picture is None or picture.video_key is None:
            raise UnknownCase("the reference case has no such video")
        self._audit(caller, Action.ACCESSED, f"reference_case/{row.id}", row.hospital_id)
        return picture.video_key

    def check_may_add(self, caller: Caller) -> None:
        """Raise NotPermitted for who may not add cases."""
        caller.require_hospital_wide(Permission.WRITE_LIBRARY)

    def add(
        self, caller: Caller, facts: CaseFacts, picture: PictureBytes, *, digest: str, key: str | None = None
    ) -> FoundCase:
        """Add a case that staff posts, to the caller's hospital; its picture has to be clean already.

        `key` is an Idempotency-Key and `digest` what tells this request from another: the same again is the same case.
        Raises NotPermitted, CaseKeyReused, StorageError.
        """
        self.check_may_add(caller)
        case_id = None if key is None else _keyed_id(caller, key)
        if case_id is not None and (earlier := self._earlier(caller, case_id, digest)) is not None:
            return earlier
        try:
            return self._add(caller, facts, picture, case_id, digest)
        except IntegrityError:  # the same request, at the same moment
            earlier = None if case_id is None else self._earlier(caller, case_id, digest)
            if earlier is None:
                raise
            return earlier

    def add_picture(self, caller: Caller, case_id: str, picture: PictureBytes) -> FoundCase:
        """Add one more picture to a case that staff posted or an opinion made.

        Raises NotPermitted, UnknownCase, TooManyPictures, StorageError.
        """
        scope = caller.require_hospital_wide(Permission.WRITE_LIBRARY)
        with written(self.database, self.storage, [picture]) as (kept,), self.database.write() as unit_of_work:
            session = unit_of_work.session
            row = _find(session, scope, case_id, lock=True)
            add_picture(unit_of_work, row, kept)
            audit(session, caller, Action.IMPORTED, subject=f"reference_case/{row.id}", hospital=row.hospital_id)
            session.flush()
            (found,) = _with_pictures(session, [row])
        return found

    def withdraw(self, caller: Caller, case_id: str) -> None:
        """Take a case out of the library; raises NotPermitted, UnknownCase."""
        scope = caller.require_hospital_wide(Permission.WRITE_LIBRARY)
        with self.database.write() as unit_of_work:
            row = _find(unit_of_work.session, scope, case_id, lock=True)
            keys = withdraw(unit_of_work, row)
            subject = f"reference_case/{row.id}"
            audit(unit_of_work.session, caller, Action.DELETED, subject=subject, hospital=row.hospital_id)
        sweep_removed(self.database, self.storage, keys)

    def _add(
        self, caller: Caller, facts: CaseFacts, picture: PictureBytes, case_id: str | None, digest: str
    ) -> FoundCase:
        with written(self.database, self.storage, [picture]) as pictures, self.database.write() as unit_of_work:
            case = NewCase(
                id=case_id,
                hospital=caller.home,
                facts=facts,
                source=Source.STAFF,
                added_by=caller.id,
                pictures=pictures,
                posted_digest=digest,
            )
            row = add_case(unit_of_work, case)
            subject = f"reference_case/{row.id}"
            audit(unit_of_work.session, caller, Action.IMPORTED, subject=subject, hospital=row.hospital_id)
            unit_of_work.session.flush()
            (found,) = _with_pictures(unit_of_work.session, [row])
        return found

    def _earlier(self, caller: Caller, case_id: str, digest: str) -> FoundCase | None:
        with self.database.read() as session:
            row = session.get(ReferenceCaseRow, case_id)
            if row is None:
                return None
            if row.posted_digest != digest:  # a withdrawn one has none any more
                raise CaseKeyReused("this Idempotency-Key was used with another reference case, or one withdrawn since")
            (found,) = _with_pictures(session, [row])
        self._audit(caller, Action.ACCESSED, f"reference_case/{row.id}", row.hospital_id)
        return found

    def _audit(self, caller: Caller, action: Action, subject: str, hospital: str) -> None:
        with self.database.write() as unit_of_work:
            audit(unit_of_work.session, caller, action, subject=subject, hospital=hospital)


def _find(session: Session, scope: Scope, case_id: str, *, lock: bool = False) -> ReferenceCaseRow:
    """The case, if the scope sees it; raises UnknownCase."""
    query = select(ReferenceCaseRow).where(ReferenceCaseRow.id == case_id, visible(scope))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise UnknownCase("there is no such reference case")
    return row


def _with_pictures(session: Session, rows: Sequence[ReferenceCaseRow]) -> list[FoundCase]:
    ids = [row.id for row in rows]
    query = select(ReferencePictureRow).where(ReferencePictureRow.case_id.in_(ids)).order_by(ReferencePictureRow.number)
    pictures = session.scalars(query).all() if ids else []
    return [FoundCase(row, [picture for picture in pictures if picture.case_id == row.id]) for row in rows]


def _keyed_id(caller: Caller, key: str) -> str:
    parts: list[Any] = ["reference-case", caller.id, key]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]


def _cursor(row: ReferenceCaseRow) -> str:
    return base64.urlsafe_b64encode(f"{row.added_at.isoformat()} {row.id}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        moment, _, case_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        added_at = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor("the cursor is none that a listing of cases gave") from error
    if added_at.utcoffset() != timedelta(0) or not _ID.fullmatch(case_id):
        raise InvalidCursor("the cursor is none that a listing of cases gave")
    return added_at, case_id
