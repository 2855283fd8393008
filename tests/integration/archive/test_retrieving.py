"""Reading what is stored: spans, metadata, bulk data, for delivery."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from dicomweb.archive import InstanceGoneError, StoredInstance
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.access.tables import AuditRow
from gateway.archive.errors import UnknownInstance, UnknownObject
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.indexing import IndexedInstance
from gateway.archive.service import ArchiveService
from gateway.database import Database
from tests.integration.archive.acts import EVERYWHERE, HERE, STOW, THERE, last_audit, store
from tests.unit.archive.samples import PICTURE, part10, photo


def test_another_hospitals_instance_is_not_there(archive: ArchiveService, database: Database) -> None:
    ds = photo()
    store(archive, ds)
    theirs = archive.for_caller(THERE)
    assert theirs.find(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID) == []
    entry = last_audit(database)
    assert (entry.outcome, entry.detail["instances"]) == (Outcome.MINOR_FAILURE, 0)


@pytest.mark.parametrize("uid", ["", "*", "1.2\0", "x" * 5000])
def test_what_is_no_uid_finds_nothing(archive: ArchiveService, uid: str) -> None:
    assert archive.for_caller(HERE).find(uid) == []
    assert archive.for_caller(HERE).find("1.2", uid, uid) == []


def test_only_what_was_found_is_opened(archive: ArchiveService) -> None:
    made_up = StoredInstance("1", "2", "3", "4", "5", 6, "7", 8)
    with pytest.raises(TypeError):
        archive.for_caller(HERE).open(made_up)


def test_a_caller_without_the_permission_reads_nothing(archive: ArchiveService) -> None:
    modality = archive.for_caller(Caller(id="m", roles=frozenset({Role.MODALITY}), hospitals=None))
    with pytest.raises(NotPermitted):
        modality.find("1.2")
    with pytest.raises(NotPermitted):
        modality.metadata([])


def test_what_is_deleted_between_finding_and_reading_is_told(archive: ArchiveService, database: Database) -> None:
    ds = photo()
    store(archive, ds)
    mine = archive.for_caller(HERE)
    (found,) = mine.find(ds.StudyInstanceUID)
    with database.write() as unit_of_work:
        archive.delete_instance(unit_of_work, HERE, ds.SOPInstanceUID)
    with pytest.raises(InstanceGoneError):
        list(mine.metadata([found]))
    with pytest.raises(InstanceGoneError):
        mine.frames(found)
    with pytest.raises(InstanceGoneError):
        mine.open(found)


def test_what_took_the_place_of_a_deleted_instance_is_never_read_for_it(archive: ArchiveService) -> None:
    """SQLite gives the highest id out again, here to another hospital's."""
    ds = photo()
    store(archive, ds)
    mine = archive.for_caller(HERE)
    (found,) = mine.find(ds.StudyInstanceUID)
    mine.delete(ds.StudyInstanceUID)
    store(archive, photo(), caller=THERE)
    with pytest.raises(InstanceGoneError):
        list(mine.metadata([found]))
    with pytest.raises(InstanceGoneError):
        mine.frames(found)
    with pytest.raises(InstanceGoneError):
        mine.bulk_data(found, "7FE00010")
    with pytest.raises(InstanceGoneError):
        mine.open(found)


def test_a_file_that_is_missing_though_its_instance_was_not_deleted_is_a_failure(
    archive: ArchiveService, storage: FolderStorage
) -> None:
    ds = photo()
    store(archive, ds)
    mine = archive.for_caller(HERE)
    (found,) = mine.find(ds.StudyInstanceUID)
    (key,) = storage.keys()
    storage.delete(key)
    with pytest.raises(UnknownObject):
        mine.open(found)


