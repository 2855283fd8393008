"""The feed of changes: what the archive holds can be followed through it, within the caller's scope."""

import threading

import pytest
from pydicom.dataset import Dataset

from dicomweb.archive import Change, ChangeKind, Changes
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.archive.service import ArchiveService
from gateway.database import Database
from gateway.events.log import SEQUENCE, EventType, record
from gateway.events.sequencer import last_number
from tests.integration.archive.acts import EVERYWHERE, HERE, THERE, store
from tests.unit.archive.samples import part10, photo


@pytest.fixture
def start(database: Database) -> int:
    """Where the log stands as the test begins: PostgreSQL's lives on from one to the next."""
    with database.read() as session:
        return last_number(session, SEQUENCE)


def feed(archive: ArchiveService, after: int, limit: int = 100, caller: Caller = HERE) -> Changes:
    return archive.for_caller(caller).changes(after, limit)


def whole_feed(archive: ArchiveService, start: int, limit: int, caller: Caller = HERE) -> list[Change]:
    """Every page, one after another."""
    items: list[Change] = []
    page = feed(archive, start, limit, caller)
    while True:
        items += page.items
        if not page.more:
            return items
        page = feed(archive, page.following, limit, caller)


def happens_elsewhere(database: Database) -> None:
    """Something of which the feed does not tell."""
    with database.write() as unit_of_work:
        record(unit_of_work, EventType.PHOTO_ACCEPTED, hospital="here", subject="photo/1")


def correct(archive: ArchiveService, database: Database, ds: Dataset) -> None:
    staged = archive.stage([part10(ds)])
    with database.write() as unit_of_work:
        archive.revise(unit_of_work, HERE, [staged], reason="wrong")


@pytest.mark.parametrize("role", [Role.MODALITY, Role.APP, Role.TRAINER, Role.MONITOR])
def test_who_may_not_read_instances_reads_no_changes(archive: ArchiveService, role: Role) -> None:
    with pytest.raises(NotPermitted):
        feed(archive, 0, caller=Caller(id="c", roles=frozenset({role}), hospitals=None))


def test_a_patient_reads_no_changes_since_they_name_no_patient(archive: ArchiveService) -> None:
    with pytest.raises(NotPermitted):
        feed(archive, 0, caller=Caller(id="p", roles=frozenset({Role.VIEWER}), hospitals=None, patient="7"))


def test_what_was_stored_corrected_and_deleted_is_told_in_order(
    archive: ArchiveService, database: Database, start: int
) -> None:
    ds = photo()
    store(archive, ds)
    (first,) = archive.for_caller(HERE).find(ds.StudyInstanceUID)
    happens_elsewhere(database)
    store(archive, ds)  # the same again changes nothing
    ds.PatientSex = "O"
    correct(archive, database, ds)
    (second,) = archive.for_caller(HERE).find(ds.StudyInstanceUID)
    archive.for_caller(HERE).delete(ds.StudyInstanceUID)
    page = feed(archive, start)
    assert [(change.kind, change.sha256) for change in page.items] == [
        (ChangeKind.STORED, first.sha256),
        (ChangeKind.CORRECTED, second.sha256),
        (ChangeKind.DELETED, second.sha256),
    ]
    for change in page.items:
        assert change.study_instance_uid == ds.StudyInstanceUID
        assert change.series_instance_uid == ds.SeriesInstanceUID
        assert change.sop_instance_uid == ds.SOPInstanceUID
        assert change.at.utcoffset() is not None
    numbers = [change.number for change in page.items]
    assert numbers == sorted(set(numbers))


def test_each_hospital_follows_its_own(archive: ArchiveService, start: int) -> None:
    ours, theirs = photo(), photo()
    store(archive, ours)
    store(archive, theirs, caller=THERE)
    assert [change.sop_instance_uid for change in feed(archive, start).items] == [ours.SOPInstanceUID]
    assert [change.sop_instance_uid for change in feed(archive, start, caller=THERE).items] == [theirs.SOPInstanceUID]
    assert len(feed(archive, start, caller=EVERYWHERE).items) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_pages_make_up_the_whole_whatever_lies_between(
    archive: ArchiveService, database: Database, start: int, limit: int
) -> None:
    objects = [photo() for _ in range(5)]
    for ds in objects:
        store(archive, ds)
        store(archive, photo(), caller=THERE)
        happens_elsewhere(database)
    told = [change.sop_instance_uid for change in whole_feed(archive, start, limit)]
    assert told == [ds.SOPInstanceUID for ds in objects]


def test_the_end_is_where_the_log_ends_and_what_comes_later_is_behind_it(
    archive: ArchiveService, database: Database, start: int
) -> None:
    store(archive, photo())
    for _ in range(3):
        happens_elsewhere(database)
    page = feed(archive, start)
    assert (page.following, page.more) == (page.items[-1].number + 3, False)
    ds = photo()
    store(archive, ds)
    (change,) = feed(archive, page.following).items
    assert change.sop_instance_uid == ds.SOPInstanceUID


def test_who_asks_from_behind_the_end_stays_there(archive: ArchiveService, start: int) -> None:
    store(archive, photo())
    assert feed(archive, start + 1000) == Changes([], start + 1000, more=False)


def test_a_follower_misses_nothing_that_is_stored_meanwhile(archive: ArchiveService, start: int) -> None:
    written = [[photo() for _ in range(6)] for _ in range(4)]
    writers = [threading.Thread(target=lambda mine=mine: [store(archive, ds) for ds in mine]) for mine in written]
    seen: list[str] = []
    after = start
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        page = feed(archive, after, limit=3)
        seen += [change.sop_instance_uid for change in page.items]
        after = page.following
    while (page := feed(archive, after, limit=3)).items:
        seen += [change.sop_instance_uid for change in page.items]
        after = page.following
    assert sorted(seen) == sorted(ds.SOPInstanceUID for mine in written for ds in mine)
