"""Requests that store at the same time share a commit, and nothing else."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from dicomweb.archive import StoreStatus
from gateway.archive import group_commit
from gateway.archive.group_commit import GroupCommit
from gateway.archive.service import ArchiveService
from gateway.archive.tables import InstanceRow, RemovedObjectRow
from gateway.database import Database, UnitOfWork, now
from tests.integration.archive.acts import count, search, store, values
from tests.unit.archive.samples import photo


def note(key: str) -> Callable[[UnitOfWork], None]:
    """Work that leaves a row."""

    def work(unit_of_work: UnitOfWork) -> None:
        unit_of_work.session.add(RemovedObjectRow(object_key=key, hospital_id="here", removed_at=now()))
        unit_of_work.session.flush()

    return work


def fail(_unit_of_work: UnitOfWork) -> None:
    raise IntegrityError("", None, Exception())


class Held:
    """Work that waits in the middle until the others have come."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, unit_of_work: UnitOfWork) -> None:
        note("held")(unit_of_work)
        self.begun.set()
        assert self.go_on.wait(10)


def together(commits: GroupCommit, *works: Callable[[UnitOfWork], None]) -> list[Future[None]]:
    """Do works that all come while another one is being done."""
    held = Held()
    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(commits.run, held, 1)
        assert held.begun.wait(10)
        futures = [pool.submit(commits.run, work, 1) for work in works]
        while len(commits._waiting) < len(works):
            pass
        held.go_on.set()
    assert first.exception() is None
    return futures


def test_those_who_wait_share_a_transaction(sqlite: Database) -> None:
    sessions: list[object] = []
    futures = together(GroupCommit(sqlite), *[lambda unit: sessions.append(unit.session)] * 3)
    assert [future.exception() for future in futures] == [None] * 3
    assert len(sessions) == 3
    assert len(set(map(id, sessions))) == 1


def test_one_that_fails_fails_alone(sqlite: Database) -> None:
    futures = together(GroupCommit(sqlite), note("a"), fail, note("b"))
    assert sorted(type(future.exception()).__name__ for future in futures) == ["IntegrityError", "NoneType", "NoneType"]
    assert count(sqlite, RemovedObjectRow) == 3


def test_a_commit_that_failed_is_not_repeated(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been durable: only the index can tell."""
    done: list[str] = []
    real = UnitOfWork.commit

    def commit(self: UnitOfWork) -> None:
        real(self)
        if len(done) > 1:
            raise OperationalError("", None, Exception())

    monkeypatch.setattr(UnitOfWork, "commit", commit)
    futures = together(GroupCommit(sqlite), *[lambda _unit: done.append("x")] * 2)
    assert [type(future.exception()) for future in futures] == [OperationalError] * 2
    assert done == ["x", "x"]


def test_a_large_request_goes_alone(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST_OBJECTS", 1)
    sessions: list[object] = []
    together(GroupCommit(sqlite), *[lambda unit: sessions.append(unit.session)] * 3)
    assert len(set(map(id, sessions))) == 3


def test_many_clients_store_each_their_own(archive: ArchiveService, database: Database) -> None:
    photos = [photo(PatientID=f"P{number % 3}", InstanceNumber=number) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda ds: store(archive, ds)[0], photos))
    assert {outcome.status for outcome in outcomes} == {StoreStatus.STORED}
    assert set(values(search(archive, limit=100).items, "0020000D")) == {ds.StudyInstanceUID for ds in photos}


def test_of_the_same_uid_at_the_same_time_one_content_stands(archive: ArchiveService, database: Database) -> None:
    first = photo()
    others = [photo(SOPInstanceUID=first.SOPInstanceUID, Rows=rows) for rows in range(11, 18)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda ds: store(archive, ds)[0], [first, *others]))
    statuses = sorted(outcome.status for outcome in outcomes)
    assert statuses == [StoreStatus.STORED, *[StoreStatus.DUPLICATE_SOP_INSTANCE] * 7]
    assert count(database, InstanceRow) == 1
    assert not archive.verify().faults
