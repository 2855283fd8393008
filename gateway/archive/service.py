"""The archive's service: objects come in, are indexed, corrected, deleted, read, and checked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from dicomweb.archive import StoreOutcome, StoreStatus
from dicomweb.part10 import Identity
from gateway.access.audit import Action
from gateway.access.caller import Caller, NotPermitted, Permission, Scope
from gateway.archive.committing import ArchiveCommitments
from gateway.archive.correcting import add_revision, correct_above
from gateway.archive.errors import StorageError, StorageFull, StoreRefused, UnknownInstance
from gateway.archive.group_commit import GroupCommit
from gateway.archive.indexing import AlreadyStored, IndexedInstance, Origin, Sender, insert_instance
from gateway.archive.querying import ScopedQueries
from gateway.archive.read_audit import ReadAudit, SyncedReads
from gateway.archive.recording import audit_change, record_change
from gateway.archive.removal import remove_instance
from gateway.archive.retrieval import DeliverableInstance, find_deliverable
from gateway.archive.scoped import ScopedArchive
from gateway.archive.settling import announce, named_keys, sweep
from gateway.archive.staging import KnownObject, StagedObject, receive
from gateway.archive.storage import ObjectStorage
from gateway.archive.store_session import ArchiveStoreSession
from gateway.archive.tables import TEXT_LENGTH, InstanceRow, PatientRow, RevisionRow, SeriesRow, StudyRow
from gateway.archive.transferring import ScopedTransfers
from gateway.archive.verification import KnownKeys, VerifyReport, verify
from gateway.database import Database, UnitOfWork
from gateway.events.log import EventType

OnReceived = Callable[[UnitOfWork, IndexedInstance], None]
"""Called inside the unit of work for each newly stored instance that others sent (not the intake's own)."""


def _nothing_known(_keys: set[str]) -> set[str]:
    return set()


class ArchiveService:
    """The archive of all hospitals; every act is done for a caller. Safe for use by many threads.

    `other_keys` tells which keys of the storage belong to other capabilities, so that neither recovery nor
    verification takes their objects for strays. `read_audit` is where reads are entered; without it they wait to be
    in the audit trail.
    """

    def __init__(
        self,
        database: Database,
        storage: ObjectStorage,
        *,
        on_received: OnReceived | None = None,
        other_keys: KnownKeys = _nothing_known,
        read_audit: ReadAudit | None = None,
    ) -> None:
        self._database = database
        self._storage = storage
        self._on_received = on_received
        self._other_keys = other_keys
        self._commits = GroupCommit(database)
        self._read_audit = read_audit or SyncedReads(database)

    # -- objects come in

    @contextmanager
    def staged(
        self, parts: Iterable[bytes | bytearray | memoryview], known: KnownObject | None = None
    ) -> Iterator[StagedObject]:
        """A durable object for as long as the block lasts; index it there, in a unit of work that ends there.

        What the block has not brought into the index is gone afterwards. `known` is what the maker of the object
        knows of it already: then it is not read again.

        Raises:
            StoreRefused: the object cannot be archived; `status` says why.
        """
        staged = self.stage(parts, known)
        try:
            yield staged
        finally:
            self.settle([staged])

    def stage(self, parts: Iterable[bytes | bytearray | memoryview], known: KnownObject | None = None) -> StagedObject:
        """Write, read and sync an object; whoever calls this calls `settle` in the end, `staged` does it by itself."""
        try:
            staged = receive(self._storage, parts, known)
            try:
                staged.pending.finish()
            except StorageError:
                staged.discard()
                raise
        except StorageError as error:
            status = StoreStatus.OUT_OF_RESOURCES if isinstance(error, StorageFull) else StoreStatus.PROCESSING_FAILURE
            raise StoreRefused(status, str(error)) from error
        return staged

    def settle(self, staged: Sequence[StagedObject]) -> None:
        """Keep or discard objects as the index has them; where it cannot be asked, `recover` will.

        Raises RuntimeError inside the unit of work that named one: before its end nobody knows what stands.
        """
        left = {one.object_key: one for one in staged if not one.settled}
        if not left:
            return
        if any(one.named_in is not None and one.named_in.is_open for one in left.values()):
            raise RuntimeError("an object is settled before the unit of work that names it has ended")
        try:
            named = named_keys(self._database, left)
        except SQLAlchemyError:
            return
        for key, one in left.items():
            if key in named:
                one.keep()
            else:
                one.discard()

    def index(
        self,
        unit_of_work: UnitOfWork,
        caller: Caller,
        staged: StagedObject,
        *,
        sender: Sender,
        hospital: str | None = None,
        under: Permission = Permission.STORE_INSTANCES,
    ) -> IndexedInstance | AlreadyStored:
        """Make a durable object known, in the caller's unit of work: rows, event, audit entry.

        Args:
            unit_of_work: everything is done in it; the object is kept when it commits.
            caller: who stores; needs the permission `under`.
            staged: the object.
            sender: which way and from whom it came.
            hospital: whose it is; the caller's own where it is left out.
            under: the permission that covers the act, `SUBMIT_PHOTOS` for what the intake makes.

        Raises:
            DuplicateInstance, StudyMismatch: nothing was added; the unit of work can go on.
            NotPermitted: not this caller, or not in this hospital.
        """
        home = self._home(caller, hospital, under)
        announce(unit_of_work)
        staged.named_in = unit_of_work
        result = insert_instance(unit_of_work.reader, home, staged, sender, caller.id)
        if isinstance(result, AlreadyStored):
            unit_of_work.after_commit(staged.discard)
            audit_change(
                unit_of_work, caller, Action.IMPORTED,
                hospital=home, study_instance_uid=staged.identity.study_instance_uid, what="already_stored",
            )  # fmt: skip
            return result
        unit_of_work.after_commit(staged.keep)
        self._say(
            unit_of_work,
            caller,
            EventType.INSTANCE_STORED,
            hospital=home,
            identity=staged.identity,
            sha256=staged.sha256,
        )
        if self._on_received is not None and sender.origin is not Origin.INTAKE:
            self._on_received(unit_of_work, result)
        return result

    def begin_store(
        self, caller: Caller, study_instance_uid: str | None, sender: Sender | None = None
    ) -> ArchiveStoreSession:
        """Begin a store request of objects that others send; by STOW-RS unless `sender` says otherwise."""
        self._home(caller, None, Permission.STORE_INSTANCES)
        from_whom = sender or Sender(Origin.STOW, caller.id)
        return ArchiveStoreSession(
            commits=self._commits,
            storage=self._storage,
            index=lambda unit_of_work, staged: self.index(unit_of_work, caller, staged, sender=from_whom),
            settle=self.settle,
            study_instance_uid=study_instance_uid,
        )

    def store(self, caller: Caller, parts: Iterable[bytes], sender: Sender) -> StoreOutcome:
        """Store one object that somebody sent, in a unit of work of its own."""
        session = self.begin_store(caller, None, sender)
        try:
            for part in parts:
                session.write(part)
            session.end_part()
        except BaseException:
            session.abort()
            raise
        return session.commit()[0]

    # -- objects change

    def revise(
        self,
        unit_of_work: UnitOfWork,
        caller: Caller,
        corrections: Sequence[StagedObject],
        *,
        reason: str,
        under: Permission = Permission.STORE_INSTANCES,
    ) -> list[IndexedInstance]:
        """Make durable objects the next revisions of the instances whose SOP Instance UIDs they carry.

        The older revisions stay. A correction keeps study, series and class; where it changes the patient, every
        instance of the study is to be among the corrections.

        Raises:
            UnknownInstance: one of them is not there within the caller's scope.
            StudyMismatch: a correction contradicts its study.
            NotPermitted: not this caller.
        """
        scope = caller.require(under)
        announce(unit_of_work)
        session = unit_of_work.session
        pairs = [
            (self._instance(unit_of_work, scope, staged.identity.sop_instance_uid), staged) for staged in corrections
        ]
        revised: list[IndexedInstance] = []
        for instance, staged in pairs:
            staged.named_in = unit_of_work
            revised.append(add_revision(session, instance, staged, reason=reason[:TEXT_LENGTH], created_by=caller.id))
            unit_of_work.after_commit(staged.keep)
            self._say(
                unit_of_work,
                caller,
                EventType.INSTANCE_CORRECTED,
                hospital=instance.hospital_id,
                identity=staged.identity,
                sha256=staged.sha256,
            )
        correct_above(session, pairs)
        return revised

    def delete_instance(
        self,
        unit_of_work: UnitOfWork,
        caller: Caller,
        sop_instance_uid: str,
        *,
        under: Permission = Permission.DELETE_INSTANCES,
    ) -> None:
        """Delete an instance with all its revisions, and what stands empty above it; its files go after the commit.

        Raises:
            UnknownInstance: not there within the caller's scope.
            NotPermitted: not this caller.
        """
        scope = caller.require(under)
        instance = self._instance(unit_of_work, scope, sop_instance_uid)
        identity, sha256 = _describe(unit_of_work, instance)
        hospital = instance.hospital_id
        keys = remove_instance(unit_of_work.session, instance)
        self._say(unit_of_work, caller, EventType.INSTANCE_DELETED, hospital=hospital, identity=identity, sha256=sha256)
        unit_of_work.after_commit(lambda: self._delete_objects(keys))

    # -- objects are read

    def for_caller(self, caller: Caller) -> ScopedArchive:
        """The archive as this caller sees it; implements `dicomweb.archive.Archive`."""
        return ScopedArchive(
            caller,
            self._database,
            self._storage,
            self._read_audit,
            begin_store=self.begin_store,
            delete_instance=self.delete_instance,
        )

    def queries_for(self, caller: Caller) -> ScopedQueries:
        """What this caller may ask over DIMSE."""
        return ScopedQueries(caller, self._database, self._read_audit)

    def transfers_for(self, caller: Caller) -> ScopedTransfers:
        """What this caller may have sent somewhere."""
        return ScopedTransfers(caller, self._database, self._storage, self._read_audit)

    def commitments_for(self, caller: Caller) -> ArchiveCommitments:
        """Storage commitment as this caller may ask for it."""
        return ArchiveCommitments(self._database, self._storage, caller)

    def instance_for_delivery(self, caller: Caller, instance_id: int, revision: int) -> DeliverableInstance:
        """One revision of an instance, for sending it; raises UnknownInstance where it was deleted."""
        scope = caller.require(Permission.READ_INSTANCES)
        with self._database.read() as session:
            return find_deliverable(session, scope, self._storage, instance_id, revision)

    # -- files and index agree

    def recover(self) -> int:
        """Settle what processes that died left behind, and finish removals; at start, and now and then."""
        settled = self._storage.recover(self._is_known)
        return settled + sweep(self._database, self._storage)

    def verify(self, *, quick: bool = False) -> VerifyReport:
        """Compare files and index; `quick` looks at existence and size only."""
        return verify(self._database, self._storage, quick=quick, known_keys=self._other_keys)

    def _is_known(self, key: str) -> bool:
        return bool(named_keys(self._database, [key])) or bool(self._other_keys({key}))

    def _home(self, caller: Caller, hospital: str | None, under: Permission) -> str:
        scope = caller.require(under)
        home = hospital or caller.home
        if not scope.sees(home):
            raise NotPermitted(under)
        return home

    def _instance(self, unit_of_work: UnitOfWork, scope: Scope, sop_instance_uid: str) -> InstanceRow:
        query = (
            select(InstanceRow, PatientRow.id)
            .join(StudyRow, StudyRow.id == InstanceRow.study_row_id)
            .join(PatientRow, PatientRow.id == StudyRow.patient_row_id)
            .where(InstanceRow.sop_instance_uid == sop_instance_uid)
            .with_for_update(of=InstanceRow)
        )
        row = unit_of_work.session.execute(query).one_or_none()
        if row is None or not scope.sees(row[0].hospital_id) or scope.patient not in (None, str(row[1])):
            raise UnknownInstance("there is no such instance")
        instance: InstanceRow = row[0]
        return instance

    def _say(
        self,
        unit_of_work: UnitOfWork,
        caller: Caller,
        event_type: EventType,
        *,
        hospital: str,
        identity: Identity,
        sha256: str,
    ) -> None:
        record_change(unit_of_work, event_type, hospital, identity, sha256)
        action = Action.DELETED if event_type is EventType.INSTANCE_DELETED else Action.IMPORTED
        audit_change(
            unit_of_work, caller, action, hospital=hospital,
            study_instance_uid=identity.study_instance_uid, what=event_type.value.rpartition(".")[2],
        )  # fmt: skip

    def _delete_objects(self, keys: Sequence[str]) -> None:
        for key in keys:
            with suppress(StorageError):  # the removal is noted: `recover` finishes it
                self._storage.delete(key)


def _describe(unit_of_work: UnitOfWork, instance: InstanceRow) -> tuple[Identity, str]:
    """UIDs of an instance, and the digest of its current revision."""
    session = unit_of_work.session
    study = session.get_one(StudyRow, instance.study_row_id)
    series = session.get_one(SeriesRow, instance.series_row_id)
    sha256 = session.scalars(
        select(RevisionRow.sha256).where(
            RevisionRow.instance_id == instance.id, RevisionRow.number == instance.revision
        )
    ).one()
    identity = Identity(
        study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid, instance.sop_class_uid
    )
    return identity, sha256