def test_a_stored_instance_tells_what_it_is(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    (found,) = archive.for_caller(HERE).find(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)
    assert (found.sop_class_uid, found.transfer_syntax_uid) == (ds.SOPClassUID, "1.2.840.10008.1.2.4.50")
    assert (found.number_of_frames, found.size_bytes) == (1, len(part10(ds)))


def test_frames_and_bulk_data_are_where_the_index_says(archive: ArchiveService) -> None:
    ds = photo(ICCProfile=b"p" * 3000)
    store(archive, ds)
    mine = archive.for_caller(HERE)
    (found,) = mine.find(ds.StudyInstanceUID)
    ((frame,),) = mine.frames(found)
    (profile,) = mine.bulk_data(found, "00282000")
    assert mine.bulk_data(found, "7FE00010") == [frame]
    assert mine.bulk_data(found, "00420011") == []
    with mine.open(found) as stream:
        stream.seek(frame.offset)
        assert stream.read(frame.length) == PICTURE
        stream.seek(profile.offset)
        assert stream.read(profile.length) == b"p" * 3000


def test_metadata_is_the_header_without_bulk(archive: ArchiveService) -> None:
    ds = photo()
    others = [photo(StudyInstanceUID=ds.StudyInstanceUID, InstanceNumber=number) for number in range(2, 70)]
    store(archive, ds, *others)
    mine = archive.for_caller(HERE)
    found = mine.find(ds.StudyInstanceUID)
    headers = list(mine.metadata(found))
    assert [header["00080018"]["Value"][0] for header in headers] == [one.sop_instance_uid for one in found]
    assert headers[0]["7FE00010"] == {"vr": "OB", "BulkDataURI": "bulkdata/7FE00010"}
    assert headers[0]["00080005"]["Value"] == ["ISO_IR 192"]


def test_a_retrieval_is_audited_once(archive: ArchiveService, database: Database) -> None:
    ds = photo()
    store(archive, ds)
    mine = archive.for_caller(HERE)
    with database.read() as session:
        before = session.scalar(select(func.count()).select_from(AuditRow)) or 0
    (found,) = mine.find(ds.StudyInstanceUID, ds.SeriesInstanceUID)
    list(mine.metadata([found]))
    mine.frames(found)
    mine.open(found).close()
    entry = last_audit(database)
    assert (entry.action, entry.subject, entry.caller_id) == (Action.ACCESSED, ds.StudyInstanceUID, HERE.id)
    assert entry.detail == {"instances": 1, "series": ds.SeriesInstanceUID}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == before + 1


def test_every_one_of_many_readers_is_audited(archive: ArchiveService, database: Database) -> None:
    caller = Caller(id="many", roles=frozenset({Role.VIEWER}), hospitals=None)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: archive.for_caller(caller).find(f"1.2.{number}"), range(40)))
    with database.read() as session:
        query = select(AuditRow.subject).where(AuditRow.caller_id == "many").order_by(AuditRow.number.desc()).limit(40)
        assert set(session.scalars(query)) == {f"1.2.{number}" for number in range(40)}


def test_without_its_audit_entry_nothing_is_read(
    archive: ArchiveService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("BEGIN", {}, Exception("gone"))

    monkeypatch.setattr(database, "write", fail)
    with pytest.raises(OperationalError):
        archive.for_caller(HERE).find("1.2.3")


def test_one_revision_is_opened_for_delivery(archive: ArchiveService, database: Database) -> None:
    ds = photo()
    file = part10(ds)
    with archive.staged([file]) as staged, database.write() as unit_of_work:
        indexed = archive.index(unit_of_work, HERE, staged, sender=STOW)
    assert isinstance(indexed, IndexedInstance)
    found = archive.instance_for_delivery(EVERYWHERE, indexed.instance_id, 1)
    assert (found.identity, found.hospital_id, found.size_bytes) == (indexed.identity, "here", len(file))
    with found.open() as stream:
        assert stream.read() == file
    for caller, revision in ((THERE, 1), (HERE, 2)):
        with pytest.raises(UnknownInstance):
            archive.instance_for_delivery(caller, indexed.instance_id, revision)
