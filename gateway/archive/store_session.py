"""One store request: parts received one after the other, made durable and findable in one step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy.exc import SQLAlchemyError

from dicomweb.archive import StoreOutcome, StoreStatus
from gateway.archive.errors import NotUnderstood, StorageError, StorageFull, StoreRefused, StudyMismatch
from gateway.archive.group_commit import GroupCommit
from gateway.archive.setting_aside import SettingAside
from gateway.archive.staging import Receiver, StagedObject
from gateway.archive.storage import ObjectStorage
from gateway.database import UnitOfWork

MOST_PARTS = 5000
"""Parts of one request that are taken: something of each is held in memory until the end."""

Index = Callable[[UnitOfWork, StagedObject], object]
"""Adds a finished object to the index; raises StoreRefused."""

Settle = Callable[[Sequence[StagedObject]], None]
"""Keeps or discards objects as the index has them, after a commit whose end is not known."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a part is not taken. Not the error itself: its traceback would keep all that was read of the part."""

    status: StoreStatus
    detail: str


@dataclass(slots=True)
class _Part:
    staged: StagedObject | None = None
    refusal: _Refusal | None = None

    def refuse(self, refusal: _Refusal) -> None:
        """Forget the object, which no row names."""
        self.refusal = refusal
        if self.staged is not None:
            self.staged.discard()


class ArchiveStoreSession:
    """`dicomweb.archive.StoreSession`; see there for the order of calls."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        storage: ObjectStorage,
        index: Index,
        settle: Settle,
        study_instance_uid: str | None,
    ) -> None:
        self._commits = commits
        self._storage = storage
        self._index = index
        self._settle = settle
        self._study_instance_uid = study_instance_uid
        self._parts: list[_Part] = []
        self._aside = SettingAside(storage.scratch)
        self._receiver: Receiver | None = None
        self._refusal: _Refusal | None = None

    def scratch(self) -> BinaryIO:
        """A file beside the objects that are being written."""
        return self._storage.scratch()

    def write(self, chunk: bytes) -> None:
        """Append to the current part; what is wrong with it is told at the end."""
        if self._refusal is not None:
            return
        try:
            if self._receiver is None:
                self._receiver = self._begin_part()
            self._receiver.write(chunk)
        except (StoreRefused, StorageError) as error:
            self._give_up_part(_refusal(error))

    def end_part(self) -> None:
        """Read the part that is whole now."""
        part = _Part(refusal=self._refusal)
        if part.refusal is None:
            try:
                part.staged = self._read_part()
                self._check_study(part)
                self._aside.add(part.staged)
            except (StoreRefused, StorageError) as error:
                self._give_up_part(_refusal(error))
                part.refusal = self._refusal
        self._parts.append(part)
        self._receiver, self._refusal = None, None

    def commit(self) -> Sequence[StoreOutcome]:
        """Make every good part durable; one outcome a part."""
        self._drop_current()
        self._finish()
        refused: list[tuple[_Part, _Refusal]] = []

        def index(unit_of_work: UnitOfWork) -> None:
            refused[:] = self._index_all(unit_of_work)

        try:
            self._commits.run(index, len(self._parts))
            for part, refusal in refused:
                part.refuse(refusal)
        except SQLAlchemyError:
            self._fail("the index could not be written")
        except BaseException:
            self._settle(self._staged())
            raise
        finally:
            self._aside.close()
        return [_outcome(part) for part in self._parts]

    def abort(self) -> None:
        """Forget everything."""
        self._drop_current()
        for staged in self._staged():
            staged.discard()
        self._parts.clear()
        self._aside.close()

    def _begin_part(self) -> Receiver:
        if len(self._parts) >= MOST_PARTS:
            raise StoreRefused(StoreStatus.OUT_OF_RESOURCES, f"more than {MOST_PARTS} parts in one request")
        return Receiver(self._storage)

    def _read_part(self) -> StagedObject:
        if self._receiver is None:
            raise NotUnderstood(StoreStatus.CANNOT_UNDERSTAND, "the part is empty")
        return self._receiver.staged()

    def _check_study(self, part: _Part) -> None:
        """Refuse a part of another study than the request's; who it is stays known for the outcome."""
        assert part.staged is not None
        if self._study_instance_uid not in (None, part.staged.identity.study_instance_uid):
            part.refuse(_refusal(StudyMismatch("the object is of another study than the request")))

    def _give_up_part(self, refusal: _Refusal) -> None:
        self._refusal = refusal
        self._drop_current()

    def _drop_current(self) -> None:
        if self._receiver is not None:
            self._receiver.discard()
            self._receiver = None

    def _finish(self) -> None:
        """Make the bytes durable; without room for all of them none is taken, so that the sender can try again."""
        good = [part for part in self._parts if part.staged is not None and part.refusal is None]
        try:
            self._storage.finish_all([part.staged.pending for part in good if part.staged is not None])
        except StorageError as error:
            for part in good:
                part.refuse(_refusal(error))

    def _index_all(self, unit_of_work: UnitOfWork) -> list[tuple[_Part, _Refusal]]:
        """Index every good part; returns those that the index refuses, once what it did is durable."""
        refused: list[tuple[_Part, _Refusal]] = []
        good = [part for part in self._parts if part.staged is not None and part.refusal is None]
        # Always in the same order, so that two requests of the same studies wait for each other in one direction.
        for part in sorted(good, key=_order):
            assert part.staged is not None
            try:
                with self._aside.whole(part.staged):
                    self._index(unit_of_work, part.staged)
            except StoreRefused as error:
                refused.append((part, _refusal(error)))
        return refused

    def _fail(self, detail: str) -> None:
        """The commit failed, or only its answer was lost: the index says which."""
        self._settle(self._staged())
        for part in self._parts:
            if part.refusal is None and part.staged is not None and not part.staged.kept:
                part.refusal = _Refusal(StoreStatus.PROCESSING_FAILURE, detail)

    def _staged(self) -> list[StagedObject]:
        return [part.staged for part in self._parts if part.staged is not None]


def _order(part: _Part) -> tuple[str, ...]:
    assert part.staged is not None
    facts = part.staged.facts
    return (
        facts.patient.issuer_of_patient_id,
        facts.patient.patient_id,
        facts.study.study_instance_uid,
        facts.series.series_instance_uid,
        facts.instance.sop_instance_uid,
    )


def _refusal(error: StoreRefused | StorageError) -> _Refusal:
    if isinstance(error, StoreRefused):
        return _Refusal(error.status, error.detail)
    full = isinstance(error, StorageFull)
    return _Refusal(StoreStatus.OUT_OF_RESOURCES if full else StoreStatus.PROCESSING_FAILURE, str(error))


def _outcome(part: _Part) -> StoreOutcome:
    status = StoreStatus.STORED if part.refusal is None else part.refusal.status
    detail = "" if part.refusal is None else part.refusal.detail
    if part.staged is None:
        return StoreOutcome(status, detail)
    identity = part.staged.identity
    return StoreOutcome(
        status,
        detail,
        sop_class_uid=identity.sop_class_uid,
        sop_instance_uid=identity.sop_instance_uid,
        study_instance_uid=identity.study_instance_uid,
        series_instance_uid=identity.series_instance_uid,
    )
