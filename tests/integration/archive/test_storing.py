"""Objects come in: refused, stored, stored again, several at a time."""

import errno
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from dicomweb.archive import Level, Search, StoreStatus
from gateway.access.audit import Action
from gateway.access.caller import Caller, NotPermitted, Permission, Role, Scope
from gateway.archive import hierarchy
from gateway.archive.errors import StoreRefused
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.indexing import IndexedInstance, Origin, Sender
from gateway.archive.service import ArchiveService
from gateway.archive.staging import KnownObject
from gateway.archive.tables import InstanceRow, PatientNameRow, PatientRow, SeriesRow, StudyRow
from gateway.database import Database, UnitOfWork
from gateway.events.log import SEQUENCE, EventType, read
from gateway.events.sequencer import last_number
from gateway.reading import Reader, Row, statements_of
from tests.integration.archive.acts import (
    EVERYWHERE,
    HERE,
    STOW,
    THERE,
    count,
    last_audit,
    search,
    store,
    values,
)
from tests.unit.archive.samples import part10, photo


def nothing_is_kept(archive: ArchiveService, storage: FolderStorage, database: Database) -> bool:
    rows = (InstanceRow, SeriesRow, StudyRow, PatientRow, PatientNameRow)
    objects = [*storage.keys(), *storage.pending_keys()]
    return not objects and not any(count(database, row) for row in rows) and archive.verify().sound


def test_what_is_no_dicom_is_refused_and_leaves_nothing(
    archive: ArchiveService, storage: FolderStorage, database: Database
) -> None:
    outcomes = store(archive, b"\x89PNG" + bytes(500), part10(photo())[:-400], b"")
    assert [outcome.status for outcome in outcomes] == [StoreStatus.CANNOT_UNDERSTAND] * 3
    assert outcomes[0].sop_instance_uid is None
    assert nothing_is_kept(archive, storage, database)


