"""Corrections, deletions, and whether files and index agree whatever happens."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from dicomweb.archive import Level, StoreStatus
from gateway.access.caller import Caller, NotPermitted, Role, Scope
from gateway.archive.errors import StorageError, StudyMismatch, UnknownInstance
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.indexing import IndexedInstance
from gateway.archive.service import ArchiveService
from gateway.archive.storage import Kind
from gateway.archive.tables import InstanceRow, PatientNameRow, PatientRow, RemovedObjectRow, SeriesRow, StudyRow
from gateway.database import Database
from gateway.events.log import SEQUENCE, EventType, read
from gateway.events.sequencer import last_number
from tests.integration.archive.acts import HERE, THERE, count, search, store, values
from tests.unit.archive.samples import part10, photo


def revise(
    archive: ArchiveService, database: Database, *objects: Dataset, caller: Caller = HERE
) -> list[IndexedInstance]:
    staged = [archive.stage([part10(ds)]) for ds in objects]
    try:
        with database.write() as unit_of_work:
            return archive.revise(unit_of_work, caller, staged, reason="the name was wrong")
    finally:
        archive.settle(staged)


def delete(archive: ArchiveService, database: Database, ds: Dataset, caller: Caller = HERE) -> None:
    with database.write() as unit_of_work:
        archive.delete_instance(unit_of_work, caller, ds.SOPInstanceUID)


def path_of(storage: FolderStorage, key: str) -> Path:
    with storage.open(key) as stream:
        return Path(stream.name)


@pytest.mark.parametrize("change", [{"StudyInstanceUID": "1.2"}, {"SeriesInstanceUID": "1.2"}, {"SOPClassUID": "1.2"}])
def test_a_correction_stays_where_it_is(archive: ArchiveService, database: Database, change: dict[str, str]) -> None:
    ds = photo()
    store(archive, ds)
    for keyword, value in change.items():
        setattr(ds, keyword, value)
    with pytest.raises(StudyMismatch):
        revise(archive, database, ds)
    assert (archive.verify().revisions, archive.verify().objects) == (1, 1)


def test_another_hospitals_instance_is_neither_corrected_nor_deleted(
    archive: ArchiveService, database: Database
) -> None:
    ds = photo()
    store(archive, ds)
    with pytest.raises(UnknownInstance):
        revise(archive, database, ds, caller=THERE)
    with pytest.raises(UnknownInstance):
        delete(archive, database, ds, caller=THERE)
    assert (archive.verify().revisions, archive.verify().objects) == (1, 1)


def test_the_patient_is_corrected_in_a_whole_study_or_not_at_all(archive: ArchiveService, database: Database) -> None:
    one = photo(PatientID="UNID-7")
    two = photo(PatientID="UNID-7", StudyInstanceUID=one.StudyInstanceUID)
    store(archive, one, two)
    for ds in (one, two):
        ds.PatientID, ds.PatientName = "P7", "Kim^Known"
    with pytest.raises(StudyMismatch):
        revise(archive, database, one)
    assert search(archive, PatientID="P7").items == []
    revised = revise(archive, database, one, two)
    assert [instance.revision for instance in revised] == [2, 2]
    assert values(search(archive, PatientID="P7", PatientName="kim*").items, "00201208") == [2]
    assert search(archive, PatientID="UNID-7").items == search(archive, PatientName="hong*").items == []
    assert count(database, PatientRow) == 1
    assert archive.verify().sound


def test_what_one_of_the_corrected_objects_leaves_out_another_tells(
    archive: ArchiveService, database: Database
) -> None:
    whole = photo()
    bare = photo(
        StudyInstanceUID=whole.StudyInstanceUID, SeriesInstanceUID=whole.SeriesInstanceUID, StudyDescription="",
        ReferringPhysicianName="", PatientBirthDate="", PatientName="",
    )  # fmt: skip
    store(archive, whole, bare)
    for ds in (whole, bare):
        ds.PatientID, ds.AccessionNumber = "P8", "A8"
    revise(archive, database, whole, bare)
    born = str(whole.PatientBirthDate)
    found = search(
        archive, PatientID="P8", AccessionNumber="A8", PatientName="hong*", PatientBirthDate=born,
        StudyDescription="Mole*",
    )  # fmt: skip
    assert len(found.items) == 1
    assert archive.verify().sound


@pytest.mark.parametrize("is_known_by_it", [False, True])
def test_a_patient_whose_issuer_is_told_late_is_the_one_that_it_names(
    archive: ArchiveService, database: Database, is_known_by_it: bool
) -> None:
    ds = photo()
    store(archive, ds)
    if is_known_by_it:
        store(archive, photo(IssuerOfPatientID="HOSPITAL"))
        assert count(database, PatientRow) == 2
    ds.IssuerOfPatientID = "HOSPITAL"
    revise(archive, database, ds)
    assert len(search(archive, PatientID="P1", IssuerOfPatientID="HOSPITAL").items) == 1 + is_known_by_it
    assert count(database, PatientRow) == 1


def test_a_correction_is_a_new_revision_and_the_old_one_stays(archive: ArchiveService, database: Database) -> None:
    ds = photo()
    store(archive, ds)
    old = part10(ds)
    with database.read() as session:
        before = last_number(session, SEQUENCE)
    ds.PatientName, ds.StudyDescription, ds.InstanceNumber = "Lee^Right", "", 5
    (revised,) = revise(archive, database, ds)
    mine = archive.for_caller(HERE)
    (found,) = mine.find(ds.StudyInstanceUID)
    assert (revised.revision, revised.sha256) == (2, found.sha256)
    with mine.open(found) as stream:
        assert stream.read() == part10(ds)
    with archive.instance_for_delivery(HERE, revised.instance_id, 1).open() as stream:
        assert stream.read() == old
    assert len(search(archive, PatientName="lee*").items) == 1
    assert search(archive, PatientName="hong*").items == search(archive, StudyDescription="Mole*").items == []
    assert values(search(archive, Level.INSTANCE, InstanceNumber="5").items, "00080018") == [ds.SOPInstanceUID]
    with database.read() as session:
        events = read(session, Scope(None), after=before, limit=10)
    assert [event.type for event in events] == [EventType.INSTANCE_CORRECTED]
    assert store(archive, old)[0].status is StoreStatus.STORED
    assert archive.verify().revisions == 2


def test_deleting_needs_the_permission(archive: ArchiveService, database: Database) -> None:
    ds = photo()
    store(archive, ds)
    with pytest.raises(NotPermitted):
        delete(archive, database, ds, Caller(id="c", roles=frozenset({Role.CLINICIAN}), hospitals=None))


def test_a_deleted_instance_leaves_nothing(archive: ArchiveService, database: Database, storage: FolderStorage) -> None:
    ds = photo()
    store(archive, ds)
    ds.PatientSex = "O"
    revise(archive, database, ds)
    with database.read() as session:
        before = last_number(session, SEQUENCE)
    delete(archive, database, ds)
    rows = (InstanceRow, SeriesRow, StudyRow, PatientRow, PatientNameRow)
    assert not any(count(database, row) for row in rows)
    assert list(storage.keys()) == []
    with database.read() as session:
        (event,) = read(session, Scope(None), after=before, limit=10)
    assert (event.type, event.subject) == (EventType.INSTANCE_DELETED, ds.SOPInstanceUID)
    assert archive.recover() == 2
    assert count(database, RemovedObjectRow) == 0
    assert store(archive, ds)[0].status is StoreStatus.STORED


def test_deleting_one_of_two_leaves_the_study(archive: ArchiveService, database: Database) -> None:
    one = photo()
    two = photo(StudyInstanceUID=one.StudyInstanceUID)
    store(archive, one, two)
    delete(archive, database, one)
    (study,) = search(archive, PatientName="hong*").items
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([1], [1])


def test_a_file_that_could_not_be_removed_is_removed_later(
    archive: ArchiveService, database: Database, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_key: str) -> None:
        raise StorageError("busy")

    ds = photo()
    store(archive, ds)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", fail)
        delete(archive, database, ds)
    report = archive.verify()
    assert (report.sound, report.awaiting_removal, report.objects) == (True, 1, 1)
    archive.recover()
    assert (archive.verify().awaiting_removal, archive.verify().objects) == (0, 0)


def test_each_kind_of_damage_is_found(archive: ArchiveService, storage: FolderStorage) -> None:
    store(archive, *(photo() for _ in range(4)))
    gone, shorter, changed, _whole = list(storage.keys())
    path_of(storage, gone).unlink()
    path_of(storage, shorter).write_bytes(path_of(storage, shorter).read_bytes()[:-1])
    content = bytearray(path_of(storage, changed).read_bytes())
    content[-20] ^= 1
    path_of(storage, changed).write_bytes(content)
    stray = storage.begin(Kind.DICOM)
    stray.finish()
    stray.keep()
    report = archive.verify()
    assert not report.sound
    assert (report.missing, report.wrong_size, report.wrong_content) == ([gone], [shorter], [changed])
    assert (report.unknown, report.faults, report.revisions) == ([stray.key], 4, 4)
    quick = archive.verify(quick=True)
    assert (quick.wrong_content, quick.faults) == ([], 3)


def test_what_others_know_and_what_is_under_way_is_no_damage(database: Database, storage: FolderStorage) -> None:
    picture, underway = storage.begin(Kind.JPEG), storage.begin(Kind.DICOM)
    for pending in (picture, underway):
        pending.finish()
    picture.keep()
    archive = ArchiveService(database, storage, other_keys=lambda keys: keys & {picture.key})
    report = archive.verify()
    assert (report.sound, report.objects, report.pending) == (True, 2, 1)


DYING = """
import os, signal, sys
from pathlib import Path
from gateway.access.caller import Caller, Role
from gateway.archive import service as module
from gateway.archive.folder_storage import FolderObject, FolderStorage
from gateway.database import Database, UnitOfWork

