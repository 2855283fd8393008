"""Delivery out of the real archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.access.caller import LOCAL_ADMINISTRATOR
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.service import ArchiveService
from gateway.archive.tables import InstanceRow
from gateway.database import Database
from gateway.delivery.source import archive_source
from tests.integration.delivery.hospital import Pacs, destination, part10, queue, states, wait_until, worker_for

UID = "2.25.101"


@pytest.fixture
def archive(sqlite: Database, tmp_path: Path) -> Iterator[ArchiveService]:
    storage = FolderStorage(tmp_path / "objects")
    yield ArchiveService(sqlite, storage)
    storage.close()


def _store(archive: ArchiveService, database: Database, file: bytes) -> int:
    session = archive.begin_store(LOCAL_ADMINISTRATOR, None)
    session.write(file)
    session.end_part()
    [outcome] = session.commit()
    assert outcome.status == 0, outcome.detail
    with database.read() as reading:
        return reading.scalars(select(InstanceRow.id)).one()


def test_the_pacs_gets_the_stored_data_set_to_the_byte(archive: ArchiveService, sqlite: Database, pacs: Pacs) -> None:
    file = part10(UID, 1000).read()
    there = destination(port=pacs.port)
    queue(sqlite, [_store(archive, sqlite, file)], there)
    worker = worker_for(sqlite, there, source=archive_source(archive.instance_for_delivery))
    worker.start()
    wait_until(lambda: states(sqlite) == {"sent": 1}, "it is sent")
    assert worker.stop(10)
    assert file.endswith(pacs.data_sets[UID])
    assert len(pacs.data_sets[UID]) > 1000


def test_the_archive_has_nothing_to_send_of_what_it_does_not_hold(archive: ArchiveService) -> None:
    assert archive_source(archive.instance_for_delivery)(12345, 1) is None


def test_a_revision_that_does_not_exist_is_not_sent_as_another(archive: ArchiveService, sqlite: Database) -> None:
    instance_id = _store(archive, sqlite, part10(UID, 0).read())
    source = archive_source(archive.instance_for_delivery)
    assert source(instance_id, 1) is not None
    assert source(instance_id, 2) is None
