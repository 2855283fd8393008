"""The archive as one caller sees it: what DICOMweb and DIMSE are given."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from dicomweb.archive import JsonObject, Matches, Search, Span, StoredInstance, StoreSession
from dicomweb.dicom_json import tag_key
from dicomweb.uids import is_uid
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller, Permission
from gateway.archive.answering import answers
from gateway.archive.layouts import bulk_of, frames_of
from gateway.archive.read_audit import ReadAudit
from gateway.archive.retrieval import FoundInstance, find_instances, read_headers, read_layout
from gateway.archive.searching import find_page
from gateway.archive.storage import ObjectStorage
from gateway.database import Database


class BeginStore(Protocol):
    """How a store request begins for a caller."""

    def __call__(self, caller: Caller, study_instance_uid: str | None) -> StoreSession:
        """Begin one."""


class ScopedArchive:
    """`dicomweb.archive.Archive` for one caller; each request leaves one entry in the audit trail.

    `find` is what a retrieval begins with, and is what is entered for it. Every method raises NotPermitted where
    the caller lacks the permission.
    """

    def __init__(
        self, caller: Caller, database: Database, storage: ObjectStorage, read_audit: ReadAudit, begin_store: BeginStore
    ) -> None:
        self._caller = caller
        self._database = database
        self._storage = storage
        self._read_audit = read_audit
        self._begin_store = begin_store

    def search(self, search: Search) -> Matches:
        """One page, in the order that `gateway.archive.searching` states; keys not supported are left aside."""
        scope = self._caller.require(Permission.READ_INSTANCES)
        with self._database.read() as session:
            page = find_page(session, scope, search)
            items = answers(session, search, page.row_ids)
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
        with self._database.read() as session:
            found = find_instances(session, scope, study_instance_uid, series_instance_uid, sop_instance_uid)
        detail: dict[str, object] = {"instances": len(found)}
        if series_instance_uid:
            detail["series"] = _told(series_instance_uid)
        if sop_instance_uid:
            detail["instance"] = _told(sop_instance_uid)
        self._read_audit.enter(
            self._caller,
            Action.ACCESSED,
            subject=_told(study_instance_uid),
            outcome=Outcome.SUCCESS if found else Outcome.MINOR_FAILURE,
            detail=detail,
        )
        return found

    def metadata(self, instances: Sequence[StoredInstance]) -> Iterator[JsonObject]:
        """Headers, in order; a part of them at a time is read."""
        self._caller.require(Permission.READ_INSTANCES)
        return read_headers(self._database, [_found(instance) for instance in instances])

    def frames(self, instance: StoredInstance) -> Sequence[Sequence[Span]]:
        """Where each frame lies; raises UnknownInstance where it was deleted meanwhile."""
        self._caller.require(Permission.READ_INSTANCES)
        with self._database.read() as session:
            return frames_of(read_layout(session, _found(instance)))

    def bulk_data(self, instance: StoredInstance, path: str) -> Sequence[Span]:
        """Where a bulk value lies; raises UnknownInstance where it was deleted meanwhile."""
        self._caller.require(Permission.READ_INSTANCES)
        with self._database.read() as session:
            return bulk_of(read_layout(session, _found(instance)), path)

    def open(self, instance: StoredInstance) -> BinaryIO:
        """Open the file; raises UnknownObject where it was deleted meanwhile."""
        self._caller.require(Permission.READ_INSTANCES)
        return self._storage.open(_found(instance).object_key)

    def begin_store(self, study_instance_uid: str | None) -> StoreSession:
        """Begin a store request."""
        return self._begin_store(self._caller, study_instance_uid)


def _told(uid: str) -> str:
    """A UID as it may stand in the audit trail; what is none came from outside and is not repeated."""
    return uid if is_uid(uid) else "no UID"


def _found(instance: StoredInstance) -> FoundInstance:
    """The instance as `find` gave it: only that was checked against the scope."""
    if not isinstance(instance, FoundInstance):
        raise TypeError("not an instance that this archive found")
    return instance