url, root, step, file = sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]).read_bytes()

def die(*_arguments, **_keywords):
    os.kill(os.getpid(), signal.SIGKILL)

archive = module.ArchiveService(Database(url), FolderStorage(root))
session = archive.begin_store(Caller("dying", frozenset({Role.ADMINISTRATOR}), frozenset({"here"})), None)
session.write(file)
session.end_part()
if step == "received": die()
if step == "finished": module.insert_instance = die
if step == "indexed": UnitOfWork.commit = die
if step == "committed": FolderObject.keep = die
session.commit()
print("stored", flush=True)
die()
"""


@pytest.mark.parametrize("step", ["received", "finished", "indexed", "committed", "answered"])
def test_after_a_death_at_any_moment_files_and_index_agree(
    database: Database, tmp_path: Path, reopened: Callable[[], ArchiveService], step: str
) -> None:
    ds = photo()
    (tmp_path / "sent.dcm").write_bytes(part10(ds))
    command: list[str | Path] = [
        sys.executable,
        "-c",
        DYING,
        database.url,
        tmp_path / "objects",
        step,
        tmp_path / "sent.dcm",
    ]
    died = subprocess.run(command, capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    archive = reopened()
    archive.recover()
    committed = step in ("committed", "answered")
    assert (died.stdout.strip() == "stored") == (step == "answered")
    report = archive.verify()
    assert report.sound
    assert (report.revisions, report.objects, report.pending) == (committed, committed, 0)
    assert store(archive, ds)[0].status is StoreStatus.STORED
    assert len(archive.for_caller(HERE).find(ds.StudyInstanceUID)) == 1
