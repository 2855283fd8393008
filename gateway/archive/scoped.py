"""The archive as one caller sees it: what DICOMweb and DIMSE are given."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO, Protocol

from dicomweb.archive import Changes, JsonObject, Matches, Search, Span, StoredInstance, StoreSession
from dicomweb.at_once import FEW_MATCHES, takes_longer
from dicomweb.dicom_json import tag_key
from dicomweb.uids import is_uid
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller, Permission
from gateway.archive.answering import answers
from gateway.archive.changes import read_changes
from gateway.archive.errors import UnknownInstance, UnknownObject
from gateway.archive.layouts import bulk_of, frames_of
from gateway.archive.read_audit import ReadAudit
from gateway.archive.retrieval import FoundInstance, find_instances, read_headers, read_layout
from gateway.archive.searching import find_page
from gateway.archive.storage import ObjectStorage
from gateway.database import Database, UnitOfWork

_DELETED_AT_ONCE = 200


class BeginStore(Protocol):
    """How a store request begins for a caller."""

    def __call__(self, caller: Caller, study_instance_uid: str | None) -> StoreSession:
        """Begin one."""


class DeleteInstance(Protocol):
    """How an instance is deleted for a caller."""

    def __call__(self, unit_of_work: UnitOfWork, caller: Caller, sop_instance_uid: str) -> None:
        """Delete one; raises UnknownInstance, NotPermitted."""


class ScopedArchive:
    """`dicomweb.archive.Archive` for one caller; each request leaves one entry in the audit trail.

    `find` is what a retrieval begins with, and is what is entered for it. Every method raises NotPermitted where
    the caller lacks the permission.
    """

    def __init__(
        self,
        caller: Caller,
        database: Database,
        storage: ObjectStorage,
        read_audit: ReadAudit,
        *,
        begin_store: BeginStore,
        delete_instance: DeleteInstance,
    ) -> None:
        self._caller = caller
        self._database = database
        self._storage = storage
        self._read_audit = read_audit
        self._begin_store = begin_store
        self._delete_instance = delete_instance

    def search(self, search: Search) -> Matches:
        """One page, in the order that `gateway.archive.searching` states; keys not supported are left aside."""
        scope = self._caller.require(Permission.READ_INSTANCES)
        with self._database.reader() as reader:
            page = find_page(reader, scope, search)
            if len(page.row_ids) > FEW_MATCHES:
                takes_longer()
            items = answers(reader, search, page.row_ids)
        keys = [tag_key(element.tag) for element in search.keys]  # the tags: values may be a patient's
        self._read_audit.enter(
            self._caller,
            Action.QUERIED,
            subject=search.level.value,
            detail={"keys": keys, "matches": len(items), "offset": search.offset},
        )
        return Matches(items, page.remaining)

    def find(
        self, study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
    ) -> Sequence[StoredInstance]:
        """Instances at their current revision, by series and instance number."""
        scope = self._caller.require(Permission.READ_INSTANCES)
        with self._database.reader() as reader:
            found = find_instances(reader, scope, study_instance_uid, series_instance_uid, sop_instance_uid)
        self._read_audit.enter(
            self._caller,
            Action.ACCESSED,
            subject=_told(study_instance_uid),
            outcome=Outcome.SUCCESS if found else Outcome.MINOR_FAILURE,
            detail=_named(len(found), series_instance_uid, sop_instance_uid),
        )
        return found

    def metadata(self, instances: Sequence[StoredInstance]) -> Iterator[JsonObject]:
        """Headers, in order; a part of them at a time is read. Raises DeletedMeanwhile."""
        self._caller.require(Permission.READ_INSTANCES)
        return read_headers(self._database, [_found(instance) for instance in instances])

    def frames(self, instance: StoredInstance) -> Sequence[Sequence[Span]]:
        """Where each frame lies; raises DeletedMeanwhile."""
        self._caller.require(Permission.READ_INSTANCES)
        with self._database.reader() as reader:
            return frames_of(read_layout(reader, _found(instance)))

    def bulk_data(self, instance: StoredInstance, path: str) -> Sequence[Span]:
        """Where a bulk value lies; raises DeletedMeanwhile."""
        self._caller.require(Permission.READ_INSTANCES)
        with self._database.reader() as reader:
            return bulk_of(read_layout(reader, _found(instance)), path)

    def open(self, instance: StoredInstance) -> BinaryIO:
        """Open the file; raises DeletedMeanwhile, and UnknownObject where a file is missing that should be there."""
        self._caller.require(Permission.READ_INSTANCES)
        try:
            return self._storage.open(_found(instance).object_key)
        except UnknownObject:
            with self._database.reader() as reader:
                read_layout(reader, _found(instance))
            raise

    def begin_store(self, study_instance_uid: str | None) -> StoreSession:
        """Begin a store request."""
        return self._begin_store(self._caller, study_instance_uid)

    def delete(
        self, study_instance_uid: str, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
    ) -> int:
        """Delete instances with their revisions and waiting deliveries, a bounded number in a transaction.

        Where it fails part-way, the same again deletes the rest. What is found is entered in the audit trail as it
        is deleted; here, that nothing was.
        """
        scope = self._caller.require(Permission.DELETE_INSTANCES)
        with self._database.reader() as reader:
            found = find_instances(reader, scope, study_instance_uid, series_instance_uid, sop_instance_uid)
        left = [instance.sop_instance_uid for instance in found]
        deleted = 0
        while left:
            page, left = left[:_DELETED_AT_ONCE], left[_DELETED_AT_ONCE:]
            deleted += self._delete(page)
        if not deleted:
            self._read_audit.enter(
                self._caller,
                Action.DELETED,
                subject=_told(study_instance_uid),
                outcome=Outcome.MINOR_FAILURE,
                detail=_named(0, series_instance_uid, sop_instance_uid),
            )
        return deleted

    def changes(self, after: int, limit: int) -> Changes:
        """One page of the feed of changes; it names no patient, so that who may see one alone may not read it."""
        scope = self._caller.require_hospital_wide(Permission.READ_INSTANCES)
        with self._database.read() as session:
            return read_changes(session, scope, after=after, limit=limit)

    def _delete(self, sop_instance_uids: Sequence[str]) -> int:
        deleted = 0
        with self._database.write() as unit_of_work:
            for uid in sop_instance_uids:
                with suppress(UnknownInstance):  # somebody else was quicker
                    self._delete_instance(unit_of_work, self._caller, uid)
                    deleted += 1
        return deleted


def _named(count: int, series_instance_uid: str | None, sop_instance_uid: str | None) -> dict[str, object]:
    """How many instances, and what was asked for below the study, for the audit trail."""
    detail: dict[str, object] = {"instances": count}
    if series_instance_uid:
        detail["series"] = _told(series_instance_uid)
    if sop_instance_uid:
        detail["instance"] = _told(sop_instance_uid)
    return detail


def _told(uid: str) -> str:
    """A UID as it may stand in the audit trail; what is none came from outside and is not repeated."""
    return uid if is_uid(uid) else "no UID"


def _found(instance: StoredInstance) -> FoundInstance:
    """The instance as `find` gave it: only that was checked against the scope."""
    if not isinstance(instance, FoundInstance):
        raise TypeError("not an instance that this archive found")
    return instance
