"""Deleting by study, series or instance, for a caller."""

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select

from dicomweb.archive import StoreStatus
from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.archive import scoped
from gateway.archive.indexing import IndexedInstance
from gateway.archive.service import ArchiveService
from gateway.archive.tables import InstanceRow, PatientRow, RevisionRow
from gateway.database import Database
from gateway.delivery.enqueue import enqueue
from gateway.delivery.tables import DeliveryRow
from tests.integration.archive.acts import HERE, STOW, THERE, count, last_audit, store
from tests.integration.delivery.hospital import destination
from tests.unit.archive.samples import part10, photo


def study_of(*series_sizes: int) -> list[Dataset]:
    """Photos of one study: so many in each of its series."""
    first = photo()
    objects = []
    for size in series_sizes:
        series = photo().SeriesInstanceUID
        objects += [
            photo(StudyInstanceUID=first.StudyInstanceUID, SeriesInstanceUID=series, InstanceNumber=number)
            for number in range(1, size + 1)
        ]
    return objects


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.VIEWER, Role.MODALITY, Role.APP])
def test_who_may_read_or_store_may_not_delete(archive: ArchiveService, database: Database, role: Role) -> None:
    ds = photo()
    store(archive, ds)
    with pytest.raises(NotPermitted):
        archive.for_caller(Caller(id="c", roles=frozenset({role}), hospitals=None)).delete(ds.StudyInstanceUID)
    assert count(database, InstanceRow) == 1


def test_another_hospitals_study_is_not_there_and_the_attempt_is_noted(
    archive: ArchiveService, database: Database
) -> None:
    ds = photo()
    store(archive, ds)
    assert archive.for_caller(THERE).delete(ds.StudyInstanceUID) == 0
    assert count(database, InstanceRow) == 1
    entry = last_audit(database)
    assert (entry.action, entry.outcome, entry.subject) == (Action.DELETED, Outcome.MINOR_FAILURE, ds.StudyInstanceUID)


@pytest.mark.parametrize("uid", ["", "*", "../..", "1.2\0"])
def test_what_is_no_uid_deletes_nothing(archive: ArchiveService, database: Database, uid: str) -> None:
    ds = photo()
    store(archive, ds)
    mine = archive.for_caller(HERE)
    assert mine.delete(uid) == mine.delete(ds.StudyInstanceUID, uid) == 0
    assert mine.delete(ds.StudyInstanceUID, ds.SeriesInstanceUID, uid) == 0
    assert count(database, InstanceRow) == 1
    assert uid == "" or uid not in str(last_audit(database).detail)


def test_a_path_through_another_study_deletes_nothing(archive: ArchiveService, database: Database) -> None:
    one, other = photo(), photo()
    store(archive, one, other)
    assert archive.for_caller(HERE).delete(other.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID) == 0
    assert count(database, InstanceRow) == 2


def test_an_instance_a_series_and_a_study_are_deleted_with_all_that_is_theirs(
    archive: ArchiveService, database: Database
) -> None:
    objects, stays = study_of(3, 2), photo()
    store(archive, *objects, stays)
    mine = archive.for_caller(HERE)
    first = objects[0]
    study, series = first.StudyInstanceUID, first.SeriesInstanceUID
    assert mine.delete(study, series, first.SOPInstanceUID) == 1
    assert [found.sop_instance_uid for found in mine.find(study, series)] == [o.SOPInstanceUID for o in objects[1:3]]
    assert mine.delete(study, series) == 2
    assert len(mine.find(study)) == 2
    assert mine.delete(study) == 2
    assert (mine.find(study), mine.delete(study)) == ([], 0)
    assert len(mine.find(stays.StudyInstanceUID)) == 1
    assert count(database, RevisionRow) == count(database, PatientRow) == 1
    assert archive.verify().sound


def test_a_deletion_is_one_entry_of_the_audit_trail(archive: ArchiveService, database: Database) -> None:
    objects = study_of(3)
    store(archive, *objects)
    archive.for_caller(HERE).delete(objects[0].StudyInstanceUID)
    entry = last_audit(database)
    assert (entry.action, entry.caller_id, entry.hospital_id) == ("study-deleted", HERE.id, "here")
    assert (entry.subject, entry.detail) == (objects[0].StudyInstanceUID, {"instances": {"deleted": 3}})


def test_a_large_study_goes_in_pieces(
    archive: ArchiveService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoped, "_DELETED_AT_ONCE", 2)
    objects = study_of(5)
    store(archive, *objects)
    assert archive.for_caller(HERE).delete(objects[0].StudyInstanceUID) == 5
    assert count(database, InstanceRow) == 0


def test_deliveries_that_wait_go_with_their_instance(archive: ArchiveService, database: Database) -> None:
    one, other = photo(), photo()
    with database.write() as unit_of_work:
        for staged in (archive.stage([part10(ds)]) for ds in (one, other)):
            indexed = archive.index(unit_of_work, HERE, staged, sender=STOW)
            assert isinstance(indexed, IndexedInstance)
            enqueue(unit_of_work, "here", indexed.instance_id, 1, [destination(hospital="here")])
    archive.for_caller(HERE).delete(one.StudyInstanceUID)
    with database.read() as session:
        left = session.scalars(
            select(InstanceRow.sop_instance_uid).join(DeliveryRow, DeliveryRow.instance_id == InstanceRow.id)
        ).all()
    assert left == [other.SOPInstanceUID]


def test_what_was_deleted_may_be_stored_again(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    archive.for_caller(HERE).delete(ds.StudyInstanceUID)
    ds.PatientSex = "O"
    assert store(archive, ds)[0].status is StoreStatus.STORED
