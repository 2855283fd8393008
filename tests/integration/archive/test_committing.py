"""Storage commitment: only for what is there, as it came, and may be seen."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import update

from dicomweb.services.commitment.values import FailureReason, Reference, TransactionInUse
from gateway.access.caller import Caller, NotPermitted, Role
from gateway.archive.committing import RESULTS_KEPT, ArchiveCommitments, forget_results
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.archive.tables import CommitmentRow
from gateway.database import Database, now
from tests.integration.archive.acts import EVERYWHERE, HERE, THERE, store
from tests.unit.archive.samples import photo

TRANSACTION = "1.2.3.900"


def reference(ds: Dataset) -> Reference:
    return Reference(str(ds.SOPClassUID), str(ds.SOPInstanceUID))


def modality(*roles: Role) -> Caller:
    return Caller("key:modality", frozenset(roles), frozenset({"here"}))


def failures(archive: ArchiveService, *instances: Dataset, caller: Caller = HERE, uid: str = TRANSACTION) -> list[Any]:
    verdicts = archive.commitments_for(caller).commit(uid, [reference(one) for one in instances])
    return [one.failure for one in verdicts]


def test_what_is_stored_is_committed_and_what_is_not_is_not(archive: ArchiveService) -> None:
    kept, lost = photo(), photo()
    store(archive, kept)
    assert failures(archive, kept, lost) == [None, FailureReason.NO_SUCH_INSTANCE]


def test_many_are_answered_in_their_order(archive: ArchiveService) -> None:
    kept = [photo() for _ in range(3)]
    store(archive, *kept)
    asked = [one for pair in zip(kept, (photo() for _ in range(3)), strict=True) for one in pair]
    assert failures(archive, *asked) == [None, FailureReason.NO_SUCH_INSTANCE] * 3


def test_bytes_that_changed_on_the_disk_are_not_committed(archive: ArchiveService, tmp_path: Path) -> None:
    ds = photo()
    store(archive, ds)
    (path,) = (tmp_path / "objects").rglob("*.dcm")
    spoilt = bytearray(path.read_bytes())
    spoilt[-20] ^= 1
    path.chmod(0o600)
    path.write_bytes(spoilt)
    assert failures(archive, ds) == [FailureReason.PROCESSING_FAILURE]


def test_a_file_that_is_gone_is_not_committed(archive: ArchiveService, tmp_path: Path) -> None:
    ds = photo()
    store(archive, ds)
    (path,) = (tmp_path / "objects").rglob("*.dcm")
    path.unlink()
    assert failures(archive, ds) == [FailureReason.PROCESSING_FAILURE]


def test_another_class_is_a_conflict(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    ds.SOPClassUID = "1.2.3"
    assert failures(archive, ds) == [FailureReason.CLASS_INSTANCE_CONFLICT]


def test_another_hospitals_instances_do_not_exist(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    assert failures(archive, ds, caller=THERE) == [FailureReason.NO_SUCH_INSTANCE]
    assert failures(archive, ds, caller=EVERYWHERE) == [None]


def test_a_patient_is_told_of_their_own_alone(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    patient = Caller("key:patient", frozenset({Role.VIEWER}), frozenset({"here"}), patient="999999")
    assert failures(archive, ds, caller=patient) == [FailureReason.NO_SUCH_INSTANCE]


@pytest.mark.parametrize("role", [Role.MODALITY, Role.VIEWER])
def test_who_stores_or_reads_may_ask(archive: ArchiveService, role: Role) -> None:
    ds = photo()
    store(archive, ds)
    assert failures(archive, ds, caller=modality(role)) == [None]


def test_others_may_not_ask(archive: ArchiveService) -> None:
    with pytest.raises(NotPermitted):
        failures(archive, photo(), caller=modality(Role.TRAINER))
    with pytest.raises(NotPermitted):
        archive.commitments_for(modality(Role.MONITOR)).result(TRANSACTION)


def test_a_request_reads_so_much_and_no_more(database: Database, storage: FolderStorage) -> None:
    archive = ArchiveService(database, storage)
    first, second = photo(), photo()
    store(archive, first, second)
    commitments = ArchiveCommitments(database, storage, HERE, most_bytes=3000)
    verdicts = commitments.commit(TRANSACTION, [reference(first), reference(second)])
    assert [one.failure for one in verdicts] == [None, FailureReason.RESOURCE_LIMITATION]


def test_the_result_is_kept_for_who_asked(archive: ArchiveService) -> None:
    ds = photo()
    store(archive, ds)
    verdicts = archive.commitments_for(HERE).commit(TRANSACTION, [reference(ds), reference(photo())])
    assert archive.commitments_for(HERE).result(TRANSACTION) == verdicts
    assert archive.commitments_for(modality(Role.MODALITY)).result(TRANSACTION) is None
    assert archive.commitments_for(THERE).result(TRANSACTION) is None


def test_a_transaction_uid_is_good_for_one_request_of_a_hospital(archive: ArchiveService) -> None:
    failures(archive, photo())
    with pytest.raises(TransactionInUse):
        failures(archive, photo())
    assert failures(archive, photo(), caller=THERE)


def test_results_leave_with_time(archive: ArchiveService, database: Database) -> None:
    failures(archive, photo())
    with database.write() as unit_of_work:
        unit_of_work.session.execute(update(CommitmentRow).values(requested_at=now() - RESULTS_KEPT * 2))
        forget_results(unit_of_work)
    assert archive.commitments_for(HERE).result(TRANSACTION) is None