def test_a_syntax_that_is_not_taken_is_named(archive: ArchiveService) -> None:
    file = part10(photo()).replace(b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.2\0\0\0")
    (outcome,) = store(archive, file)
    assert outcome.status is StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED


def test_a_caller_without_the_permission_stores_nothing(archive: ArchiveService) -> None:
    viewer = Caller(id="v", roles=frozenset({Role.VIEWER}), hospitals=None)
    with pytest.raises(NotPermitted):
        archive.begin_store(viewer, None)


def test_a_caller_stores_only_in_their_hospital(archive: ArchiveService, database: Database) -> None:
    with (
        archive.staged([part10(photo())]) as staged,
        pytest.raises(NotPermitted),
        database.write() as unit_of_work,
    ):
        archive.index(unit_of_work, HERE, staged, sender=STOW, hospital="there")
    assert archive.verify().objects == 0


def test_an_object_of_another_study_than_the_request_is_refused(
    archive: ArchiveService, storage: FolderStorage, database: Database
) -> None:
    session = archive.begin_store(HERE, "1.2.3")
    ds = photo()
    session.write(part10(ds))
    session.end_part()
    (outcome,) = session.commit()
    assert outcome.status is StoreStatus.DATA_SET_MISMATCH
    assert outcome.sop_instance_uid == ds.SOPInstanceUID
    assert nothing_is_kept(archive, storage, database)


def test_a_study_has_one_patient(archive: ArchiveService, database: Database) -> None:
    one = photo()
    other = photo(StudyInstanceUID=one.StudyInstanceUID, PatientID="P2")
    outcomes = store(archive, one, other)
    assert sorted(outcome.status for outcome in outcomes) == [StoreStatus.STORED, StoreStatus.DATA_SET_MISMATCH]
    assert any("another patient" in outcome.detail for outcome in outcomes)
    assert count(database, PatientRow) == 1
    assert archive.verify().sound


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_without_room_nothing_is_stored(
    archive: ArchiveService,
    storage: FolderStorage,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
) -> None:
    def no_room(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    files = [part10(photo()), part10(photo())]
    with monkeypatch.context() as patch:
        patch.setattr(os, failing, no_room)
        outcomes = store(archive, *files)
    assert [outcome.status for outcome in outcomes] == [StoreStatus.OUT_OF_RESOURCES] * 2
    assert nothing_is_kept(archive, storage, database)


def test_when_the_commit_fails_nothing_is_stored(
    archive: ArchiveService, storage: FolderStorage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_unit_of_work: UnitOfWork) -> None:
        raise OperationalError("COMMIT", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", fail)
        (outcome,) = store(archive, photo())
    assert outcome.status is StoreStatus.PROCESSING_FAILURE
    assert nothing_is_kept(archive, storage, database)


def test_when_only_the_answer_of_the_commit_is_lost_the_object_is_stored(
    archive: ArchiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit_and_fail(unit_of_work: UnitOfWork) -> None:
        unit_of_work.session.commit()
        raise OperationalError("COMMIT", {}, Exception("the connection is lost"))

    with monkeypatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", commit_and_fail)
        (outcome,) = store(archive, photo())
    assert outcome.status is StoreStatus.STORED
    assert archive.verify().sound
    assert archive.verify().pending == 0


def test_a_good_part_is_stored_beside_bad_ones(archive: ArchiveService) -> None:
    good = photo()
    outcomes = store(archive, b"no", good, b"no")
    assert [outcome.status for outcome in outcomes] == [0xC000, 0, 0xC000]
    assert outcomes[1].sop_instance_uid == good.SOPInstanceUID
    assert archive.verify().revisions == 1


def test_aborting_keeps_nothing(archive: ArchiveService, storage: FolderStorage, database: Database) -> None:
    session = archive.begin_store(HERE, None)
    session.write(part10(photo()))
    session.end_part()
    session.write(b"half")
    session.abort()
    assert nothing_is_kept(archive, storage, database)


def test_an_object_is_kept_byte_for_byte(archive: ArchiveService) -> None:
    ds = photo()
    file = part10(ds)
    session = archive.begin_store(HERE, ds.StudyInstanceUID)
    for start in range(0, len(file), 100):
        session.write(file[start : start + 100])
    session.end_part()
    assert session.commit()[0].status is StoreStatus.STORED
    mine = archive.for_caller(HERE)
    (found,) = mine.find(ds.StudyInstanceUID)
    with mine.open(found) as stream:
        assert stream.read() == file


def test_the_same_instance_again_is_success_and_adds_nothing(
    archive: ArchiveService, storage: FolderStorage, database: Database
) -> None:
    ds = photo()
    files = [part10(ds, software=software) for software in ("A", "B")]
    for file in (*files, files[0]):
        assert store(archive, file)[0].status is StoreStatus.STORED
    assert count(database, InstanceRow) == len(list(storage.keys())) == 1
    assert last_audit(database).detail == {"instances": {"already_stored": 1}}


def test_other_content_under_the_same_uid_is_refused(archive: ArchiveService, storage: FolderStorage) -> None:
    ds = photo()
    store(archive, ds)
    ds.StudyDescription = "something else"
    (outcome,) = store(archive, ds)
    assert outcome.status is StoreStatus.DUPLICATE_SOP_INSTANCE
    assert len(list(storage.keys())) == 1


def test_another_hospital_learns_nothing_of_an_instance(archive: ArchiveService, database: Database) -> None:
    """Same bytes or not, the refusal reads the same."""
    ds = photo()
    store(archive, ds)
    (same,) = store(archive, ds, caller=THERE)
    ds.StudyDescription = "something else"
    (other,) = store(archive, ds, caller=THERE)
    assert same.status is other.status is StoreStatus.DUPLICATE_SOP_INSTANCE
    assert same.detail == other.detail
    assert "here" not in same.detail
    assert count(database, PatientRow) == 1


def test_two_hospitals_may_use_the_same_study_uid(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    (outcome,) = store(archive, photo(StudyInstanceUID=ds.StudyInstanceUID, PatientID="other"), caller=THERE)
    assert outcome.status is StoreStatus.STORED
    assert values(search(archive, caller=THERE).items, "00100020") == ["other"]
    assert len(search(archive, caller=EVERYWHERE).items) == 2


def test_an_unidentified_patient_is_kept_apart_until_told(archive: ArchiveService, database: Database) -> None:
    stranger, other = photo(PatientID=""), photo(PatientID=None)
    store(archive, stranger, other)
    assert count(database, PatientRow) == 2
    (item,) = search(archive, StudyInstanceUID=stranger.StudyInstanceUID).items
    assert "Value" not in item["00100020"]
    store(archive, photo(PatientID="P9", StudyInstanceUID=stranger.StudyInstanceUID))
    store(archive, photo(PatientID="", StudyInstanceUID=stranger.StudyInstanceUID))
    assert len(search(archive, Level.INSTANCE, PatientID="P9").items) == 3


def test_of_a_patient_who_is_told_later_nobody_else_is_left(archive: ArchiveService, database: Database) -> None:
    stranger = photo(PatientID="")
    store(archive, stranger)
    store(archive, photo(PatientID="P9", StudyInstanceUID=stranger.StudyInstanceUID))
    every_patient = Search(Level.STUDY, Dataset(), frozenset(), 100, 0)
    answers = archive.queries_for(HERE).ask(every_patient, patients=True).items
    assert values(list(answers), "00100020") == ["P9"]
    assert archive.for_caller(HERE).delete(stranger.StudyInstanceUID) == 2
    assert count(database, PatientRow) == count(database, PatientNameRow) == 0


@pytest.mark.peer
def test_two_who_fill_the_same_patient_at_once_lose_nothing_that_either_told(
    migrated_postgres: Database, storage: FolderStorage
) -> None:
    archive = ArchiveService(migrated_postgres, storage)
    first = photo(PatientID="FILLED", PatientName="", PatientSex="", PatientBirthDate="")
    same = {"PatientID": first.PatientID, "StudyInstanceUID": first.StudyInstanceUID}
    store(archive, first)
    named = photo(**same, PatientName="One^Name", PatientSex="", PatientBirthDate="")
    described = photo(**same, PatientName="Other^Name", PatientSex="F", PatientBirthDate="19700101")
    indexed, go_on = threading.Event(), threading.Event()

    def index(ds: Dataset, *, waiting: bool) -> None:
        with archive.staged([part10(ds)]) as staged, migrated_postgres.write() as unit_of_work:
            archive.index(unit_of_work, HERE, staged, sender=STOW)
            indexed.set()
            assert not waiting or go_on.wait(10)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(index, named, waiting=True)
        assert indexed.wait(10)
        other = pool.submit(index, described, waiting=False)
        wait([other], 0.3)
        go_on.set()
    one.result()
    other.result()
    with migrated_postgres.read() as session:
        row = session.scalars(select(PatientRow).where(PatientRow.patient_id == first.PatientID)).one()
        names = select(PatientNameRow.value).where(PatientNameRow.patient_row_id == row.id)
        assert not any("other" in name.lower() for name in session.scalars(names))
    assert row.attributes["00100010"]["Value"] == [{"Alphabetic": "One^Name"}]
    assert row.attributes["00100040"]["Value"] == [row.sex] == ["F"]
    assert row.attributes["00100030"]["Value"] == ["19700101"]


def test_a_series_that_is_deleted_while_it_is_looked_for_is_made_again(
    archive: ArchiveService, database: Database
) -> None:
    class Deleting:
        """Statements before whose first look for a series all are deleted."""

        def __init__(self, statements: Reader) -> None:
            self._statements, self.is_sqlite = statements, statements.is_sqlite
            self.deletions = iter(("DELETE FROM series_requests", "DELETE FROM series"))

        def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
            if statement.startswith("SELECT id FROM series "):
                for deletion in self.deletions:
                    self._statements.all(deletion)
            return self._statements.all(statement, values)

    ds = photo()
    with archive.staged([part10(ds)]) as staged, database.write() as unit_of_work:
        statements = statements_of(unit_of_work.session)
        before = hierarchy.place(statements, "here", staged.facts)
        deleting = Deleting(statements)
        after = hierarchy._make_series(deleting, "here", before.study_row_id, staged.facts.series)
        assert list(deleting.deletions) == []
        assert statements.all("SELECT id FROM series") == [(after,)]


def test_an_issuer_told_later_joins_a_study_to_the_patient_that_is_known_by_it(
    archive: ArchiveService, database: Database
) -> None:
    named = photo(IssuerOfPatientID="HOSP")
    store(archive, named)
    unnamed = photo()
    store(archive, unnamed)
    assert count(database, PatientRow) == 2
    (outcome,) = store(archive, photo(IssuerOfPatientID="HOSP", StudyInstanceUID=unnamed.StudyInstanceUID))
    assert outcome.status is StoreStatus.STORED
    assert count(database, PatientRow) == 1
    assert len(search(archive, Level.INSTANCE, PatientID=named.PatientID).items) == 3
    assert archive.verify().sound


def test_later_objects_fill_what_the_first_left_open(archive: ArchiveService, database: Database) -> None:
    first = photo(PatientName="", StudyDescription="", AccessionNumber="", ReferringPhysicianName="")
    same = {"StudyInstanceUID": first.StudyInstanceUID, "SeriesInstanceUID": first.SeriesInstanceUID}
    store(archive, first)
    store(archive, photo(**same))
    (item,) = search(archive, PatientName="hong*", AccessionNumber="A1", ReferringPhysicianName="KIM*").items
    assert item["00201208"]["Value"] == [2]
    store(archive, photo(**same, AccessionNumber="A2"))
    assert len(search(archive, AccessionNumber="A1").items) == 1


def test_storing_is_told_in_events_and_audited_once_a_study(archive: ArchiveService, database: Database) -> None:
    with database.read() as session:
        before = last_number(session, SEQUENCE)
    ds = photo()
    store(archive, ds, photo(StudyInstanceUID=ds.StudyInstanceUID))
    with database.read() as session:
        events = read(session, Scope(frozenset({"here"})), after=before, limit=10)
    assert [event.type for event in events] == [EventType.INSTANCE_STORED] * 2
    assert {event.subject for event in events} >= {ds.SOPInstanceUID}
    assert set(events[0].data) == {"study_instance_uid", "series_instance_uid", "sop_instance_uid", "sha256"}
    entry = last_audit(database)
    assert (entry.action, entry.subject, entry.hospital_id) == (Action.IMPORTED, ds.StudyInstanceUID, "here")
    assert entry.detail == {"instances": {"stored": 2}}


def test_received_instances_are_handed_on_the_intakes_own_are_not(database: Database, storage: FolderStorage) -> None:
    received: list[IndexedInstance] = []
    archive = ArchiveService(database, storage, on_received=lambda _unit, instance: received.append(instance))
    photographer = Caller(id="app", roles=frozenset({Role.APP}), hospitals=frozenset({"here"}))
    sent = photo()
    store(archive, sent)
    store(archive, sent)
    file = part10(photo())
    with archive.staged([file]) as staged, database.write() as unit_of_work:
        archive.index(
            unit_of_work, photographer, staged,
            sender=Sender(Origin.INTAKE, "app"), under=Permission.SUBMIT_PHOTOS,
        )  # fmt: skip
    assert [instance.identity.sop_instance_uid for instance in received] == [sent.SOPInstanceUID]
    assert archive.verify().revisions == 2


def test_an_object_known_to_its_maker_is_taken_as_one_that_was_read(archive: ArchiveService) -> None:
    file = part10(photo())
    parts: list[bytes | memoryview] = [file[:500], memoryview(file)[500:]]
    with archive.staged([file]) as was_read:
        said = KnownObject(was_read.identity, was_read.transfer_syntax_uid, was_read.header)
        with archive.staged(parts, said) as known:
            assert (known.facts, known.header) == (was_read.facts, was_read.header)
            assert (known.sha256, known.data_set_sha256) == (was_read.sha256, was_read.data_set_sha256)
    assert archive.verify().objects == 0


def test_an_object_is_not_settled_before_its_unit_of_work_ends(archive: ArchiveService, database: Database) -> None:
    """The blocks the wrong way round: refused, before a row could name an object that is gone."""
    with (
        pytest.raises(RuntimeError),
        database.write() as unit_of_work,
        archive.staged([part10(photo())]) as staged,
    ):
        archive.index(unit_of_work, HERE, staged, sender=STOW)
    report = archive.verify()
    assert (report.sound, report.revisions, report.pending) == (True, 0, 1)
    archive.settle([staged])
    assert archive.verify().objects == 0


def test_a_refused_object_says_so_before_it_is_indexed(archive: ArchiveService, storage: FolderStorage) -> None:
    with pytest.raises(StoreRefused), archive.staged([b"no"]):
        pass
    assert list(storage.pending_keys()) == []


def test_eight_store_the_same_instance_at_once(
    archive: ArchiveService, storage: FolderStorage, database: Database
) -> None:
    file = part10(photo())
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: store(archive, file)[0].status, range(8)))
    assert outcomes == [StoreStatus.STORED] * 8
    assert count(database, InstanceRow) == len(list(storage.keys())) == 1
    assert archive.verify().sound


def test_of_eight_contents_under_one_uid_one_is_stored(archive: ArchiveService, storage: FolderStorage) -> None:
    uid = photo().SOPInstanceUID
    files = [part10(photo(SOPInstanceUID=uid, PatientID=f"P{number}")) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(lambda file: store(archive, file)[0].status, files))
    assert outcomes == [StoreStatus.STORED, *[StoreStatus.DUPLICATE_SOP_INSTANCE] * 7]
    assert len(list(storage.keys())) == 1
    assert archive.verify().sound


def test_eight_store_into_the_same_new_studies_at_once(archive: ArchiveService, database: Database) -> None:
    """Each request has both studies, half of them in the other order: nobody waits for ever."""
    studies = [photo(PatientID="A"), photo(PatientID="B")]

    def request(number: int) -> list[StoreStatus]:
        order = studies if number % 2 else studies[::-1]
        objects = [
            photo(
                PatientID=ds.PatientID,
                StudyInstanceUID=ds.StudyInstanceUID,
                SeriesInstanceUID=ds.SeriesInstanceUID,
                InstanceNumber=number,
            )
            for ds in order
        ]
        return [outcome.status for outcome in store(archive, *objects)]

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(request, range(8)))
    assert outcomes == [[StoreStatus.STORED] * 2] * 8
    assert [count(database, row) for row in (PatientRow, StudyRow, SeriesRow, InstanceRow)] == [2, 2, 2, 16]
    assert count(database, PatientNameRow) == 2 * 4
