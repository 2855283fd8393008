"""What a peer may have sent: found by unique keys within its scope, and entered in the audit trail for each study."""

import pytest
from sqlalchemy import select

from gateway.access.audit import Action, Outcome
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.access.tables import AuditRow
from gateway.archive.errors import UnknownObject
from gateway.archive.service import ArchiveService
from gateway.archive.transferring import TransferKeys
from gateway.database import Database
from tests.integration.archive.acts import HERE, THERE, store
from tests.unit.archive.samples import part10, photo


def uids(archive: ArchiveService, caller: Caller = HERE, most: int = 100, **keys: list[str]) -> list[str]:
    found = archive.transfers_for(caller).find(TransferKeys(**keys), to="PACS", most=most)
    return [instance.sop_instance_uid for instance in found]


def entries(database: Database) -> list[AuditRow]:
    with database.read() as session:
        query = select(AuditRow).where(AuditRow.action == Action.TRANSFERRED).order_by(AuditRow.number)
        rows = list(session.scalars(query))
        session.expunge_all()
    return rows


def test_each_unique_key_finds_its_own_and_several_narrow_each_other(archive: ArchiveService) -> None:
    first = photo(PatientID="A", InstanceNumber=2)
    same = {"StudyInstanceUID": first.StudyInstanceUID, "SeriesInstanceUID": first.SeriesInstanceUID}
    second, other = photo(PatientID="A", InstanceNumber=1, **same), photo(PatientID="B")
    store(archive, first, second, other)
    both = [second.SOPInstanceUID, first.SOPInstanceUID]
    assert uids(archive, patient_ids=["A"]) == both, "by instance number"
    assert uids(archive, study_instance_uids=[first.StudyInstanceUID]) == both
    assert uids(archive, series_instance_uids=[first.SeriesInstanceUID, other.SeriesInstanceUID], most=3) == [
        *both,
        other.SOPInstanceUID,
    ]
    assert uids(archive, patient_ids=["A"], sop_instance_uids=[first.SOPInstanceUID, other.SOPInstanceUID]) == both[1:]
    assert uids(archive, study_instance_uids=["no uid", "1.2.3"]) == []


def test_another_hospitals_are_not_found(archive: ArchiveService) -> None:
    theirs = photo(PatientID="A")
    store(archive, theirs, caller=THERE)
    assert uids(archive, patient_ids=["A"]) == []
    assert uids(archive, THERE, patient_ids=["A"]) == [theirs.SOPInstanceUID]


def test_nobody_gets_everything_by_naming_nothing(archive: ArchiveService) -> None:
    with pytest.raises(ValueError, match="nothing is named"):
        uids(archive)


def test_who_may_not_read_may_not_have_it_sent(archive: ArchiveService) -> None:
    modality = Caller("m", frozenset({Role.MODALITY}), frozenset({"here"}))
    with pytest.raises(NotPermitted):
        uids(archive, modality, patient_ids=["A"])


def test_each_study_is_entered_with_its_count_and_its_destination(archive: ArchiveService, database: Database) -> None:
    one, two = photo(PatientID="A"), photo(PatientID="A")
    store(archive, one, two)
    uids(archive, patient_ids=["A"])
    uids(archive, patient_ids=["nobody"])
    *found, none = entries(database)[-3:]
    assert {row.subject for row in found} == {one.StudyInstanceUID, two.StudyInstanceUID}
    assert [row.detail for row in found] == [{"instances": 1, "to": "PACS"}] * 2
    assert (none.outcome, none.detail["instances"]) == (Outcome.MINOR_FAILURE, 0)
    assert "nobody" not in repr((none.subject, none.detail))


def test_more_than_are_sent_at_once_are_entered_as_none(archive: ArchiveService, database: Database) -> None:
    made = [photo(PatientID="A") for _ in range(4)]
    store(archive, *made)
    before = len(entries(database))
    assert len(uids(archive, patient_ids=["A"], most=2)) == 3, "which says that there are more"
    (entry,) = entries(database)[before:]
    assert (entry.outcome, entry.detail["instances"]) == (Outcome.MINOR_FAILURE, 0)


def test_what_was_found_is_opened_and_what_was_deleted_meanwhile_is_not(
    archive: ArchiveService, database: Database
) -> None:
    ds = photo()
    store(archive, ds)
    transfers = archive.transfers_for(HERE)
    (found,) = transfers.find(TransferKeys(study_instance_uids=[ds.StudyInstanceUID]), to="PACS", most=1)
    with transfers.open(found) as file:
        assert file.read() == part10(ds)
    with database.write() as unit_of_work:
        archive.delete_instance(unit_of_work, HERE, ds.SOPInstanceUID)
    with pytest.raises(UnknownObject):
        transfers.open(found)
